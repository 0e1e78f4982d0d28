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

      Histories of many objects carry values [key, v] and are decided key by key.

      Examples:
        faultline check history.edn
        faultline check --model cas-register --initial 0 jepsen.log
        faultline check store/latest
        faultline generate --ops 10000 --violation | faultline check --model cas-register -
        faultline check --output json *.jsonl | jq '.files[] | select(.verdict != "valid")'

      Exit codes, the first that applies: 1 a violation, 64 usage or a file that cannot be checked, 2 unknown (a budget \
      ran out), 0 all are valid.
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
        + " strict-serializable. `faultline list models` names them all.",
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
    help: ArgumentHelp("Wall time for deciding each file: 500ms, 60s, 5m, 1h.", valueName: "duration"),
    transform: DurationArgument.parse)
  var timeBudget = DurationArgument(seconds: 60)

  @Option(
    help: ArgumentHelp("Memory for deciding: 512MB, 1GB, 4GiB.", valueName: "bytes"), transform: BytesArgument.parse)
  var memoryBudget = BytesArgument(bytes: 1_000_000_000)

  @Option(help: ArgumentHelp("Keys decided at one time; else one for each processor.", valueName: "n"))
  var threads: Int?

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
    for (option, values) in [("--model", model), ("--claim", claim)] where values.count > 1 {
      throw ValidationError(
        "\(option) was given \(values.count) times (\(values.joined(separator: ", "))): once, please")
    }
    if let claim = claim.first, !HistoryModel.all.contains(where: { $0.claim(named: claim) != nil }) {
      let hint = Nearest.name(to: claim, in: HistoryModel.claims).map { ", did you mean '\($0)'?" } ?? "."
      throw ValidationError(
        "nothing is claimed as '\(claim)'\(hint) There are: \(HistoryModel.claims.joined(separator: ", "))")
    }
    if (claim.first == StalenessChecker.claim) != (bound != nil) {
      throw ValidationError(
        bound == nil ? HistoryCheck.missingBound : "--bound is for --claim \(StalenessChecker.claim)")
    }
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
        let checked = try check.check(file)
        exits.append(Self.exit(checked.result.verdict))
        document.verdict = document.verdict.combined(with: checked.result.verdict)
        var entry = CheckDocument.File(checked)
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

  /// The options as one value.
  private func check() throws -> HistoryCheck {
    var check = HistoryCheck(
      claim: claim.first, format: input, keyed: keyed, isLenient: lenient,
      budget: CheckBudget(secondsMax: timeBudget.seconds, bytesMax: memoryBudget.bytes))
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

  static func exit(_ verdict: Verdict) -> Int32 {
    switch verdict {
    case .valid: Runs.ExitCode.met
    case .invalid: Runs.ExitCode.violation
    case .unknown: Runs.ExitCode.unknown
    case .error: Runs.ExitCode.environment
    }
  }

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
  private func show(_ checked: HistoryCheck.Checked) -> Bool {
    if let guess = checked.guess {
      StandardError.print("faultline: \(checked.name): taken as \(checked.model.name): \(guess)")
    }
    for warning in checked.warnings { StandardError.print("faultline: \(checked.name): \(warning)") }
    let style = TerminalStyle.detect(descriptor: STDOUT_FILENO, environment: ProcessInfo.processInfo.environment)
    return Self.write(
      HistoryCheckText.text(
        name: checked.name, result: checked.result, facts: facts(checked), style: style,
        place: { checked.read.location(ofEvent: $0) }))
  }

  private func facts(_ checked: HistoryCheck.Checked) -> [String] {
    var facts = ["\(checked.claim) \(checked.model.name)"]
    if let keys = checked.keys { facts.append("\(keys) key\(keys == 1 ? "" : "s")") }
    facts.append("\(checked.operations) operation\(checked.operations == 1 ? "" : "s")")
    facts.append("read in \(Self.seconds(checked.readTime)), decided in \(Self.seconds(checked.checkTime))")
    facts.append("by \(checked.result.algorithm)")
    if checked.read.skipped.total > 0 { facts.append("left out: \(checked.read.skipped)") }
    if let names = processNames(checked.read) { facts.append(names) }
    return facts
  }

  /// Whom the numbers of processes stand for, where the file calls clients by name.
  private func processNames(_ read: ReadHistory) -> String? {
    let names = read.processNames.sorted { $0.key.rawValue < $1.key.rawValue }
    if names.isEmpty { return nil }
    let more = names.count > Self.processNamesMax ? " and \(names.count - Self.processNamesMax) more" : ""
    return "processes by name: "
      + names.prefix(Self.processNamesMax).map { "\($0.key.rawValue) is \($0.value)" }.joined(separator: ", ") + more
  }

  /// Names of processes in the text; the JSON has all.
  private static let processNamesMax = 20

  private static func seconds(_ seconds: Double) -> String {
    seconds < 0.9995 ? "\(Int((seconds * 1000).rounded())) ms" : "\((seconds * 10).rounded() / 10) s"
  }

  /// `FOLDER/FILE-1.json`, … for the counterexamples of one file.
  ///
  /// - Returns: why they cannot be written; nil if they are.
  private func store(_ checked: HistoryCheck.Checked, _ number: Int) -> String? {
    guard let counterexamples else { return nil }
    if checked.result.verdict == .invalid, checked.result.counterexamples.isEmpty {
      StandardError.print(
        "faultline: \(checked.name): nothing for --counterexamples: what was found is in --output json")
    }
    guard !checked.result.counterexamples.isEmpty else { return nil }
    let base = checked.name == "-" ? "stdin" : URL(fileURLWithPath: checked.name).lastPathComponent
    // Two files of one name in different folders must not overwrite each other.
    let name = files.count > 1 ? "\(number + 1)-\(base)" : base
    do {
      try FileManager.default.createDirectory(atPath: counterexamples, withIntermediateDirectories: true)
      for (place, counterexample) in checked.result.counterexamples.enumerated() {
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
    return write(String(decoding: data, as: UTF8.self) + "\n")
  }

  /// False, with a message, if it cannot be written; a reader that has seen enough and gone away is no failure.
  private static func write(_ text: String) -> Bool {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let written = bytes.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
      if written >= 0 {
        bytes.removeFirst(written)
      } else if errno == EPIPE {
        return true
      } else if errno != EINTR {
        StandardError.print("faultline: standard output cannot be written: \(String(cString: strerror(errno)))")
        return false
      }
    }
    return true
  }
}

extension HistoryCheck.Keyed: ExpressibleByArgument {}
extension HistoryFormat: ExpressibleByArgument {}
extension Assumptions.ConsumersStart: ExpressibleByArgument {}
