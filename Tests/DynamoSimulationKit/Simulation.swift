import DynamoRing
import SimulationKit

/// A whole cluster with network, disks, faults and clients in one thread of simulated time: the seed decides everything.
///
/// The life of a seed: clients start, faults strike at random for ``SimulationOptions/faultTime``, everything heals, and
/// within ``SimulationOptions/recoveryTime`` all replicas must hold the same. Then ``Observer`` compares that with what
/// clients were told.
public struct Simulation {
  let options: SimulationOptions
  let seed: UInt64
  var random: SeededGenerator
  var now: Nanoseconds = 0
  var queue = EventQueue<Occurrence>()
  var nodes: [SimulatedNode]
  var network: SimulatedNetwork
  var clients: [SimulatedClient]
  var observer: Observer
  var result: SeedResult
  var nextRequest: RequestID = 1
  var partitions = 0
  var isHealed = false

  public init(seed: UInt64, options: SimulationOptions = SimulationOptions()) {
    self.options = options
    self.seed = seed
    random = SeededGenerator(seed: seed)
    nodes = (1...options.nodes).map { SimulatedNode(id: NodeID($0)) }
    network = SimulatedNetwork(nodes: options.nodes)
    clients = (0..<options.clients).map { SimulatedClient(isSticky: !$0.isMultiple(of: 3)) }
    observer = Observer(options.configuration(of: 1, seed: seed, life: 0))
    result = SeedResult(seed: seed)
  }

  /// Runs the seed to its end, or to the first broken promise.
  public mutating func run() -> SeedResult {
    do {
      try start()
      try play(until: options.faultTime)
      try healEverything()
      try play(until: options.faultTime + options.recoveryTime)
      try observer.checkEnd(nodes.map(\.core))
    } catch let violation as BrokenInvariant {
      result.violation = violation
    } catch {
      result.violation = BrokenInvariant("Recovery", "\(error)")
    }
    result.finish(network, nodes.compactMap(\.core))
    return result
  }

  private mutating func start() throws {
    for node in nodes.indices { try boot(node) }
    for client in clients.indices { queue.insert(.invoke(client: client), at: random.time(0..<100 * millisecond)) }
    queue.insert(.fault, at: random.time(200 * millisecond..<600 * millisecond))
  }

  private mutating func play(until end: Nanoseconds) throws {
    while now < end, let (time, occurrence) = queue.popFirst() {
      now = time
      if let node = occurrence.pausableNode, nodes[node].pausedUntil > now {
        queue.insert(occurrence, at: nodes[node].pausedUntil)
        continue
      }
      result.events += 1
      try handle(occurrence)
    }
  }

  private mutating func handle(_ occurrence: Occurrence) throws {
    switch occurrence {
    case .tick(let node, let life):
      guard nodes[node].life == life else { return }
      queue.insert(.tick(node: node, life: life), at: now + options.tickInterval)
      try step(node, .tick(wall: nodes[node].clock.reading(at: now)))
    case .endOfBatch(let node, let life):
      guard nodes[node].life == life else { return }
      nodes[node].batchIsOpen = false
      try step(node, .endOfBatch)
    case .delivery(let message, let from, let to): try step(to, .received(message, from: nodes[from].id))
    case .diskDone(let node, let life, let sequence): try diskDone(node, life: life, sequence: sequence)
    case .snapshotDone(let node, let life, let snapshot):
      guard nodes[node].life == life else { return }
      result.snapshots += 1
      nodes[node].disk.save(snapshot)
      try step(node, .snapshotSaved)
    case .request(let operation, let id, let node, let life):
      // The node crashed with the connection open: the client gets no answer.
      if nodes[node].life == life { try step(node, .request(operation, id: id)) }
    case .restart(let node): try boot(node)
    case .fault: strike()
    case .heal(let partition): network.heal(partition)
    case .invoke(let client): try invoke(client)
    case .clientTimeout(let client, let request): try clientTimedOut(client, request: request)
    }
  }
}
