import PaxosLog
import PaxosSimulationKit
import SimulationKit
import Testing

@Suite struct SimulationTests {
  private typealias Run = Totals<PaxosSimulation>

  @Test func tenSeedsKeepEveryPromise() {
    let run = Run(1..<11) { $0.cluster.encodes = true }
    #expect(run.problems == [])
    for counter in ClusterCounter.allCases { #expect(run[counter] > 0, "\(counter)") }
    #expect(run[.repetitions] > 20)
    #expect(run[.snapshotParts] > 20)
    #expect(run[.catchUps] > 50)
  }

  @Test(arguments: [1, 2, 3, 4] as [Int]) func otherClusterSizesKeepEveryPromise(nodes: Int) {
    #expect(Run(1..<3) { $0.cluster.nodes = nodes }.violations.map(\.violation.description) == [])
  }

  /// Leaders that die young leave gaps and competing proposals behind.
  @Test func youngLeadersMayDie() {
    let run = Run(1..<7) { $0.cluster.newLeaderCrashPercent = 50 }
    #expect(run.problems == [])
    #expect(run[.leaders] > 40)
  }

  /// Most are found by nearly every seed, the rarest by one in fifty; `paxos-simulation --all-bugs` prints the rates.
  @Test(arguments: PaxosBug.allCases) func everyBugIsFound(bug: PaxosBug) {
    #expect(PaxosSimulation.finds(bug, in: 1..<61))
  }

  @Test(arguments: PaxosOptions.Canary.allCases)
  func theInvariantsBiteWhenTheDiskBreaksItsPromise(canary: PaxosOptions.Canary) {
    #expect(!Run(1..<6) { $0.canary = canary }.violations.isEmpty)
  }

  @Test func aSeedRepeatsExactly() { #expect("\(Run(7..<8))" == "\(Run(7..<8))") }

  @Test func tooLittleIsNoticed() {
    let run = Run(1..<3) {
      $0.cluster.clients = 0
      $0.cluster.faultTime = 1
    }
    #expect(run.problems.count == 2)
  }
}
