/// Runs seeds side by side, `jobs` at a time. The totals do not depend on which finishes first, except for the order of
/// ``Totals/violations``.
public func runSeeds(_ seeds: Range<UInt64>, jobs: Int, options: SimulationOptions) async -> Totals {
  await withTaskGroup(of: Totals.self) { group in
    for job in 0..<UInt64(jobs) {
      group.addTask {
        var totals = Totals()
        for seed in seeds where seed % UInt64(jobs) == job {
          var simulation = Simulation(seed: seed, options: options)
          totals.add(simulation.run())
        }
        return totals
      }
    }
    var all = Totals()
    for await totals in group { all.add(totals) }
    return all
  }
}
