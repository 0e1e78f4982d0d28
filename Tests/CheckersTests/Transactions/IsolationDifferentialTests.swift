import Checkers
import Generators
import Histories
import Testing

/// Every level of the list-append checker against the definition of the level, on small random histories.
///
/// `unknown` is an answer only where several appends to one key were never read, and a rare one. Every cycle that is
/// shown is judged too, and a disagreement is shown as its smallest history.
@Suite struct IsolationDifferentialTests {
  static let parts = 4
  static let historiesPerPart = Soak.histories(slice: 1_600, parts: parts)

  private struct Split {
    var valid = 0
    var invalid = 0
    var unknown = 0
  }

  @Test(arguments: 0..<parts) func everyLevel(part: Int) throws {
    var maker = IsolationHistories(RandomStreams(seed: UInt64(part)).stream("isolation"))
    var splits: [IsolationLevel: Split] = [:]
    var histories = (all: 0, unseen: 0, unknown: 0)
    var problems: [String: Int] = [:]
    var classes: [String: Int] = [:]
    for number in 0..<Self.historiesPerPart {
      let history = maker.next(transactionsMax: number % 4 == 0 ? 5 : 4)
      let twin = try IsolationTwin(history)
      let levels = twin.levels()
      let report = try ListAppendChecker.report(history)
      histories.all += 1
      if twin.hasSeveralUnseen { histories.unseen += 1 }
      if report.ladder.contains(where: { $0.verdict == .unknown }) { histories.unknown += 1 }
      for level in IsolationLevel.allCases {
        let isValid = levels.contains(level.rawValue)
        splits[level, default: Split()].valid += isValid ? 1 : 0
        splits[level, default: Split()].invalid += isValid ? 0 : 1
        if report.rung(level)?.verdict == .unknown { splits[level, default: Split()].unknown += 1 }
      }
      if let untrue = try IsolationJudge(history).problem(with: report) {
        problems["evidence", default: 0] += 1
        if problems["evidence"] == 1 {
          Issue.record("part \(part), history \(number): \(untrue)\n\(ListHistory.text(history))")
        }
      }
      for name in try CycleTwin(history).classes() ?? [] { classes[name, default: 0] += 1 }
      if let problem = try Self.problem(report, levels, twin.hasSeveralUnseen) ?? Self.classProblem(history, report) {
        problems[problem, default: 0] += 1
        if problems[problem] != 1 { continue }
        let small = ListHistory.reduced(history) { Self.isWrong($0, like: problem) }
        Issue.record("part \(part), history \(number): \(problem)\n\(ListHistory.text(small))")
      }
    }
    print("isolation, part \(part): \(histories)")
    for (problem, count) in problems.sorted(by: { $0.key < $1.key }) { print("  \(count) times: \(problem)") }
    for level in IsolationLevel.allCases {
      let split = splits[level] ?? Split()
      print("  \(level.rawValue): \(split.valid) valid, \(split.invalid) invalid; \(split.unknown) unknown")
      #expect(min(split.valid, split.invalid) * 5 >= Self.historiesPerPart, "\(level.rawValue)")
    }
    #expect(histories.unknown * 10 < Self.historiesPerPart)
    print("  \(classes.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: ", "))")
    for name in Self.commonClasses { #expect(classes[name] ?? 0 > 0, "\(name)") }
  }

  /// Classes of cycles that some of so few transactions must have.
  private static let commonClasses = ["G0", "G1c", "G-single", "G2-item"].flatMap {
    [$0, $0 + "-process", $0 + "-realtime"]
  }

  /// The first class of cycles that the history has and the report does not name, or the other way round.
  private static func classProblem(_ history: History, _ report: IsolationReport) throws -> String? {
    guard let classes = try CycleTwin(history).classes() else { return nil }
    let named = Set(report.anomalies.filter { !$0.steps.isEmpty && $0.name.hasPrefix("G") }.map(\.name))
    if let missing = classes.subtracting(named).sorted().first { return "\(missing) is there and not named" }
    return named.subtracting(classes).sorted().first.map { "\($0) is named and not there" }
  }

  /// The first level on which the report and the definition differ.
  private static func problem(_ report: IsolationReport, _ levels: Set<String>, _ mayBeUnknown: Bool) -> String? {
    for level in IsolationLevel.allCases {
      let isValid = levels.contains(level.rawValue)
      guard let verdict = report.rung(level)?.verdict else { return "\(level.rawValue): no verdict" }
      if verdict == .unknown, mayBeUnknown { continue }
      if verdict != (isValid ? .valid : .invalid) {
        return "\(level.rawValue): \(verdict), by definition \(isValid ? "valid" : "invalid")"
      }
      for implied in level.implied where isValid && !levels.contains(implied.rawValue) {
        return "\(level.rawValue) holds by definition, but not \(implied.rawValue)"
      }
    }
    return nil
  }

  private static func isWrong(_ history: History, like problem: String) -> Bool {
    guard let twin = try? IsolationTwin(history), let report = try? ListAppendChecker.report(history) else {
      return false
    }
    return Self.problem(report, twin.levels(), twin.hasSeveralUnseen) == problem
      || (try? Self.classProblem(history, report)) == problem
  }
}
