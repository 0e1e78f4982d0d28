import Checkers
import Histories
import Testing

/// A result says how much more is wrong than it lists.
@Suite struct UnlistedTests {
  /// So many ids, each given out twice.
  private func result(twice count: Int) throws -> CheckResult {
    let ids = (0..<count).flatMap { [$0, $0] }
    let events = ids.enumerated().flatMap { index, id in
      [EventType.invoke, .ok].map { type in
        Event(
          index: 2 * index + (type == .ok ? 1 : 0), time: Int64(index), process: ProcessID(0), type: type,
          function: "generate", value: type == .ok ? .int(Int64(id)) : .null)
      }
    }
    return try UniqueIDChecker.report(History(events)).result
  }

  @Test func `what is not listed is counted`() throws {
    let result = try result(twice: 20)
    #expect(result.findings.count == InvariantReport.findingsPerAnomalyMax)
    #expect(result.reason == "in all there are 20 duplicate-id; of each kind the first 8 are listed")
  }

  @Test(arguments: [1, InvariantReport.findingsPerAnomalyMax])
  func `where all is listed nothing is said`(count: Int) throws {
    let result = try result(twice: count)
    #expect(result.verdict == .invalid && result.findings.count == count && result.reason == nil)
  }
}
