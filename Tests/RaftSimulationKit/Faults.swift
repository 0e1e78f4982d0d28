import RaftKV
import SimulationKit

// What goes wrong, and when.
extension Simulation {
  /// One fault, and the time of the next.
  mutating func strike() throws {
    guard !isHealed else { return }
    queue.insert(.fault, at: now + random.time(50 * millisecond..<500 * millisecond))
    if options.leaderIsolationPercent > 0, random.chance(percent: options.leaderIsolationPercent) {
      return isolateLeader()
    }
    switch Int.random(in: 0..<10, using: &random) {
    case 0..<4: crashSomebody()
    case 4..<7: cutTheNetwork()
    case 7..<9: changeTheWeather()
    default: crashEverybody()
    }
  }

  private var leader: Int? {
    nodes.indices.filter { nodes[$0].raft?.role == .leader }.max {
      (nodes[$0].raft?.currentTerm ?? 0) < (nodes[$1].raft?.currentTerm ?? 0)
    }
  }

  /// Half of the time the leader, if there is one.
  private mutating func victim() -> Int {
    let anybody = Int.random(in: nodes.indices, using: &random)
    return random.chance(percent: 50) ? leader ?? anybody : anybody
  }

  private mutating func crashSomebody() { crashAndRestart(victim()) }

  /// A power failure: nothing but the disks is left.
  private mutating func crashEverybody() {
    for node in nodes.indices { crashAndRestart(node) }
  }

  mutating func crashAndRestart(_ node: Int) {
    guard nodes[node].raft != nil else { return }
    result.crashes += 1
    crash(node)
    queue.insert(.restart(node: node), at: now + random.time(options.restartDelay))
  }

  /// A leader that dies young leaves entries on a minority, the stuff that figure 8 is made of.
  mutating func planCrash(ofNewLeader node: Int) {
    // Draws nothing when the option is off: seeds then mean what they meant before.
    guard !isHealed, options.newLeaderCrashPercent > 0, random.chance(percent: options.newLeaderCrashPercent) else {
      return
    }
    queue.insert(.crash(node: node, life: nodes[node].life), at: now + random.time(options.newLeaderLife))
  }

  /// Isolates one server, splits the cluster, or cuts one direction only.
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

  private mutating func isolateLeader() {
    guard let leader else { return }
    partitions += 1
    result.partitions += 1
    network.cut(partitions) { from, to in from == leader || to == leader }
    queue.insert(.heal(partition: partitions), at: now + random.time(300 * millisecond..<600 * millisecond))
  }

  private mutating func changeTheWeather() {
    if options.stormsOnly {
      network.duplicatePercent = 30
      network.stragglerPercent = 25
      return
    }
    network.lossPercent =
      options.lossPercent > 0 ? options.lossPercent : [0, 1, 5, 15].randomElement(using: &random) ?? 0
    network.duplicatePercent = [0, 2, 10].randomElement(using: &random) ?? 0
    network.stragglerPercent = [0, 2, 10, 25].randomElement(using: &random) ?? 0
  }

  /// Ends all faults and starts whoever is down.
  mutating func healEverything() throws {
    isHealed = true
    network.healAll()
    for node in nodes.indices where nodes[node].raft == nil { try boot(node) }
  }
}
