import Checkers
import Histories
import Testing

/// Histories that were read leniently: what the events left out may explain is no violation.
@Suite struct MissingEventTests {
  /// As JSON lines, with an end that is cut off.
  private static func read(_ text: String, torn end: String = "") throws -> ReadHistory {
    let lines = text.split(separator: "\n").map { line in
      let parts = line.split(separator: " ", maxSplits: 3)
      return #"{"process":\#(parts[0]),"type":"\#(parts[1])","f":"\#(parts[2])","value":\#(parts[3])}"# + "\n"
    }
    return try HistoryReader(isLenient: true).read(Array((lines.joined() + end).utf8))
  }

  private static let late = """
    0 invoke add 1
    0 ok add 1
    1 invoke read null
    1 ok read []
    1 invoke read null
    """

  @Test func `a missing read may have what seems to be lost`() throws {
    let read = try Self.read(Self.late, torn: #"{"process":1,"type":"ok","f":"read","value":[1"#)
    for options in [SetFullChecker.Options(), .init(usesLastReadOnly: true)] {
      let report = try SetFullChecker.report(read.history, options)
      #expect(report.verdict == .invalid)
      let result = report.result(leftOut: read.skipped)
      #expect(result.verdict == .unknown && result.findings == [])
      #expect(
        result.reason
          == "what was found may be explained by the event that was left out: 1 torn-end (line 6, 46 bytes)")
      #expect(result.notices.count == 1)
      #expect(result.notices.first?.contains("left out: 1 was acknowledged (event 1) and was never seen") == true)
      #expect(result.statistics.contains(Statistic(name: "lost-element-count", value: 1)))
    }
    #expect(try SetFullChecker.report(read.history).result.verdict == .invalid)
  }

  /// Lost or late, the read began after the element was acknowledged.
  @Test func `a read that misses an element is stale at least`() throws {
    let read = try Self.read(Self.late, torn: "{")
    let report = try SetFullChecker.report(read.history, .init(isLinearizable: true))
    #expect(report.result(leftOut: read.skipped).verdict == .invalid)
  }

  /// A whole event too many leaves no gap.
  @Test func `a completion that is repeated explains nothing`() throws {
    let read = try Self.read("0 invoke add 1\n0 ok add 1\n0 ok add 1\n1 invoke read null\n1 ok read []")
    #expect(read.skipped[.repeatedCompletion] == 1)
    #expect(try SetFullChecker.report(read.history).result(leftOut: read.skipped).verdict == .invalid)
  }

  @Test func `what is certain is told from what is not`() throws {
    let text =
      "0 invoke read null\n0 ok read [2,2]\n0 invoke read null\n0 ok read []\n0 invoke read null\n1 invoke add 1"
    let read = try Self.read(text, torn: "{")
    let result = try SetFullChecker.report(read.history).result(leftOut: read.skipped)
    #expect(result.verdict == .invalid)
    #expect(result.findings.map(\.anomaly) == ["duplicate-element"])
    #expect(result.notices.count == 1 && result.notices[0].contains("saw 2, which nobody added"))
  }

  /// Of a doubled element in the last read a later one says nothing, where only the last read counts.
  @Test func `a later read may be the last`() throws {
    let read = try Self.read("0 invoke add 1\n0 ok add 1\n0 invoke read null\n0 ok read [1,1]", torn: "{")
    let report = try SetFullChecker.report(read.history, .init(usesLastReadOnly: true))
    #expect(report.verdict == .invalid)
    #expect(report.result(leftOut: read.skipped).verdict == .unknown)
  }

  @Test func `a bank's total can be another one`() throws {
    let text = "0 invoke read null\n0 ok read [1]\n0 invoke read null\n0 ok read [2]"
    for (end, verdict) in [("", Verdict.unknown), ("\n0 invoke read null\n0 ok read [-1]", .invalid)] {
      let read = try Self.read(text + end, torn: "{")
      #expect(try BankChecker.report(read.history).result(leftOut: read.skipped).verdict == verdict)
    }
  }
}
