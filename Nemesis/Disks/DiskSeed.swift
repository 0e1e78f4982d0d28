import Generators

extension FaultParameter {
  /// Decides all that a disk fault chooses beyond its nodes. Drawn anew for each injection unless a plan gives a number.
  static let diskSeed = FaultParameter(
    "seed", "decides which sectors, files and bits; drawn for each injection", .count,
    initial: .range(0, diskSeedMax), limits: 0...diskSeedMax)

  /// Any number up to it is exact as a `Double`.
  private static let diskSeedMax = 4_294_967_295.0
}

extension FaultAction {
  var diskSeed: UInt64 { UInt64(max(0, number("seed") ?? 0)) }

  /// What the fault draws its choices for one node from.
  func diskChoices(for node: String) -> RandomStream { RandomStreams(seed: diskSeed).stream("\(fault)/\(node)") }
}
