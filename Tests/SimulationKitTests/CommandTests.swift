import SimulationKit
import Testing

@testable import SimulationCommand

@Suite struct CommandTests {
  @Test func theCommandThatRepeatsASeedKeepsEverythingElse() {
    let given = ["--seeds", "40", "--bug", "stale-read", "--first-seed=7", "--figure-8", "--jobs", "8", "--nodes", "3"]
    #expect(withoutSeeds(given[...]) == ["--bug", "stale-read", "--figure-8", "--nodes", "3"])
    #expect(withoutSeeds(["--seeds"]) == [])
  }

  @Test func countersAreNamedInWords() {
    #expect(ClusterCounter.lostBatches.label == "lost batches")
    #expect(ClusterCounter.crashes.label == "crashes")
  }
}
