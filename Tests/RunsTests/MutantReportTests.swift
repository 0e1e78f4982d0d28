import Histories
import Testing

@testable import Runs

@Suite struct MutantReportTests {
  private func run(_ exit: Int32, _ seconds: Double = 1, _ broken: [String] = []) -> MutantRun {
    MutantRun(seed: 1, seconds: seconds, exit: exit, broken: broken, reproduce: "faultline run x")
  }

  private func report(_ clean: [MutantRun], _ mutants: [MutantRun]...) -> MutantReport {
    let rows = mutants.enumerated().map { MutantRow(bug: "bug-\($0)", workload: "register", runs: $1) }
    return MutantReport(
      system: "x", seed: 7, rows: [MutantRow(bug: nil, workload: "register", runs: clean)] + rows)
  }

  @Test func nineOfTenIsCaughtAndEightIsNot() {
    let nine = Array(repeating: run(1, 2, ["linearizable"]), count: 9) + [run(0)]
    let eight = Array(repeating: run(1, 2, ["linearizable"]), count: 8) + [run(0), run(2)]
    #expect(report([run(0)], nine).exit == 0)
    #expect(report([run(0)], eight).exit == 1)
    #expect(report([run(0)], nine, eight).caughtBugs == 1)
  }

  @Test func aFalseAlarmIsTheWorst() {
    #expect(report([run(1, 1, ["linearizable"])], [run(75)]).exit == 1)
    #expect(report([run(0)], [run(75)]).exit == 75)
    #expect(report([run(2)], [run(1)]).exit == 1)
  }

  @Test func whatWasInterruptedProvesNothing() {
    var interrupted = report([run(0)], [run(1)])
    #expect(interrupted.exit == 0)
    interrupted.isInterrupted = true
    #expect(interrupted.exit == 130)
  }

  @Test func theMedianIsOfTheRunsThatCaught() {
    let found = report([run(0, 50)], [run(1, 3), run(1, 1)], [run(1, 9), run(0, 40)])
    #expect(found.medianSeconds == 3)
    #expect(report([run(0)], [run(0)]).medianSeconds == nil)
  }

  @Test func claimsAreCountedTheMostFrequentFirst() {
    let row = MutantRow(
      bug: "b", workload: "log",
      runs: [run(1, 1, ["b", "c"]), run(1, 1, ["c"]), run(0, 1, []), run(1, 1, ["a", "c"])])
    #expect(row.brokenClaims.map(\.claim) == ["c", "a", "b"])
    #expect(row.brokenClaims.map(\.times) == [3, 1, 1])
  }
}
