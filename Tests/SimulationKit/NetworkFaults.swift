extension SimulatedNetwork {
  /// Isolates one node, splits the cluster, or cuts one direction only.
  public mutating func cutAtRandom(_ number: Int, target: Int, nodes: Int, using random: inout SeededGenerator) {
    let side = (0..<nodes).map { _ in random.chance(percent: 50) }
    switch Int.random(in: 0..<3, using: &random) {
    case 0: cut(number) { from, to in from == target || to == target }
    case 1: cut(number) { from, to in side[from] != side[to] }
    default: cut(number) { from, to in side[from] && !side[to] }
    }
  }

  /// From now on it loses, repeats and holds up more messages, or fewer.
  public mutating func changeWeather(using random: inout SeededGenerator) {
    lossPercent = [0, 1, 5, 15].randomElement(using: &random) ?? 0
    duplicatePercent = [0, 2, 10].randomElement(using: &random) ?? 0
    stragglerPercent = [0, 2, 10, 25].randomElement(using: &random) ?? 0
  }
}
