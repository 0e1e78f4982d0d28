import ArgumentParser
import Checkers
import Foundation
import Glibc
import Histories
import Reports
import RunStore
import Runs

/// `faultline check FILE…`.
struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Decide whether stored histories keep their promise; no cluster needed.",
    discussion: """
      A FILE is a history as JSON Lines, as a JSON array, as EDN, or as the log of a Jepsen run; or a run directory; or - \
      for standard input. Each prints FILE<TAB>valid|invalid|unknown, and below it what was checked and, for a \
      violation, a counterexample. What cannot be read is named on standard error with file, line and column, and the \
      other files are still checked.

      A run directory is judged as its run was: every claim of its plan, each with what the plan expects of it; what \
      no history tells (recovers, no-panic, evidence of faults) is as results.json has it. An option that says what a \
      history is of (--model, --initial, --bound, --visibility-timeout, --consumers-start, --current-reads, \
      --quiescence, --keyed) has its history checked as any other, for one claim.

      Histories of many objects carry values [key, v] and are decided key by key.

      Examples:
        faultline check history.edn
        faultline check --model cas-register --initial 0 jepsen.log
        faultline check store/latest
        faultline check --claim sequential --claim causal store/raft-kv/*/
        faultline generate --ops 10000 --violation | faultline check --model cas-register -
        faultline check --output json *.jsonl | jq '.files[] | select(.verdict != "valid")'

      Exit codes, the first that applies: 1 a violation (of a run: a claim that did not come out as expected), 64 usage \
      or a file that cannot be checked, 2 unknown (a budget ran out), 0 all are valid.
      """)

  @Option(
    help: ArgumentHelp(
      "What the history is of (`faultline list models`); without it, what its functions or its run's plan tell.",
      valueName: "name"))
  var model: [String] = []

  @Option(help: ArgumentHelp("The state before the first operation, as JSON; else the model's own.", valueName: "json"))
  var initial: String?

  @Option(
    help: ArgumentHelp(
      "What is claimed: of objects linearizable, or sequential (real time does not count; one order for all keys), of"
        + " registers also weaker promises (causal, bounded-staleness, …); of transactions an isolation level, else"
        + " strict-serializable. `faultline list models` names them all. Of a run, in place of all that it claimed:"
        + " CLAIM, or WORKLOAD/CLAIM; may be repeated.",
      valueName: "claim"))
  var claim: [String] = []

  @Option(
    help: ArgumentHelp(
      "How stale reads of registers may be, for --claim bounded-staleness: t<5s in time, k<3 in versions.",
      valueName: "bound"))
  var bound: String?

  @Option(
    help: ArgumentHelp(
      "Of work-queue: how long a message that was delivered stays hidden from others: 500ms, 30s, 5m.",
      valueName: "duration"), transform: DurationArgument.parse)
  var visibilityTimeout: DurationArgument?

  @Option(
    help: ArgumentHelp(
      "Of partitioned-log: where a consumer without a position begins; anywhere (Kafka's latest, say) excuses what no"
        + " consumer began before.", valueName: "beginning|anywhere"))
  var consumersStart = Assumptions.ConsumersStart.beginning

  @Flag(
    help: "Of replicated-log: each read-all must show all that was acknowledged before it, not only a replica's last.")
  var currentReads = false

  @Option(
    help: ArgumentHelp(
      "Of crdt-* and siblings: how long replicas may take to hear of everything: only reads that began that long after"
        + " the last update's end and the last fault count as final; without it, all that began after these, and an"
        + " update of unknown outcome may arrive between two of them. Needs events with times.",
      valueName: "duration"), transform: DurationArgument.parse)
  var quiescence: DurationArgument?

  @Option(
    help: ArgumentHelp(
      "The format, where the content does not tell: jsonl, json, edn, jepsen-log.", valueName: "format"))
  var input: HistoryFormat?

  @Option(
    help: ArgumentHelp(
      "Whether values are [key, v]: auto looks at the shapes of the invocations and asks where they leave it open.",
      valueName: "auto|yes|no"))
  var keyed: HistoryCheck.Keyed = .auto

  @Flag(help: "Leave out, and count, what can be left out of a damaged file soundly.")
  var lenient = false

  @Option(
    help: ArgumentHelp(
      "Wall time for deciding each file, or each claim of a run: 500ms, 60s, 5m, 1h.", valueName: "duration"),
    transform: DurationArgument.parse)
  var timeBudget = DurationArgument(seconds: 60)

  @Option(
    help: ArgumentHelp(
      "Memory for deciding: 512MB, 1GB, 4GiB; else 1GB, or what the run had, 2GiB.", valueName: "bytes"),
    transform: BytesArgument.parse)
  var memoryBudget: BytesArgument?

  @Option(
    help: ArgumentHelp(
      "Keys of a history decided at one time; else, and for the claims of runs, one for each processor.",
      valueName: "n"))
  var threads: Int?

  private static let bytesMax = 1_000_000_000

  @Option(help: ArgumentHelp("What goes to standard output: text or json.", valueName: "form"))
  var output: Form = .text

  @Option(
    help: ArgumentHelp(
      "A folder for the counterexamples of objects, as JSON files that a report can draw; what breaks the claims of"
        + " transactions and invariants is in --output json.", valueName: "folder"))
  var counterexamples: String?

  @Argument(help: ArgumentHelp("Histories, run directories, or - for standard input.", valueName: "file"))
  var files: [String]

  enum Form: String, ExpressibleByArgument, CaseIterable {
    case text
    case json
  }

  func validate() throws {
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads must be 1…1024, not \(threads)")
    }
    if model.count > 1 { throw ValidationError(Self.once("--model", model)) }
    try validateClaims()
    _ = try check()
    if files.count(where: { $0 == "-" }) > 1 { throw ValidationError("standard input (-) can be read once") }
  }

  func run() throws {
    signal(SIGPIPE, SIG_IGN)  // a reader that has gone away must not cost the exit code
    let check = try check()
    var exits: [Int32] = []
    var document = CheckDocument(verdict: .valid, exit: 0, files: [])
    for (number, file) in files.enumerated() {
      do throws(HistoryCheck.Problem) {
        let checked: any CheckedInput =
          isJudgedAsRun(file) ? try runCheck.check(file) : try check.check(file)
        exits.append(checked.exit)
        document.verdict = document.verdict.combined(with: checked.verdict)
        var entry = checked.entry
        if output == .text, !show(checked) { exits.append(Runs.ExitCode.environment) }
        entry.error = store(checked, number)
        if let error = entry.error {
          exits.append(Runs.ExitCode.environment)
          StandardError.print("faultline: \(error)")
        }
        document.files.append(entry)
      } catch {
        exits.append(Runs.ExitCode.usage)
        document.verdict = document.verdict.combined(with: .error)
        document.files.append(CheckDocument.File(problem: error.message, of: file))
        StandardError.print("faultline: \(error.message)")
      }
    }
    document.exit = Self.combined(exits)
    if output == .json, !Self.print(document) { document.exit = Self.combined(exits + [Runs.ExitCode.environment]) }
    throw ArgumentParser.ExitCode(document.exit)
  }

  /// Whether the argument is a run directory, and nothing on the command line says what its history is of.
  func isJudgedAsRun(_ file: String) -> Bool {
    let saysWhat =
      !model.isEmpty || initial != nil || bound != nil || assumptions != Assumptions() || keyed != .auto
    return !saysWhat && RunCheck.isDirectory(file)
  }

  private var runCheck: RunCheck {
    RunCheck(
      claims: claim, format: input, isLenient: lenient,
      budget: CheckBudget(secondsMax: timeBudget.seconds, bytesMax: memoryBudget?.bytes ?? StoredRun.checkBytesMax))
  }

  /// The options as one value.
  private func check() throws -> HistoryCheck {
    var check = HistoryCheck(
      claim: claim.first, format: input, keyed: keyed, isLenient: lenient,
      budget: CheckBudget(secondsMax: timeBudget.seconds, bytesMax: memoryBudget?.bytes ?? Self.bytesMax))
    if let threads { check.threads = threads }
    if let bound {
      check.bound = StalenessBound(bound)
      if check.bound == nil {
        throw ValidationError(
          "--bound must be t<DURATION (t<250ms, t<5s, t<1m) or k<VERSIONS (k<1, k<3), not '\(bound)'")
      }
    }
    check.assumptions = assumptions
    if let model = model.first {
      check.model = HistoryModel.named(model)
      if check.model == nil {
        let names = HistoryModel.all.map(\.name)
        let hint = Nearest.name(to: model, in: names).map { ", did you mean '\($0)'?" } ?? "."
        throw ValidationError("no model is named '\(model)'\(hint) There are: \(names.joined(separator: ", "))")
      }
      do throws(MisplacedAssumption) { try check.model?.requireMeaning(of: assumptions) } catch {
        throw ValidationError(error.message)
      }
    }
    if let initial {
      do throws(JSONError) { check.initial = try JSONReader.parse(exact: initial) } catch {
        throw ValidationError(
          "--initial must be JSON such as 0, null, \"\" or {\"x\":0}, not '\(initial)': \(error.message)")
      }
    }
    return check
  }

  private var assumptions: Assumptions {
    var assumptions = Assumptions()
    assumptions.visibilityTimeout = visibilityTimeout?.nanoseconds
    assumptions.consumersStart = consumersStart
    assumptions.readsAreCurrent = currentReads
    assumptions.quiescence = quiescence?.nanoseconds
    return assumptions
  }

  // MARK: Exit codes

  /// The exit code of several files: a violation wins over a file that cannot be checked, and that over `unknown`.
  static func combined(_ exits: [Int32]) -> Int32 {
    let order = [
      Runs.ExitCode.violation, Runs.ExitCode.crash, Runs.ExitCode.environment, Runs.ExitCode.usage,
      Runs.ExitCode.threshold, Runs.ExitCode.unknown,
    ]
    return order.first { exits.contains($0) } ?? Runs.ExitCode.met
  }

  // MARK: Output

  /// False if it cannot be written.
  private func show(_ checked: any CheckedInput) -> Bool {
    for remark in checked.remarks { StandardError.print("faultline: \(checked.name): \(remark)") }
    let style = TerminalStyle.detect(descriptor: STDOUT_FILENO, environment: ProcessInfo.processInfo.environment)
    return StandardOutput.write(checked.text(style))
  }

  /// `FOLDER/FILE-1.json`, … for the counterexamples of one file.
  ///
  /// - Returns: why they cannot be written; nil if they are.
  private func store(_ checked: any CheckedInput, _ number: Int) -> String? {
    guard let counterexamples else { return nil }
    if checked.verdict == .invalid, checked.counterexamples.isEmpty {
      StandardError.print(
        "faultline: \(checked.name): nothing for --counterexamples: what was found is in --output json")
    }
    guard !checked.counterexamples.isEmpty else { return nil }
    let base = checked.name == "-" ? "stdin" : URL(fileURLWithPath: checked.name).lastPathComponent
    // Two files of one name in different folders must not overwrite each other.
    let name = files.count > 1 ? "\(number + 1)-\(base)" : base
    do {
      try FileManager.default.createDirectory(atPath: counterexamples, withIntermediateDirectories: true)
      for (place, counterexample) in checked.counterexamples.enumerated() {
        try RunFiles.write(json: counterexample, to: "\(counterexamples)/\(name)-\(place + 1).json")
      }
      return nil
    } catch {
      // Foundation's own text speaks of its error types: the system is asked once more for the reason.
      let reason =
        access(counterexamples, W_OK) == 0
        ? (error as? StoreError)?.message ?? "the files cannot be written" : String(cString: strerror(errno))
      return "counterexamples of \(checked.name) cannot be written to \(counterexamples): \(reason)"
    }
  }

  /// False if it cannot be written.
  private static func print(_ document: CheckDocument) -> Bool {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(document) else { return false }
    return StandardOutput.write(String(decoding: data, as: UTF8.self) + "\n")
  }
}

extension HistoryCheck.Keyed: ExpressibleByArgument {}
extension HistoryFormat: ExpressibleByArgument {}
extension Assumptions.ConsumersStart: ExpressibleByArgument {}
