import Checkers
import Clusters
import Foundation
import Histories
import Nemesis
import Plans
import RunStore
import Systems
import Workloads

/// Judges a recording and writes what came of it.
struct Results {
  /// Time for all checkers of a run together, in seconds.
  static let checkSecondsMax = 60.0
  /// Memory for each checker, in bytes.
  static let checkBytesMax = 2 << 30

  let plan: Plan
  let options: RunOptions
  let started: Date
  let directory: RunDirectory
  let log: RunLog

  /// - Throws: `StoreError` when a file cannot be written.
  func write(_ recording: Recording, system: SystemUnderTest, phases: inout PhaseTimes) throws -> RunResults {
    let judgement = Judgement(
      claims: plan.claims, workload: plan.workload.name, checks: recording.instance.checks,
      budget: CheckBudget(secondsMax: Self.checkSecondsMax, bytesMax: Self.checkBytesMax))
    let judged = judgement.judge(
      recording.history, online: recording.online, recovers: recording.recovery,
      noPanic: noPanic(recording, system))
    phases.end("checking")
    var minimums = AntiVacuity(plan.minimums).minimums(
      history: recording.history, functions: recording.functions, faults: plan.faults.map(\.name).uniqued,
      records: recording.faults, healed: recording.healed)
    if recording.interrupted { minimums = minimums.map { $0.excused("the run was interrupted") } }
    if recording.failedAt != nil { minimums = minimums.map { $0.excused("the run ended at its first violation") } }
    var written = 0
    let claims = try judgement.outcomes(judged, minimums: minimums) { counterexample in
      written += 1
      let path = try directory.counterexample(written)
      try RunFiles.write(json: counterexample, to: path)
      return URL(fileURLWithPath: path).lastPathComponent
    }
    let results = results(recording, claims, minimums, phases)
    try RunFiles.write(json: results, to: directory.file(RunFile.results))
    log.note("verdict \(results.verdict.rawValue), exit \(results.exit)")
    return results
  }

  private func results(
    _ recording: Recording, _ claims: [ClaimOutcome], _ minimums: [Minimum], _ phases: PhaseTimes
  ) -> RunResults {
    let enough: Verdict = minimums.allSatisfy(\.reached) ? .valid : .unknown
    return RunResults(
      verdict: Verdict.combined(claims.map(\.verdict) + [enough]),
      exit: recording.interrupted ? ExitCode.interrupted : ExitCode.of(claims, minimums: minimums), seed: plan.seed,
      plan: plan.name, system: plan.name, versions: ["faultline": options.version],
      started: started.formatted(.iso8601), duration: Double(recording.lastTime) / 1e9, phases: phases.seconds,
      reproduce: options.reproduce, claims: claims, vitals: vitals(recording), faults: recording.faults,
      minimums: minimums,
      notices: plan.notices + misplacedBug(claims) + recording.notices + strangeResponses(recording.history),
      online: recording.online, stoppedAt: recording.failedAt, parameters: plan.parameters, bug: plan.bug)
  }

  /// The checkers' vitals through their JSON form, because RunStore does not know the type; and how many responses no
  /// rule of the plan understood, by what they were.
  private func vitals(_ recording: Recording) -> Value {
    let vitals = Vitals(recording.history)
    guard let data = try? JSONEncoder().encode(vitals), case .map(var fields)? = try? JSONReader.parse(Array(data))
    else { return .null }
    let strange = vitals.errors.filter { UnclassifiedResponse.isOne($0.error) }
    fields["unclassified"] = .map(
      Dictionary(strange.map { ($0.error, .int(Int64($0.count))) }, uniquingKeysWith: { first, _ in first }))
    fields["resent"] = .int(Int64(recording.resent))
    return .map(fields)
  }

  /// Where nothing is broken: the bug was perhaps not looked for in the right place.
  private func misplacedBug(_ claims: [ClaimOutcome]) -> [String] {
    claims.contains { $0.outcome == .missed } ? [] : [plan.misplacedBug].compactMap(\.self)
  }

  /// Said even where they are few: a rule may be missing.
  private func strangeResponses(_ history: History) -> [String] {
    let strange = Vitals(history).errors.filter { UnclassifiedResponse.isOne($0.error) }
    guard let first = strange.first else { return [] }
    let count = strange.reduce(0) { $0 + $1.count }
    return [
      count == 1
        ? "1 response met no rule of the plan, '\(first.error)': counted as unknown or failed"
        : "\(count) responses met no rule of the plan, most often '\(first.error)': counted as unknown or failed"
    ]
  }

  private func noPanic(_ recording: Recording, _ system: SystemUnderTest) -> CheckResult {
    do {
      let logs = try system.nodes.map { ($0.name, try LogTail.bytes(of: $0.logFile)) }
      return try NoPanic(patterns: plan.system.panic).check(logs: logs, unexpectedEnds: recording.unexpectedEnds)
    } catch {
      return CheckResult(verdict: .error, algorithm: "log patterns and process ends", reason: "\(error)")
    }
  }
}

extension Minimum {
  /// In a run that was cut short nothing is to be mended but what cut it.
  fileprivate func excused(_ reason: String) -> Minimum {
    Minimum(name: name, wanted: wanted, got: got, hint: hint == nil ? nil : reason)
  }
}

extension Recording {
  /// Nanoseconds since the run's start.
  var lastTime: Int64 { history.count == 0 ? 0 : history.time(at: history.count - 1) }
}

extension Array where Element: Hashable {
  /// The elements without repetitions, in order of first appearance.
  var uniqued: [Element] {
    var seen: Set<Element> = []
    return filter { seen.insert($0).inserted }
  }
}
