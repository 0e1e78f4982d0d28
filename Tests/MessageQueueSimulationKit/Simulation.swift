import MessageQueue
import SimulationKit

/// What happens at some moment of simulated time.
enum Occurrence: Sendable {
  case tick(node: Int, life: Int)
  case endOfBatch(node: Int, life: Int)
  case delivery([Message], from: Int, to: Int)
  case diskDone(node: Int, life: Int, sequence: PersistSequence)
  case snapshotDone(node: Int, life: Int, Snapshot)
  case request(Operation, id: RequestID, node: Int, life: Int)
  case restart(node: Int)
  case fault
  case heal(partition: Int)
  case invoke(client: Int)
  case clientTimeout(client: Int, request: RequestID)

  /// The node to which it happens inside the node itself: it waits while the node is paused.
  var pausableNode: Int? {
    switch self {
    case .tick(let node, _), .endOfBatch(let node, _), .diskDone(let node, _, _), .snapshotDone(let node, _, _),
      .request(_, _, let node, _):
      node
    case .delivery(_, _, let to): to
    case .restart, .fault, .heal, .invoke, .clientTimeout: nil
    }
  }
}

/// A whole cluster with network, disks, faults and clients in one thread of simulated time: the seed decides everything.
///
/// The life of a seed: clients start, faults strike at random for ``SimulationOptions/faultTime``, everything heals, and
/// within ``SimulationOptions/recoveryTime`` all replicas must agree, and what clients were promised must be there.
/// ``Observer`` checks after every batch.
public struct Simulation {
  let options: SimulationOptions
  let seed: UInt64
  var random: SeededGenerator
  var now: Nanoseconds = 0
  var occurrences = EventQueue<Occurrence>()
  var nodes: [SimulatedNode]
  var network: SimulatedNetwork
  var clients: [SimulatedClient]
  var observer = Observer()
  var result: SeedResult
  var nextRequest: RequestID = 1
  var cuts = 0
  var isHealed = false

  public init(seed: UInt64, options: SimulationOptions = SimulationOptions()) {
    self.options = options
    self.seed = seed
    random = SeededGenerator(seed: seed)
    nodes = (1...options.nodes).map { SimulatedNode(id: NodeID($0)) }
    network = SimulatedNetwork(nodes: options.nodes)
    clients = (0..<options.clients).map { SimulatedClient(number: $0) }
    result = SeedResult(seed: seed)
  }

  /// Runs the seed to its end, or to the first broken promise.
  public mutating func run() -> SeedResult {
    do {
      try start()
      try play(until: options.faultTime)
      try healEverything()
      try play(until: options.faultTime + options.recoveryTime)
      try checkRecovery()
    } catch let violation as Violation {
      result.violation = violation
    } catch {
      result.violation = Violation("Recovery", "\(error)")
    }
    result.lost = network.lost
    result.duplicated = network.duplicated
    result.reordered = network.reordered
    observer.report(to: &result)
    return result
  }

  private mutating func start() throws {
    for node in nodes.indices { try boot(node) }
    for client in clients.indices {
      occurrences.insert(.invoke(client: client), at: random.time(0..<100 * millisecond))
    }
    occurrences.insert(.fault, at: random.time(200 * millisecond..<600 * millisecond))
  }

  private mutating func play(until end: Nanoseconds) throws {
    while now < end, let (time, occurrence) = occurrences.popFirst() {
      now = time
      if let node = occurrence.pausableNode, nodes[node].pausedUntil > now {
        occurrences.insert(occurrence, at: nodes[node].pausedUntil)
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
      occurrences.insert(.tick(node: node, life: life), at: now + options.tickInterval)
      try step(node, .tick)
    case .endOfBatch(let node, let life):
      guard nodes[node].life == life else { return }
      nodes[node].batchIsOpen = false
      try step(node, .endOfBatch)
    case .delivery(let messages, let from, let to): try step(to, .received(messages, from: nodes[from].id))
    case .diskDone(let node, let life, let sequence):
      guard nodes[node].life == life else { return }
      let isLie = options.canary == .lyingDisk && random.chance(percent: 70)
      if !isLie { nodes[node].disk.sync(upTo: sequence) }
      try step(node, .persisted(sequence))
    case .snapshotDone(let node, let life, let snapshot):
      guard nodes[node].life == life else { return }
      result.snapshots += 1
      nodes[node].disk.save(snapshot)
      try step(node, .snapshotSaved(number: snapshot.number))
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

  /// Everybody is up; each partition has one leader, with all replicas in sync and in agreement; and everything that was
  /// promised is there.
  private mutating func checkRecovery() throws {
    for id in observer.partitions {
      let replicas = nodes.compactMap { node in node.broker?.replica(of: id).map { (node.id, $0) } }
      let leaders = replicas.filter { $0.1.isr != nil }
      let described = replicas.map { node, replica in
        "node \(node): epoch \(replica.epoch), leader \(replica.leader ?? 0), in sync \(replica.isr ?? []), "
          + "end \(replica.log.end), committed \(replica.highWatermark)"
      }
      guard leaders.count == 1, let leader = leaders.first, leader.1.isr?.count == min(3, options.nodes),
        replicas.count == min(3, options.nodes),
        replicas.allSatisfy({ $0.1.highWatermark == leader.1.log.end && $0.1.log.end == leader.1.log.end })
      else { throw Violation("Recovery", "\(id): \(described.joined(separator: "; "))") }
    }
    try observer.checkEnd()
  }
}
