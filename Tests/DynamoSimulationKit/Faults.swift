import DynamoRing
import SimulationKit

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
    case 9: pause(victim())
    case 10: nodes[victim()].clock.skew(at: now, jumpMax: 400 * millisecond, using: &random)
    default: for node in nodes.indices { crashAndRestart(node) }  // a power failure: nothing but the disks is left
    }
  }

  private mutating func victim() -> Int { Int.random(in: nodes.indices, using: &random) }

  /// Loses everything but the disk, for a while.
  private mutating func crashAndRestart(_ node: Int) {
    guard nodes[node].core != nil else { return }
    result.crashes += 1
    nodes[node].core = nil
    nodes[node].life += 1
    nodes[node].pausedUntil = 0
    result.lostBatches += nodes[node].disk.crash(using: &random)
    queue.insert(.restart(node: node), at: now + random.time(20 * millisecond..<600 * millisecond))
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
  private mutating func pause(_ node: Int) {
    result.pauses += 1
    nodes[node].pausedUntil = now + random.time(50 * millisecond..<900 * millisecond)
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
