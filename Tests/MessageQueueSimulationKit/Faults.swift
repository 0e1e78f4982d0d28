import MessageQueue
import SimulationKit

// What goes wrong, and when.
extension Simulation {
  /// One fault, and the time of the next.
  mutating func strike() {
    guard !isHealed else { return }
    occurrences.insert(.fault, at: now + random.time(50 * millisecond..<400 * millisecond))
    switch Int.random(in: 0..<12, using: &random) {
    case 0..<4: crashAndRestart(victim())
    case 4..<7: cutTheNetwork()
    case 7..<9: network.changeWeather(using: &random)
    case 9: pauseSomebody()
    case 10: nodes[victim()].clock.skew(at: now, jump: 0..<400 * millisecond, using: &random)
    default: for node in nodes.indices { crashAndRestart(node) }  // a power failure: nothing but the disks is left
    }
  }

  /// Half of the time whoever leads some partition.
  private mutating func victim() -> Int {
    let anybody = Int.random(in: nodes.indices, using: &random)
    guard random.chance(percent: 50), let id = observer.partitions.randomElement(using: &random) else { return anybody }
    return nodes.firstIndex { $0.broker?.replica(of: id)?.isr != nil } ?? anybody
  }

  /// Loses everything but the disk, for a while.
  private mutating func crashAndRestart(_ node: Int) {
    guard nodes[node].broker != nil else { return }
    result.crashes += 1
    nodes[node].broker = nil
    nodes[node].life += 1
    nodes[node].pausedUntil = 0
    result.lostBatches += nodes[node].disk.crash(using: &random)
    occurrences.insert(.restart(node: node), at: now + random.time(20 * millisecond..<600 * millisecond))
  }

  private mutating func cutTheNetwork() {
    cuts += 1
    result.partitions += 1
    network.cutAtRandom(cuts, target: victim(), nodes: nodes.count, using: &random)
    occurrences.insert(.heal(partition: cuts), at: now + random.time(100 * millisecond..<900 * millisecond))
  }

  /// As SIGSTOP and SIGCONT do.
  private mutating func pauseSomebody() {
    result.pauses += 1
    nodes[victim()].pausedUntil = now + random.time(50 * millisecond..<900 * millisecond)
  }

  /// Ends all faults and starts whoever is down.
  mutating func healEverything() throws {
    isHealed = true
    network.healAll()
    for node in nodes.indices {
      nodes[node].pausedUntil = 0
      if nodes[node].broker == nil { try boot(node) }
    }
  }
}
