import DynamoRing
import DynamoSimulationKit
import SimulationKit
import Testing

@Suite struct SimulationTests {
  private typealias Run = Totals<DynamoSimulation>

  @Test func twentySeedsKeepEveryPromise() {
    let run = Run(1..<21) { $0.cluster.encodes = true }
    #expect(run.problems == [])
    for counter in ClusterCounter.allCases where counter != .retries { #expect(run[counter] > 0, "\(counter)") }
    #expect(run[.newLogs] > 20)
    for counter in [.handoffs, .exchanged, .siblings, .forwards] as [DynamoCounter] { #expect(run[counter] > 50) }
  }

  @Test(arguments: [1, 2, 3, 4, 7] as [Int]) func otherClusterSizesKeepEveryPromise(nodes: Int) {
    #expect(Run(1..<4) { $0.cluster.nodes = nodes }.violations.map(\.violation.description) == [])
  }

  /// Most are found by nearly every seed; `dynamo-simulation --all-bugs` prints the rates.
  @Test(arguments: DynamoBug.allCases) func everyBugIsFound(bug: DynamoBug) {
    #expect(DynamoSimulation.finds(bug, in: 1..<41))
  }

  @Test(arguments: DynamoOptions.Canary.allCases)
  func theInvariantsBiteWhenTheDiskBreaksItsPromise(canary: DynamoOptions.Canary) {
    #expect(!Run(1..<41) { $0.canary = canary }.violations.isEmpty)
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
