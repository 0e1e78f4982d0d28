import SimulationKit
import PaxosLog

/// A whole cluster with network, disks, faults and clients in one thread of simulated time: the seed decides everything.
///
/// The life of a seed: clients start, faults strike at random for ``SimulationOptions/faultTime``, everything heals, and
/// within ``SimulationOptions/recoveryTime`` all nodes must agree. ``Observer`` checks after every single step.
public struct Simulation {
  let options: SimulationOptions
  let seed: UInt64
  var random: SeededGenerator
  var now: Nanoseconds = 0
  var queue = EventQueue<Occurrence>()
  var nodes: [SimulatedNode]
  var disks: [SimulatedDisk]
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
    disks = Array(repeating: SimulatedDisk(), count: options.nodes)
    network = SimulatedNetwork(nodes: options.nodes)
    clients = Array(repeating: SimulatedClient(), count: options.clients)
    observer = Observer(options, SessionLimits())
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
    result.finish(observer, network)
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
      try step(node, .tick)
    case .endOfBatch(let node, let life):
      guard nodes[node].life == life else { return }
      nodes[node].batchIsOpen = false
      try step(node, .endOfBatch)
    case .delivery(let message, let from, let to): try step(to, .received(message, from: nodes[from].id))
    case .diskDone(let node, let life, let sequence): try diskDone(node, life: life, sequence: sequence)
    case .snapshotDone(let node, let life, let snapshot):
      guard nodes[node].life == life else { return }
      result.snapshots += 1
      disks[node].save(snapshot)
      try step(node, .snapshotSaved(through: snapshot.through))
    case .request(let operation, let id, let node, let life):
      // The node crashed with the connection open: the client gets no answer.
      if nodes[node].life == life { try step(node, .request(operation, id: id)) }
    case .restart(let node): try boot(node)
    case .crash(let node, let life): if nodes[node].life == life { crashAndRestart(node) }
    case .fault: strike()
    case .heal(let partition): network.heal(partition)
    case .invoke(let client): try invoke(client)
    case .clientTimeout(let client, let request): try clientTimedOut(client, request: request)
    }
  }

  /// Everybody is up, agrees on one sequence, and applied it.
  private func checkRecovery() throws {
    let last = observer.applied.reference.lastSlot
    for node in nodes {
      guard let core = node.core else { throw Violation("Recovery", "node \(node.id) is down") }
      guard core.chosenThrough == last, core.isHealthy(at: node.clock(at: now)) else {
        throw Violation(
          "Recovery",
          "node \(node.id) (\(core.role.rawValue), promised \(core.promised), leader \(core.leader ?? 0)) applied "
            + "\(core.chosenThrough) of \(last) slots after the heal")
      }
    }
  }
}

// A node's shell.
extension Simulation {
  mutating func boot(_ node: Int) throws {
    // The final heal may have been faster than a planned restart.
    guard nodes[node].core == nil else { return }
    var configuration = Configuration(id: nodes[node].id, members: nodes.map(\.id))
    configuration.seed = seed &+ UInt64(nodes[node].life) << 32
    configuration.bug = options.bug
    configuration.snapshotInterval = options.snapshotInterval
    configuration.logTailSlots = options.logTailSlots
    configuration.limits.snapshotChunkBytesMax = 1_000
    configuration.limits.candidateLagSlotsMax = 60
    // In some seeds each slot travels alone, so that one is lost and the next is not: a gap.
    configuration.limits.messageSlotsMax = seed.isMultiple(of: 2) ? 1 : 16
    let recovered = disks[node].recovered(options.canary)
    try observer.restarted(node, recovered)
    nodes[node].core = try MultiPaxos(configuration, recovered: recovered, at: nodes[node].clock(at: now))
    nodes[node].life += 1
    nodes[node].diskBusyUntil = now
    nodes[node].snapshotBusyUntil = now
    nodes[node].batchIsOpen = false
    queue.insert(.tick(node: node, life: nodes[node].life), at: now + random.time(0..<options.tickInterval))
  }

  /// Lets a node handle an event, does what it wants, and checks every invariant.
  mutating func step(_ node: Int, _ event: Event) throws {
    let clock = nodes[node].clock(at: now)
    guard let directives = nodes[node].core?.step(event, at: clock), let core = nodes[node].core else { return }
    try observer.stepped(node, core)
    for directive in directives { try perform(directive, at: node) }
    if case .endOfBatch = event { return }
    guard !nodes[node].batchIsOpen else { return }
    nodes[node].batchIsOpen = true
    // Sometimes more input is waiting and the batch grows.
    let delay = random.chance(percent: 70) ? 0 : random.time(0..<500 * microsecond)
    queue.insert(.endOfBatch(node: node, life: nodes[node].life), at: now + delay)
  }

  private mutating func perform(_ directive: Directive, at node: Int) throws {
    switch directive {
    case .send(let message, let to):
      try observer.sent(message, by: node)
      result.count(message)
      try transmit(message, from: node, to: Int(to) - 1)
    case .persist(let batch): try write(batch, at: node)
    case .saveSnapshot(let snapshot):
      let duration = random.time(millisecond..<60 * millisecond)
      nodes[node].snapshotBusyUntil = max(nodes[node].snapshotBusyUntil, now) + duration
      queue.insert(
        .snapshotDone(node: node, life: nodes[node].life, snapshot), at: nodes[node].snapshotBusyUntil)
    case .respond(let id, let outcome): try responded(to: id, outcome)
    case .roleChanged(.leader, let ballot):
      try observer.led(ballot)
      planCrash(ofNewLeader: node)
    case .roleChanged: break
    case .halt(let reason): throw Violation("Halt", "node \(nodes[node].id): \(reason)")
    }
  }

  private mutating func transmit(_ message: Message, from: Int, to: Int) throws {
    let arrivals = network.arrivals(from: from, to: to, now: now, using: &random)
    guard !arrivals.isEmpty else { return }
    let received = options.encodes ? try Message(decoding: message.encoded()) : message
    guard received == message || !options.encodes else {
      throw Violation("Codec", "a message changed on its way: \(message)")
    }
    for arrival in arrivals { queue.insert(.delivery(received, from: from, to: to), at: arrival) }
  }

  private mutating func write(_ batch: PersistBatch, at node: Int) throws {
    let written = options.encodes ? try PersistBatch(decoding: batch.encoded()) : batch
    guard written == batch || !options.encodes else { throw Violation("Codec", "a batch changed on its way") }
    disks[node].write(written)
    let duration =
      random.chance(percent: 3)
      ? random.time(5 * millisecond..<40 * millisecond) : random.time(50 * microsecond..<millisecond)
    nodes[node].diskBusyUntil = max(nodes[node].diskBusyUntil, now) + duration
    queue.insert(
      .diskDone(node: node, life: nodes[node].life, sequence: batch.sequence), at: nodes[node].diskBusyUntil)
  }

  private mutating func diskDone(_ node: Int, life: Int, sequence: PersistSequence) throws {
    guard nodes[node].life == life else { return }
    let isLie = options.canary == .lyingDisk && random.chance(percent: 70)
    let votes = isLie ? disks[node].unsafeVotes(upTo: sequence) : disks[node].sync(upTo: sequence)
    observer.durable(votes, at: node)
    try step(node, .persisted(sequence))
  }
}
