import SimulationKit

extension Totals: SeedTotals {
  /// See ``SeedTotals``.
  public typealias OfSeed = SeedResult
}

/// Runs seeds side by side, `jobs` at a time.
public func runSeeds(_ seeds: Range<UInt64>, jobs: Int, options: SimulationOptions) async -> Totals {
  await runSeeds(seeds, jobs: jobs) { seed in
    var simulation = Simulation(seed: seed, options: options)
    return simulation.run()
  }
}
