// A node's shell: what lies between a core and the world.
extension ClusterSimulation {
  /// Starts a node, unless it runs: the final heal may have been faster than a planned restart.
  mutating func start(_ node: Int) throws {
    guard cluster.nodes[node].core == nil else { return }
    cluster.started(node, try boot(node))
  }

  /// Lets a node handle an event, and plans the end of its batch.
  mutating func step(_ node: Int, _ event: Core.Event) throws {
    if try handle(event, at: node) { cluster.planEndOfBatch(of: node) }
  }

  mutating func endBatch(_ node: Int) throws {
    cluster.nodes[node].batchIsOpen = false
    _ = try handle(.endOfBatch, at: node)
  }

  /// - Returns: false if the node is down.
  private mutating func handle(_ event: Core.Event, at node: Int) throws -> Bool {
    let clock = cluster.clock(of: node)
    guard let directives = cluster.nodes[node].core?.step(event, at: clock) else { return false }
    try stepped(node, event)
    for directive in directives { try perform(directive, at: node) }
    return true
  }

  /// The disk says that it is done, and mostly says the truth.
  mutating func written(_ node: Int, upTo sequence: UInt64) throws {
    let batches = cluster.disks[node].unsafeBatches(upTo: sequence)
    let isLie = cluster.options.canary == .lyingDisk && cluster.random.chance(percent: 70)
    // The operating system writes back at times, unasked.
    let isUnsafe = !cluster.options.syncsLog && cluster.random.chance(percent: 90)
    if !isLie && !isUnsafe { cluster.disks[node].sync(upTo: sequence) }
    confirmed(batches, at: node)
    try step(node, .persisted(sequence))
  }
}

extension SimulatedCluster {
  fileprivate func started(_ node: Int, _ core: Core) {
    nodes[node].core = core
    nodes[node].life += 1
    nodes[node].diskBusyUntil = now
    nodes[node].snapshotBusyUntil = now
    nodes[node].batchIsOpen = false
    plan(.tick(node: node, life: nodes[node].life), in: 0..<options.cluster.tickInterval)
  }

  fileprivate func planEndOfBatch(of node: Int) {
    guard !nodes[node].batchIsOpen else { return }
    nodes[node].batchIsOpen = true
    // Sometimes more input is waiting and the batch grows.
    let delay = random.chance(percent: 70) ? 0..<1 : 0..<500 * microsecond
    plan(.endOfBatch(node: node, life: nodes[node].life), in: delay)
  }

  /// Gives a message to the network.
  public func send(_ message: Core.Event.Message, from: Int, to: UInt32) throws {
    result[.messages] += 1
    let to = Int(to) - 1
    let arrivals = network.arrivals(from: from, to: to, now: now, using: &random)
    guard !arrivals.isEmpty else { return }
    let received = options.cluster.encodes ? try message.recoded() : message
    for arrival in arrivals { queue.insert(.delivery(received, from: from, to: to), at: arrival) }
  }

  /// Gives a batch to a node's disk, which mostly is quick.
  public func write(_ batch: System.Batch, at node: Int) throws {
    disks[node].write(options.cluster.encodes ? try batch.recoded() : batch)
    let isSlow = random.chance(percent: 3)
    let duration = random.time(isSlow ? 5 * millisecond..<40 * millisecond : 50 * microsecond..<millisecond)
    nodes[node].diskBusyUntil = max(nodes[node].diskBusyUntil, now) + duration
    queue.insert(
      .diskDone(node: node, life: nodes[node].life, sequence: batch.sequence), at: nodes[node].diskBusyUntil)
  }

  /// Gives a snapshot to a node's disk, where it goes beside the log and takes longer.
  public func save(_ snapshot: Snapshot, at node: Int) {
    let isSlow = random.chance(percent: 30)
    let duration = random.time(500 * microsecond..<(isSlow ? 150 : 10) * millisecond)
    nodes[node].snapshotBusyUntil = max(nodes[node].snapshotBusyUntil, now) + duration
    queue.insert(
      .snapshotDone(node: node, life: nodes[node].life, snapshot), at: nodes[node].snapshotBusyUntil)
  }
}
