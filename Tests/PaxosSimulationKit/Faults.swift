import SimulationKit
import PaxosLog

// What goes wrong, and when.
extension Simulation {
  /// One fault, and the time of the next.
  mutating func strike() {
    guard !isHealed else { return }
    queue.insert(.fault, at: now + random.time(50 * millisecond..<400 * millisecond))
    switch Int.random(in: 0..<12, using: &random) {
    case 0..<4: crashAndRestart(victim())
    case 4..<7: cutTheNetwork()
    case 7..<9: changeTheWeather()
    case 9: pauseSomebody()
    case 10: skewSomebody()
    default: for node in nodes.indices { crashAndRestart(node) }  // a power failure: nothing but the disks is left
    }
  }

  private var leader: Int? {
    nodes.indices.filter { nodes[$0].core?.role == .leader }.max {
      (nodes[$0].core?.promised ?? .zero) < (nodes[$1].core?.promised ?? .zero)
    }
  }

  /// Half of the time the leader, if there is one.
  private mutating func victim() -> Int {
    let anybody = Int.random(in: nodes.indices, using: &random)
    return random.chance(percent: 50) ? leader ?? anybody : anybody
  }

  /// Loses everything but the disk, for a while.
  mutating func crashAndRestart(_ node: Int) {
    guard nodes[node].core != nil else { return }
    result.crashes += 1
    nodes[node].core = nil
    nodes[node].life += 1
    nodes[node].pausedUntil = 0
    let survived = disks[node].crash(using: &random)
    result.lostBatches += survived.lost
    observer.durable(survived.votes, at: node)
    observer.crashed(node)
    queue.insert(.restart(node: node), at: now + random.time(20 * millisecond..<600 * millisecond))
  }

  /// A leader that dies young leaves proposals on a minority, which is what phase 1 is for.
  mutating func planCrash(ofNewLeader node: Int) {
    guard !isHealed, options.newLeaderCrashPercent > 0, random.chance(percent: options.newLeaderCrashPercent) else {
      return
    }
    queue.insert(.crash(node: node, life: nodes[node].life), at: now + random.time(0..<newLeaderLifeMax))
  }

  /// Isolates one node, splits the cluster, or cuts one direction only.
  private mutating func cutTheNetwork() {
    partitions += 1
    result.partitions += 1
    let target = victim()
    let side = nodes.indices.map { _ in random.chance(percent: 50) }
    switch Int.random(in: 0..<3, using: &random) {
    case 0: network.cut(partitions) { from, to in from == target || to == target }
    case 1: network.cut(partitions) { from, to in side[from] != side[to] }
    default: network.cut(partitions) { from, to in side[from] && !side[to] }
    }
    queue.insert(.heal(partition: partitions), at: now + random.time(100 * millisecond..<900 * millisecond))
  }

  private mutating func changeTheWeather() {
    network.lossPercent = [0, 1, 5, 15].randomElement(using: &random) ?? 0
    network.duplicatePercent = [0, 2, 10].randomElement(using: &random) ?? 0
    network.stragglerPercent = [0, 2, 10, 25].randomElement(using: &random) ?? 0
  }

  /// As SIGSTOP and SIGCONT do.
  private mutating func pauseSomebody() {
    result.pauses += 1
    nodes[victim()].pausedUntil = now + random.time(50 * millisecond..<900 * millisecond)
  }

  /// The node's clock runs up to a quarter too slow or too fast from now on, and may jump ahead.
  private mutating func skewSomebody() {
    let node = victim()
    let shown = nodes[node].clock(at: now)
    nodes[node].clockRate = random.time(750..<1_251)
    let ahead = random.chance(percent: 30) ? random.time(0..<400 * millisecond) : 0
    nodes[node].clockOffset = 0
    nodes[node].clockOffset = shown + ahead &- nodes[node].clock(at: now)
  }

  /// Ends all faults and starts whoever is down.
  mutating func healEverything() throws {
    isHealed = true
    network.healAll()
    for node in nodes.indices {
      nodes[node].pausedUntil = 0
      if nodes[node].core == nil { try boot(node) }
    }
  }
}
