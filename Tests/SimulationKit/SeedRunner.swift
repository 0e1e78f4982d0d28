/// What a kit sums up over the seeds that it runs.
public protocol SeedTotals: Sendable {
  /// What one seed gives.
  associatedtype OfSeed: Sendable
  /// Of no seed.
  init()
  /// Takes in one seed.
  mutating func add(_ result: OfSeed)
  /// Takes in the seeds of another sum.
  mutating func add(_ other: Self)
}

/// Runs seeds side by side, `jobs` at a time. The totals do not depend on which finishes first, except for the order of
/// lists in them.
public func runSeeds<Totals: SeedTotals>(
  _ seeds: Range<UInt64>, jobs: Int, run: @escaping @Sendable (UInt64) -> Totals.OfSeed
) async -> Totals {
  await withTaskGroup(of: Totals.self) { group in
    for job in 0..<UInt64(jobs) {
      group.addTask {
        var totals = Totals()
        for seed in seeds where seed % UInt64(jobs) == job { totals.add(run(seed)) }
        return totals
      }
    }
    var all = Totals()
    for await totals in group { all.add(totals) }
    return all
  }
}
