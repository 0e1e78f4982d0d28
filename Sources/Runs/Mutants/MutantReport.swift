import Histories
import RunStore

/// One try to catch a named bug, or one run without a bug: what its last run came to.
public struct MutantRun: Sendable, Hashable {
  public var seed: UInt64
  /// Runs of the try.
  public var rounds: Int
  /// Wall time from the start of the first run to the end of the last, set-up included: with a violation, until it was told.
  public var seconds: Double
  /// The last run's exit code.
  public var exit: Int32
  /// The claims that were expected to hold and were found broken.
  public var broken: [String]
  /// The command that repeats the last run.
  public var reproduce: String

  public init(
    seed: UInt64, rounds: Int = 1, seconds: Double, exit: Int32, broken: [String], reproduce: String
  ) {
    self.seed = seed
    self.rounds = rounds
    self.seconds = seconds
    self.exit = exit
    self.broken = broken
    self.reproduce = reproduce
  }

  /// A claim was found broken.
  public var isCaught: Bool { exit == ExitCode.violation }
  /// Neither a violation nor a clean verdict: the run says nothing of the bug.
  public var hasFailed: Bool { exit == ExitCode.environment || exit == ExitCode.crash || exit == ExitCode.usage }
}

/// All runs of one bug.
public struct MutantRow: Sendable, Hashable {
  /// nil: the system as it should be.
  public var bug: String?
  public var workload: String
  public var runs: [MutantRun]

  public init(bug: String?, workload: String, runs: [MutantRun]) {
    self.bug = bug
    self.workload = workload
    self.runs = runs
  }

  public var caught: Int { runs.count(where: \.isCaught) }

  /// Whether it counts as caught: in at least 9 of 10 tries (DESIGN 8). Without a bug: whether none was an alarm and all
  /// were decided.
  public var isRight: Bool {
    bug == nil ? runs.allSatisfy { $0.exit == ExitCode.met } : !runs.isEmpty && caught * 10 >= runs.count * 9
  }

  /// Seconds of the runs that caught it, in order.
  public var secondsToCatch: [Double] { runs.filter(\.isCaught).map(\.seconds).sorted() }

  /// The claims that caught it with how often each did, the most frequent first.
  public var brokenClaims: [(claim: String, times: Int)] {
    let names = runs.filter(\.isCaught).flatMap(\.broken)
    return Set(names).map { name in (claim: name, times: names.count { $0 == name }) }
      .sorted { ($1.times, $0.claim) < ($0.times, $1.claim) }
  }
}

/// What `faultline mutants` found: a row for each bug, and one for each workload of the system without.
public struct MutantReport: Sendable, Hashable {
  public var system: String
  /// The seed that the runs' seeds were drawn from.
  public var seed: UInt64
  public var rows: [MutantRow]
  /// Somebody ended it: the rows have what was done until then.
  public var isInterrupted: Bool

  public init(system: String, seed: UInt64, rows: [MutantRow], isInterrupted: Bool = false) {
    self.system = system
    self.seed = seed
    self.rows = rows
    self.isInterrupted = isInterrupted
  }

  private var mutants: [MutantRow] { rows.filter { $0.bug != nil } }
  /// Bugs that count as caught.
  public var caughtBugs: Int { mutants.count(where: \.isRight) }
  public var bugs: Int { mutants.count }

  /// Runs without a bug, and those of them in which every claim held; nil without such runs.
  public var cleanRuns: (valid: Int, runs: Int)? {
    let runs = rows.filter { $0.bug == nil }.flatMap(\.runs)
    return runs.isEmpty ? nil : (runs.count { $0.exit == ExitCode.met }, runs.count)
  }

  /// The median of the seconds of all runs that caught their bug; nil where none did.
  public var medianSeconds: Double? {
    let all = mutants.flatMap(\.secondsToCatch).sorted()
    return all.isEmpty ? nil : all[all.count / 2]
  }

  /// A false alarm is the worst (1), then a run that failed (75), then a bug that was missed (1).
  public var exit: Int32 {
    if isInterrupted { return ExitCode.interrupted }
    if rows.contains(where: { $0.bug == nil && $0.caught > 0 }) { return ExitCode.violation }
    if rows.contains(where: { $0.runs.contains(where: \.hasFailed) }) { return ExitCode.environment }
    return rows.allSatisfy(\.isRight) ? ExitCode.met : ExitCode.violation
  }

  /// For programs; see Docs/results.md.
  public var value: Value {
    [
      "schema": 1, "system": .string(system), "seed": .string(String(seed)), "exit": .int(Int64(exit)),
      "bugs": .int(Int64(bugs)), "caughtBugs": .int(Int64(caughtBugs)),
      "medianSeconds": medianSeconds.map { .double($0) } ?? .null, "rows": .list(rows.map(\.value)),
    ]
  }
}

extension MutantRow {
  fileprivate var value: Value {
    [
      "bug": bug.map { .string($0) } ?? .null, "workload": .string(workload), "caught": .int(Int64(caught)),
      "runs": .list(runs.map(\.value)),
    ]
  }
}

extension MutantRun {
  fileprivate var value: Value {
    [
      "seed": .int(Int64(clamping: seed)), "rounds": .int(Int64(rounds)), "seconds": .double(seconds),
      "exit": .int(Int64(exit)),
      "broken": .list(broken.map { .string($0) }), "reproduce": .string(reproduce),
    ]
  }
}
