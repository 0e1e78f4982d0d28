import RaftKV
import SimulationKit

/// A whole cluster with network, disks, faults and clients in one thread of simulated time: the seed decides everything.
///
/// The life of a seed: clients start, faults strike at random for ``SimulationOptions/faultTime``, everything heals, and
/// within ``SimulationOptions/recoveryTime`` all servers must agree. ``Observer`` checks after every single step.
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
  var nextOperation: UInt64 = 1
  /// By request: what the operator asked for.
  var changes: [UInt64: MembershipChange] = [:]
  var partitions = 0
  var isHealed = false

  public init(seed: UInt64, options: SimulationOptions = SimulationOptions()) {
    self.options = options
    self.seed = seed
    random = SeededGenerator(seed: seed)
    nodes = (1...options.nodes + options.spares).map { SimulatedNode(id: NodeID($0)) }
    disks = Array(repeating: SimulatedDisk(), count: nodes.count)
    network = SimulatedNetwork(nodes: nodes.count)
    network.lossPercent = options.lossPercent
    clients = Array(repeating: SimulatedClient(), count: options.clients)
    observer = Observer(
      members: nodes.prefix(options.nodes).map(\.id), nodes: nodes.count, watchesDisks: options.canary == nil,
      promise: options.transactionPromise)
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
    // Draws nothing when an option is off: seeds then mean what they meant before.
    if options.clockSkewPercent > 0 {
      let skew = UInt64(options.clockSkewPercent)
      for node in nodes.indices { nodes[node].clockPercent = random.time(100 - skew..<101 + skew) }
    }
    if options.spares > 0 { queue.insert(.changeMembers, at: random.time(options.changeInterval)) }
    for node in nodes.indices { try boot(node) }
    for client in clients.indices { queue.insert(.invoke(client: client), at: random.time(0..<100 * millisecond)) }
    queue.insert(.fault, at: random.time(200 * millisecond..<600 * millisecond))
  }

  private mutating func play(until end: Nanoseconds) throws {
    while now < end, let (time, occurrence) = queue.popFirst() {
      now = time
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
      disks[node].save(snapshot)
      try step(node, .snapshotSaved(snapshot))
    case .changeMembers: try changeMembers()
    case .restart(let node): try boot(node)
    case .crash(let node, let life): if nodes[node].life == life { crashAndRestart(node) }
    case .fault: try strike()
    case .heal(let partition): network.heal(partition)
    case .invoke(let client): try invoke(client)
    case .retry(let client, let operation): try retry(client, operation: operation)
    case .clientTimeout(let client, let operation): clientTimedOut(client, operation: operation)
    }
  }

  /// Every member is up, agrees on one log, and applied it.
  private func checkRecovery() throws {
    for node in nodes where observer.committed.members.contains(node.id) {
      guard let raft = node.raft else { throw Violation("Recovery", "node \(node.id) is down") }
      guard raft.lastApplied == observer.committed.lastIndex, raft.isHealthy(at: node.clock(now)) else {
        throw Violation(
          "Recovery",
          "node \(node.id) (\(raft.role.rawValue), term \(raft.currentTerm)) applied \(raft.lastApplied) of "
            + "\(observer.committed.lastIndex) entries after the heal")
      }
    }
  }
}

// A server's shell.
extension Simulation {
  mutating func boot(_ node: Int) throws {
    // The final heal may have been faster than a planned restart.
    guard nodes[node].raft == nil else { return }
    var configuration = Configuration(
      id: nodes[node].id, members: nodes.prefix(options.nodes).map(\.id), servers: nodes.map(\.id))
    configuration.seed = seed &+ UInt64(nodes[node].life) << 32
    configuration.bug = options.bug
    configuration.limits.appendEntriesMax = options.appendEntriesMax
    configuration.snapshotEntries = options.snapshotEntries
    configuration.logTailEntries = options.logTailEntries
    // In some seeds snapshots travel whole, in the others in parts.
    configuration.limits.snapshotChunkBytesMax = seed.isMultiple(of: 2) ? 700 : 1 << 20
    let recovered = try disks[node].recovered(forgettingTerm: options.canary == .forgottenTerm)
    let raft = Raft(configuration, recovered: recovered, at: nodes[node].clock(now))
    try observer.booted(node, raft)
    nodes[node].raft = raft
    nodes[node].life += 1
    nodes[node].diskBusyUntil = now
    nodes[node].batchIsOpen = false
    queue.insert(.tick(node: node, life: nodes[node].life), at: now + random.time(0..<options.tickInterval))
  }

  /// Loses everything but the disk.
  mutating func crash(_ node: Int) {
    nodes[node].raft = nil
    nodes[node].life += 1
    result.lostBatches += disks[node].crash(using: &random)
    observer.crashed(node, id: nodes[node].id)
  }

  /// Lets a server handle an event, does what it wants, and checks every invariant.
  mutating func step(_ node: Int, _ event: Event) throws {
    let clock = nodes[node].clock(now)
    guard let directives = nodes[node].raft?.step(event, at: clock), let raft = nodes[node].raft else { return }
    try observer.stepped(node, raft, disks: disks)
    for directive in directives { try perform(directive, at: node, raft) }
    if case .endOfBatch = event { return }
    guard !nodes[node].batchIsOpen else { return }
    nodes[node].batchIsOpen = true
    // Sometimes more input is waiting and the batch grows.
    let delay = random.chance(percent: 70) ? 0 : random.time(0..<500 * microsecond)
    queue.insert(.endOfBatch(node: node, life: nodes[node].life), at: now + delay)
  }

  private mutating func perform(_ directive: Directive, at node: Int, _ raft: Raft) throws {
    switch directive {
    case .send(let message, let to): try transmit(message, from: node, to: Int(to) - 1)
    case .persist(let batch):
      try observer.logChanged(batch, of: raft)
      write(batch, at: node)
    case .saveSnapshot(let contents): try save(contents, at: node)
    case .respond(let id, let outcome):
      if let change = changes.removeValue(forKey: id) {
        try changed(change, outcome)
      } else {
        try responded(to: id, outcome)
      }
    case .roleChanged(let role, let term):
      try observer.roleChanged(role, term: term, of: raft)
      if role == .leader { planCrash(ofNewLeader: node) }
    case .halt(let reason): throw Violation("Halt", "node \(nodes[node].id): \(reason)")
    }
  }

  private mutating func transmit(_ message: Message, from: Int, to: Int) throws {
    result.messages += 1
    let arrivals = network.arrivals(from: from, to: to, now: now, using: &random)
    guard !arrivals.isEmpty else { return }
    let received = options.encodesMessages ? try Message(decoding: message.encoded()) : message
    guard received == message || !options.encodesMessages else {
      throw Violation("Codec", "a message changed on its way: \(message)")
    }
    for arrival in arrivals { queue.insert(.delivery(received, from: from, to: to), at: arrival) }
  }

  private mutating func write(_ batch: PersistBatch, at node: Int) {
    disks[node].write(batch)
    let duration =
      random.chance(percent: 3)
      ? random.time(5 * millisecond..<40 * millisecond) : random.time(50 * microsecond..<millisecond)
    nodes[node].diskBusyUntil = max(nodes[node].diskBusyUntil, now) + duration
    queue.insert(
      .diskDone(node: node, life: nodes[node].life, sequence: batch.sequence), at: nodes[node].diskBusyUntil)
  }

  /// Snapshots are written beside the log, and take longer.
  private mutating func save(_ contents: SnapshotContents, at node: Int) throws {
    result.snapshots += 1
    let snapshot = contents.encoded()
    guard try SnapshotContents(decoding: snapshot.bytes).lastIncludedIndex == contents.lastIncludedIndex else {
      throw Violation("Codec", "a snapshot changed on its way to the disk")
    }
    let duration = random.time(500 * microsecond..<(random.chance(percent: 30) ? 150 : 10) * millisecond)
    queue.insert(.snapshotDone(node: node, life: nodes[node].life, snapshot), at: now + duration)
  }

  private mutating func diskDone(_ node: Int, life: Int, sequence: PersistSequence) throws {
    guard nodes[node].life == life else { return }
    let isLie = options.canary == .lyingDisk && random.chance(percent: 70)
    if !isLie { disks[node].sync(upTo: sequence) }
    try step(node, .persisted(sequence))
  }
}
