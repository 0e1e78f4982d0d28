import FoundationEssentials
import Histories
import RunStore
import Testing

@testable import Reports

/// The ladder and the cycles of transactions, on the page and in the terminal.
@Suite struct IsolationReportTests {
  private static func transaction(_ number: Int, _ operations: [String], hostile: String)
    -> IsolationEvidence.Transaction
  {
    IsolationEvidence.Transaction(
      index: 10 * number, completion: number == 1 ? nil : 10 * number + 1, process: "\(number)" + hostile,
      node: "n\(number)" + hostile, type: number == 1 ? "info" : "ok", operations: operations.map { $0 + hostile },
      invokeTime: Int64(number), completeTime: number == 1 ? nil : Int64(number + 1))
  }

  /// A cycle through this many transactions, with one anti-dependency.
  private static func cycle(_ count: Int, hostile: String = "") -> IsolationEvidence.Anomaly {
    IsolationEvidence.Anomaly(
      name: "G-single", summary: "G-single: \(count) transactions in a circle" + hostile,
      transactions: (0..<count).map { transaction($0, ["append \($0) 1", "r \($0 + 1) → [1, 2]"], hostile: hostile) },
      steps: (0..<count).map { number in
        .init(
          source: number, target: (number + 1) % count, link: number == 0 ? "rw" : number % 2 == 0 ? "ww" : "wr",
          key: .int(Int64(number)), reason: "T\(number + 1) read key \(number) before it was written" + hostile)
      })
  }

  private static func evidence(_ anomalies: [IsolationEvidence.Anomaly], reason: String? = nil) -> IsolationEvidence {
    IsolationEvidence(
      claim: "serializable",
      ladder: [
        .init(level: "read-committed", verdict: .valid, anomalies: [], reason: nil),
        .init(level: "snapshot-isolation", verdict: .unknown, anomalies: [], reason: reason ?? "too many to decide"),
        .init(
          level: "serializable", verdict: anomalies.isEmpty ? .valid : .invalid,
          anomalies: Array(anomalies.indices), reason: nil),
      ], strongestSatisfied: ["read-committed"], weakestBroken: anomalies.isEmpty ? [] : ["serializable"],
      anomalies: anomalies, counts: [.init(name: "G-single", count: 3)], committed: 40)
  }

  private static func page(_ evidence: IsolationEvidence) throws -> ParsedPage {
    let run = SyntheticRun(verdict: evidence.anomalies.isEmpty ? .valid : .invalid)
    var results = run.results
    results.claims[0].isolation = evidence
    let directory = try TemporaryRun(run)
    try JSONEncoder().encode(results).write(to: directory.url.appendingPathComponent(RunFile.results))
    return try directory.page()
  }

  /// A circle of 20,000 transactions is told in some dozens of lines: nobody reads the rest in a terminal.
  @Test func `an enormous circle is cut short in the terminal`() throws {
    let style = TerminalStyle(isTerminal: false, color: false, width: 100)
    let text = try #require(IsolationText.draw(Self.evidence([Self.cycle(20_000)]), style: style))
    #expect(text.split(separator: "\n").count < 200)
    #expect(text.contains("… and 19,976 more transactions (whole in the JSON of the result)"))
    #expect(text.contains("… and 19,976 more steps (whole in the JSON of the result)"))
    let small = try #require(IsolationText.draw(Self.evidence([Self.cycle(24)]), style: style))
    #expect(!small.contains("more transaction"))
  }

  @Test func `the page has the ladder and draws the cycle`() throws {
    let page = try Self.page(Self.evidence([Self.cycle(3)]))
    #expect(page.imbalance == [])
    #expect(page.contains(id: "isolation"))
    for text in [
      "read-committed", "too many to decide", "Strongest that hold: read-committed.",
      "Weakest that are broken: serializable.", "T1  process 0 on n0 · ok", "T2  process 1 on n1 · never answered",
      "append 2 1 · r 3 → [1, 2]", "rw of key 0: T1 read key 0 before it was written.",
    ] { #expect(page.text.contains(text), "\(text)") }
    // An edge between each two transactions, each with its head, and a box for each.
    #expect(page.elements.count { $0.name == "path" && $0.attributes.contains("edge") } == 3)
    #expect(page.elements.count { $0.name == "path" && $0.attributes.contains("head") } == 3)
    #expect(page.elements.count { $0.name == "g" && $0.attributes.contains("transaction") } == 3)
    #expect(page.elements.contains { $0.attributes.contains("#op=20") }, "a link to the operation")
    // The page's script takes each example for the counterexample of the same number: cycles are none.
    #expect(page.elements.count { $0.name == "article" && $0.attributes.contains("example") } == 1)
  }

  @Test func `long cycles are cut with a word, and more anomalies are folded`() throws {
    let page = try Self.page(Self.evidence([Self.cycle(40), Self.cycle(2), Self.cycle(1)]))
    #expect(page.text.contains("28 more transactions of this cycle: see results.json."))
    #expect(page.text.contains("2 more anomalies"))
    #expect(page.imbalance == [])
  }

  /// Two cycles of one name, the shortest of its class and the one that breaks another level, and reads past the limit.
  private static var crowded: IsolationEvidence {
    var evidence = evidence([cycle(2), cycle(3)])
    evidence.anomalies[0].breaks = ["serializable"]
    evidence.anomalies[1].breaks = ["prefix", "snapshot-isolation"]
    evidence.anomalies.append(
      .init(
        name: "internal", summary: "key 1: a read contradicts another", transactions: [], steps: [],
        breaks: ["read-atomic"]))
    evidence.counts = [.init(name: "G-single", count: 2), .init(name: "internal", count: 1_234)]
    return evidence
  }

  @Test func `anomalies of one name are told apart, and how many there are is said`() throws {
    let page = try Self.page(Self.crowded)
    #expect(page.imbalance == [])
    for text in [
      "Breaks serializable.", "2 more anomalies",
      "G-single: 3 transactions in a circle; breaks prefix, snapshot-isolation.",
      "Internal: key 1: a read contradicts another; breaks read-atomic.",
      "Not all anomalies are listed, but some of each kind; in all there are at least 2 G-single, 1234 internal.",
    ] { #expect(page.text.contains(text), "\(text)") }
    let result = CheckResult(verdict: .invalid, algorithm: "cycles", findings: [], isolation: Self.crowded)
    let text = HistoryCheckText.text(name: "h", result: result, facts: [], style: .plain)
    #expect(text.contains("  G-single: 2 transactions in a circle; breaks serializable.\n"), "\(text)")
    // Of each kind that the ladder names there is a line, whichever level it breaks.
    #expect(text.contains("  - Internal: key 1: a read contradicts another; breaks read-atomic.\n"), "\(text)")
  }

  @Test func `nothing is said of what is not listed where all is`() throws {
    var evidence = Self.crowded
    evidence.counts = [.init(name: "G-single", count: 2), .init(name: "internal", count: 1)]
    #expect(evidence.unlisted == nil)
    #expect(try !Self.page(evidence).text.contains("ot all anomalies"))
  }

  @Test func `what holds has a ladder and no picture`() throws {
    let page = try Self.page(Self.evidence([]))
    #expect(page.contains(id: "isolation"))
    #expect(!page.elements.contains { $0.attributes.contains("picture cycle") })
  }

  @Test func `nothing that a history holds becomes markup`() throws {
    let hostile = "<script>alert(1)</script>\"'&\u{202E}"
    let page = try Self.page(Self.evidence([Self.cycle(3, hostile: hostile)], reason: hostile))
    #expect(page.imbalance == [])
    #expect(!page.html.contains("<script>alert"))
    #expect(!page.html.contains("\u{202E}"))
  }

  @Test func `the terminal has the cycle and the ladder`() {
    let result = CheckResult(
      verdict: .invalid, algorithm: "cycles", findings: [], isolation: Self.evidence([Self.cycle(2)]))
    let text = HistoryCheckText.text(name: "h", result: result, facts: ["serializable list-append"], style: .plain)
    for line in [
      "  G-single: 2 transactions in a circle.",
      "    T1: append 0 1 · r 1 → [1, 2] (process 0 on n0, event 0, ok)",
      "    T1 rw→ T2: T1 read key 0 before it was written.", "    ✓ read-committed",
      "    ? snapshot-isolation  too many to decide", "    ✗ serializable        ← claimed  G-single",
      "  strongest levels that hold: read-committed", "  weakest levels that are broken: serializable",
    ] { #expect(text.split(separator: "\n").contains { $0 == line }, "\(line)\n\(text)") }
  }

  @Test func `what holds is one line in the terminal`() {
    var evidence = Self.evidence([])
    evidence.ladder.removeAll { $0.verdict == .unknown }
    let result = CheckResult(verdict: .valid, algorithm: "cycles", isolation: evidence)
    let text = HistoryCheckText.text(name: "h", result: result, facts: [], style: .plain)
    #expect(text.hasSuffix("  strongest levels that hold: read-committed\n"), "\(text)")
    #expect(!text.contains("✓"))
  }
}
