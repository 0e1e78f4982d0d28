import Generators
import Testing

@testable import Runs

@Suite struct MutantCampaignTests {
  private static let bugs = ["a", "b"].map { MutantCampaign.Row(bug: $0, workload: "register") }

  private func campaign(bugs: [MutantCampaign.Row] = bugs, workloads: [String] = ["register"], runs: Int = 3)
    -> MutantCampaign
  {
    MutantCampaign(
      bugs: bugs, workloads: workloads, runs: runs, load: 40_000, seeds: RandomStreams(seed: 7).stream("seeds"))
  }

  @Test func `a try of a bug begins with its shortest run, and has the load that was asked for in all`() {
    for trial in campaign().trials where trial.row > 0 {
      let loads = trial.rounds.map(\.load)
      #expect(loads == loads.sorted() && loads.reduce(0, +) == 40_000 && loads.count == 3)
    }
  }

  @Test func `a try that is short is one run, as faults need time`() {
    let short = MutantCampaign(
      bugs: Self.bugs, workloads: [], runs: 2, load: 10_000, seeds: RandomStreams(seed: 7).stream("seeds"))
    #expect(short.trials.map { $0.rounds.map(\.load) } == Array(repeating: [10_000], count: 4))
  }

  @Test func `runs without a bug are whole, and take turns on the workloads`() {
    let campaign = campaign(bugs: [], workloads: ["x", "y", "z"], runs: 4)
    #expect(campaign.rows.map(\.workload) == ["x", "y", "z"])
    #expect(campaign.trials.map(\.row) == [0, 0, 1, 1, 2, 2])
    #expect(campaign.trials.allSatisfy { $0.rounds.map(\.load) == [40_000] })
  }

  @Test func `no two runs share a seed, and equal campaigns are equal`() {
    let seeds = campaign(runs: 50).trials.flatMap(\.rounds).map(\.seed)
    #expect(seeds.count == 350 && Set(seeds).count > 345)
    #expect(campaign() == campaign())
    #expect(campaign(workloads: []).rows.map(\.bug) == ["a", "b"])
  }
}
