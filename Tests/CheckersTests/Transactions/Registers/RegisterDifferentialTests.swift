import Checkers
import Generators
import Histories
import Testing

/// Every level of the rw-register checker against the definition of the level, on small random histories.
///
/// Histories as small as these are always decided: `unknown` is a failure. A disagreement is shown as its smallest
/// history.
@Suite struct RegisterDifferentialTests {
  static let parts = 4
  static let historiesPerPart = Soak.histories(slice: 1_200, parts: parts)

  private static let sessions: Set<IsolationLevel> =
    [.readYourWrites, .monotonicReads, .monotonicWrites, .writesFollowReads, .pram]

  private struct Split {
    var valid = 0
    var invalid = 0
    var unknown = 0
  }

  @Test(arguments: 0..<parts) func everyLevel(part: Int) throws {
    let streams = RandomStreams(seed: UInt64(part))
    var maker = RegisterHistories(IsolationHistories(streams.stream("lists")), streams.stream("registers"))
    var splits: [IsolationLevel: Split] = [:]
    var problems: [String: Int] = [:]
    for number in 0..<Self.historiesPerPart {
      let history = maker.next(transactionsMax: number % 4 == 0 ? 5 : 4)
      let levels = try RegisterTwin(history).levels()
      let report = try RWRegisterChecker(Self.options(number)).report(history)
      for level in RegisterTwin.levels { Self.count(report, levels, level, &splits[level, default: Split()]) }
      let untrue = try RegisterJudge(history).problem(with: report).map { "evidence: \($0)" }
      guard let problem = Self.problem(report, levels) ?? untrue else { continue }
      problems[problem, default: 0] += 1
      if problems.values.reduce(0, +) > 5 || problems[problem] != 1 { continue }
      let small = untrue != nil ? history : ListHistory.reduced(history) { Self.isWrong($0, like: problem, number) }
      Issue.record("part \(part), history \(number): \(problem)\n\(ListHistory.text(small))")
    }
    print("registers, part \(part): \(Self.historiesPerPart) histories")
    for level in RegisterTwin.levels {
      let split = splits[level] ?? Split()
      print("  \(level.rawValue): \(split.valid) valid, \(split.invalid) invalid; \(split.unknown) unknown")
      // Whatever was read of what somebody wrote, some order of the versions has no write cycle.
      let least = level == .readUncommitted ? 300 : Self.sessions.contains(level) ? 100 : 20
      #expect(min(split.valid, split.invalid) * least >= Self.historiesPerPart, "\(level.rawValue)")
    }
  }

  /// Verdicts must not depend on the rules that only save a search.
  private static func options(_ number: Int) -> RWRegisterChecker.Options {
    let isOn = number % 3 != 0
    return .init(
      inferences: .init(writesFollowReads: isOn || number % 2 == 0, perProcess: isOn, realtime: isOn))
  }

  private static func count(
    _ report: IsolationReport, _ levels: Set<String>, _ level: IsolationLevel, _ split: inout Split
  ) {
    if levels.contains(level.rawValue) { split.valid += 1 } else { split.invalid += 1 }
    if report.rung(level)?.verdict == .unknown { split.unknown += 1 }
  }

  /// The first level on which the report and the definition differ.
  private static func problem(_ report: IsolationReport, _ levels: Set<String>) -> String? {
    for level in RegisterTwin.levels {
      let isValid = levels.contains(level.rawValue)
      guard let rung = report.rung(level) else { return "\(level.rawValue): no verdict" }
      if rung.verdict != (isValid ? .valid : .invalid) {
        return "\(level.rawValue): \(rung.verdict), by definition \(isValid ? "valid" : "invalid")"
      }
    }
    return nil
  }

  private static func isWrong(_ history: History, like problem: String, _ number: Int) -> Bool {
    guard let twin = try? RegisterTwin(history),
      let report = try? RWRegisterChecker(options(number)).report(history)
    else { return false }
    return Self.problem(report, twin.levels()) == problem
  }
}
