// What goes wrong, and when.
extension ClusterSimulation {
  /// One fault, and the time of the next.
  mutating func strike() {
    guard !cluster.isHealed else { return }
    let options = cluster.options.cluster
    cluster.plan(.fault, in: 50 * millisecond..<400 * millisecond)
    if options.leaderIsolationPercent > 0, cluster.random.chance(percent: options.leaderIsolationPercent) {
      if let leader = leader() { cluster.isolate(leader) }
      return
    }
    switch Int.random(in: 0..<(options.bendsTime ? 12 : 10), using: &cluster.random) {
    case 0..<4: crash(victim())
    case 4..<7: cluster.cutAtRandom(victim())
    case 7..<9: cluster.changeWeather()
    case 9: for node in cluster.nodes.indices { crash(node) }  // a power failure: nothing but the disks is left
    case 10: cluster.pause(victim())
    default: cluster.skewClock(of: victim())
    }
  }

  /// Half of the time the leader, if there is one.
  private func victim() -> Int {
    let anybody = cluster.anyNode()
    return cluster.random.chance(percent: 50) ? leader() ?? anybody : anybody
  }

  /// Loses everything but the disk, for a while.
  mutating func crash(_ node: Int) {
    guard cluster.nodes[node].core != nil else { return }
    confirmed(cluster.stop(node), at: node)
    crashed(node)
  }

  /// Ends all faults and starts whoever is down.
  mutating func healEverything() throws {
    cluster.isHealed = true
    cluster.network.healAll()
    for node in cluster.nodes.indices {
      cluster.nodes[node].pausedUntil = 0
      try start(node)
    }
  }
}

extension SimulatedCluster {
  /// - Returns: the batches that survived without having been safe.
  fileprivate func stop(_ node: Int) -> [System.Batch] {
    result[.crashes] += 1
    nodes[node].core = nil
    nodes[node].life += 1
    nodes[node].pausedUntil = 0
    let (lost, kept) = disks[node].crash(using: &random)
    result[.lostBatches] += lost
    plan(.restart(node: node), in: options.cluster.restartDelay)
    return kept
  }

  /// To be told when a node begins to lead: one that dies young leaves work half done on a minority, which is what
  /// elections must clear up.
  public func elected(_ node: Int) {
    guard !isHealed, random.chance(percent: options.cluster.newLeaderCrashPercent) else { return }
    plan(.crash(node: node, life: nodes[node].life), in: options.cluster.newLeaderLife)
  }

  /// Isolates one node, splits the cluster, or cuts one direction only.
  fileprivate func cutAtRandom(_ target: Int) {
    let side = nodes.map { _ in random.chance(percent: 50) }
    let healing = 100 * millisecond..<900 * millisecond
    switch Int.random(in: 0..<3, using: &random) {
    case 0: cut(healing) { from, to in from == target || to == target }
    case 1: cut(healing) { from, to in side[from] != side[to] }
    default: cut(healing) { from, to in side[from] && !side[to] }
    }
  }

  fileprivate func isolate(_ node: Int) {
    cut(300 * millisecond..<600 * millisecond) { from, to in from == node || to == node }
  }

  /// Cuts links until a time from `healing` has passed.
  private func cut(_ healing: Range<UInt64>, _ isCut: (_ from: Int, _ to: Int) -> Bool) {
    cuts += 1
    result[.partitions] += 1
    network.cut(cuts, isCut)
    plan(.heal(cut: cuts), in: healing)
  }

  /// From now on the network loses, repeats and holds up more messages, or fewer.
  fileprivate func changeWeather() {
    if options.cluster.stormsOnly {
      network.duplicatePercent = 30
      network.stragglerPercent = 25
      return
    }
    let loss = [0, 1, 5, 15].randomElement(using: &random) ?? 0
    network.lossPercent = max(loss, options.cluster.lossPercent)
    network.duplicatePercent = [0, 2, 10].randomElement(using: &random) ?? 0
    network.stragglerPercent = [0, 2, 10, 25].randomElement(using: &random) ?? 0
  }

  /// As SIGSTOP and SIGCONT do.
  fileprivate func pause(_ node: Int) {
    result[.pauses] += 1
    nodes[node].pausedUntil = now + random.time(50 * millisecond..<900 * millisecond)
  }

  fileprivate func skewClock(of node: Int) {
    nodes[node].clock.skew(at: now, using: &random)
    if random.chance(percent: 30) { nodes[node].clock.jump(by: random.time(0..<400 * millisecond)) }
  }
}
