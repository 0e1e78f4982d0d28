extension ClusterSimulation {
  public static func run(seed: UInt64, options: Options) -> SeedResult<Counter> {
    var simulation = Self(SimulatedCluster(seed: seed, options: options))
    do {
      try simulation.live()
    } catch let violation as Violation {
      simulation.cluster.result.violation = violation
    } catch {
      simulation.cluster.result.violation = Violation("Recovery", "\(error)")
    }
    simulation.cluster.result.count(simulation.cluster.network)
    simulation.report()
    return simulation.cluster.result
  }

  private mutating func live() throws {
    let options = cluster.options.cluster
    try start()
    try play(until: options.faultTime)
    try healEverything()
    try play(until: options.faultTime + options.recoveryTime)
    try checkEnd()
  }

  private mutating func start() throws {
    for node in cluster.nodes.indices {
      cluster.setClock(of: node)
      try start(node)
    }
    for client in cluster.clients.indices { cluster.plan(.invoke(client: client), in: 0..<100 * millisecond) }
    cluster.plan(.fault, in: 200 * millisecond..<600 * millisecond)
  }

  private mutating func play(until end: UInt64) throws {
    while cluster.now < end, let (time, occurrence) = cluster.queue.popFirst() {
      cluster.now = time
      if let node = occurrence.pausableNode, cluster.nodes[node].pausedUntil > time {
        cluster.queue.insert(occurrence, at: cluster.nodes[node].pausedUntil)
        continue
      }
      cluster.result[.events] += 1
      guard cluster.result[.events] <= cluster.options.cluster.eventsMax else {
        throw Violation("Message Storm", "more than \(cluster.options.cluster.eventsMax) events")
      }
      try handle(occurrence)
    }
  }

  private mutating func handle(_ occurrence: Occurrence<Core.Event>) throws {
    switch occurrence {
    case .tick(let node, let life):
      guard cluster.nodes[node].life == life else { return }
      cluster.queue.insert(occurrence, at: cluster.now + cluster.options.cluster.tickInterval)
      try step(node, .timePassed(cluster.clock(of: node)))
    case .endOfBatch(let node, let life): if cluster.nodes[node].life == life { try endBatch(node) }
    case .delivery(let message, let from, let to): try step(to, .received(message, from: cluster.nodes[from].id))
    case .diskDone(let node, let life, let sequence):
      if cluster.nodes[node].life == life { try written(node, upTo: sequence) }
    case .snapshotDone(let node, let life, let snapshot):
      guard cluster.nodes[node].life == life else { return }
      cluster.result[.snapshots] += 1
      cluster.disks[node].save(snapshot)
      try step(node, .saved(snapshot))
    case .request(let operation, let id, let node, let life):
      // The node crashed with the connection open: the client gets no answer.
      if cluster.nodes[node].life == life { try step(node, .request(operation, id: id)) }
    case .restart(let node): try start(node)
    case .crash(let node, let life): if cluster.nodes[node].life == life { crash(node) }
    case .fault: strike()
    case .heal(let cut): cluster.network.heal(cut)
    case .invoke(let client): try invoke(client)
    case .retry(let client, let request): try retry(client, request)
    case .clientTimeout(let client, let request): try timedOut(client, request)
    }
  }
}

extension SimulatedCluster {
  /// What a node's own clock shows.
  public func clock(of node: Int) -> UInt64 { nodes[node].clock.time(at: now) }

  /// No two clocks run at the same rate.
  fileprivate func setClock(of node: Int) {
    if options.cluster.bendsTime { nodes[node].clock.skew(at: now, using: &random) }
  }

  /// Lets something happen after a time from a range.
  func plan(_ occurrence: Occurrence<Core.Event>, in delay: Range<UInt64>) {
    queue.insert(occurrence, at: now + random.time(delay))
  }
}
