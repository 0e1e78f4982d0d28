import ArgumentParser
import Generators
import Glibc
import Histories
import Runs

/// `faultline generate`.
struct GenerateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate",
    abstract: "Make a history whose verdict is known, to try checkers on.",
    discussion: """
      Simulates atomic objects whose clients always have an operation under way, so that the histories are hard. \
      Without --violation they are linearizable; with it, one operation late in the history certainly breaks that: a \
      stale read, a queue out of order, a counter too low, a set that lost an element, a lock held twice.

      list-append and rw-register are databases whose transactions have the isolation --level by construction; they and the workloads with \
      an invariant (bank, long-fork, …) get one certain anomaly with --planted NAME.

      The history goes to standard output or to a file, the known verdict and the seed to standard error. Equal options \
      and seeds give equal histories.

      Examples:
        faultline generate --ops 100000 --clients 10 --output history.jsonl
        faultline generate --ops 10000 --crashed 1 --violation --seed 7 --format edn | faultline check --model cas-register -
        faultline generate --model kv --keys 1000 --ops 1000000 --output kv.jsonl
        faultline generate --model fifo-queue --ops 1000000 --output queue.jsonl
        faultline generate --model list-append --level snapshot-isolation --planted G2-item --output txn.jsonl
        faultline generate --model bank --planted wrong-total | faultline check --model bank -
      """)

  @Option(
    help: ArgumentHelp(
      "What is simulated: \(GeneratedModel.allValueStrings.joined(separator: ", ")).", valueName: "name"))
  var model: GeneratedModel = .object(.casRegister)

  @Option(help: ArgumentHelp("Operations, or transactions, of all clients together.", valueName: "n"))
  var ops = 10_000

  @Option(help: ArgumentHelp("Clients in flight at all times, on each key of an object.", valueName: "n"))
  var clients = 10

  @Option(
    help: ArgumentHelp(
      "small: 0…4 again and again (the default of registers); unique: each written once (of all others: a queue with equal values is decided by search alone, which may take forever).",
      valueName: "small|unique"))
  var values: SyntheticOptions.Values?

  @Option(help: ArgumentHelp("Of 100 operations, how many are never answered.", valueName: "percent"))
  var crashed = 0.0

  @Option(
    help: ArgumentHelp(
      "Independent objects, with values [key, v]; 0: one object without key (a kv has \(SyntheticOptions.keysOfKVDefault)). Of list-append and rw-register: keys in use at a time, else 10.",
      valueName: "n"))
  var keys = 0

  @Option(
    help: ArgumentHelp(
      "Of list-append and rw-register, what holds by construction: \(SyntheticTransactions.Level.allCases.map(\.rawValue).joined(separator: ", ")) (the first is the default).",
      valueName: "level"))
  var level: SyntheticTransactions.Level?

  @Option(
    help: ArgumentHelp(
      "One anomaly, late in the history. Of list-append: \(GeneratedModel.transactions(.lists).anomalies.joined(separator: ", ")); for the others a wrong name lists them.",
      valueName: "anomaly"))
  var planted: String?

  @Flag(
    name: [.customLong("violation"), .customLong("stale")], help: "One certain violation, late in the history.")
  var violation = false

  @Option(help: ArgumentHelp("The seed of every random choice; without it one is drawn and printed.", valueName: "n"))
  var seed: UInt64?

  @Option(help: ArgumentHelp("jsonl (JSON Lines), or edn (one map a line, as Jepsen's).", valueName: "format"))
  var format: Format = .jsonl

  @Option(name: [.short, .long], help: ArgumentHelp("A file, or - for standard output.", valueName: "file"))
  var output = "-"

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case jsonl
    case edn
  }

  func validate() throws {
    do { _ = try maker(0) } catch let problem as SyntheticProblem { throw ValidationError(problem.description) }
  }

  func run() throws {
    signal(SIGPIPE, SIG_IGN)
    // The one draw that no seed decides; it is printed, so the history can be made again.
    let seed = seed ?? UInt64.random(in: 1...999_999)
    do {
      let make = try maker(seed)
      var writer = try EventWriter(path: output, format: format)
      let outcome = try make { event in try writer.append(event) }
      try writer.finish()
      StandardError.print("faultline: \(outcome); \(writer.operations) operations, seed \(seed)")
    } catch let error as EventWriter.Failure {
      // A reader that has seen enough and gone away is no failure.
      if error.code == EPIPE { return }
      let reason = String(cString: strerror(error.code))
      StandardError.print("faultline: \(output == "-" ? "standard output" : output) cannot be written: \(reason)")
      throw ArgumentParser.ExitCode(Runs.ExitCode.environment)
    }
  }

  /// Makes the history event by event, and says in a few words what it is.
  private typealias Maker = (_ body: (Event) throws -> Void) throws -> String

  /// - Throws: `SyntheticProblem` or `ValidationError` with all that is wrong with the options.
  private func maker(_ seed: UInt64) throws -> Maker {
    try requireFitting()
    switch model {
    case .object(let model):
      let options = SyntheticOptions(
        model: model, operations: ops, clients: clients, values: values ?? model.usualValues, crashedPercent: crashed,
        keys: keys, hasViolation: violation)
      let history = try SyntheticHistory(options, seed: seed)
      return { body in
        let outcome = try history.forEach(body)
        let proof = outcome.violation.map { ", proved by event \($0)" } ?? ""
        return "\(outcome.verdict.rawValue)\(proof)"
      }
    case .transactions(let objects):
      let level = level ?? .strictSerializable
      let history = try SyntheticTransactions(
        .init(
          objects: objects, level: level, transactions: ops, clients: clients, activeKeys: keys == 0 ? 10 : keys,
          crashedPercent: crashed,
          planted: planted.flatMap(AnomalyScript.init)), seed: seed)
      return { body in
        try history.forEach(body)
        return "\(level.rawValue)\(plantedText)"
      }
    case .invariant(let workload):
      let history = try SyntheticInvariants(
        .init(
          workload: workload, operations: ops, clients: clients, crashedPercent: crashed,
          planted: planted.flatMap(SyntheticInvariants.Anomaly.init)), seed: seed)
      return { body in
        try history.forEach(body)
        return "\(planted.map { "invalid, with one \($0)" } ?? "valid")"
      }
    }
  }

  private var plantedText: String { planted.map { ", but for one \($0)" } ?? "" }

  /// Options that the model does not have would be ignored silently.
  private func requireFitting() throws {
    var problems: [String] = []
    if let planted, !model.anomalies.contains(planted) {
      let hint = Nearest.name(to: planted, in: model.anomalies).map { ", did you mean '\($0)'?" } ?? "."
      let names = model.anomalies.joined(separator: ", ")
      problems.append(
        names.isEmpty
          ? "--planted: \(model.name) has one violation of its own: --violation"
          : "\(model.name) can have no '\(planted)'\(hint) There are: \(names)")
    }
    if case .object = model {
    } else {
      if violation {
        problems.append(
          planted == nil
            ? "--violation: say which anomaly with --planted: \(model.anomalies.joined(separator: ", "))"
            : "--violation is for objects: --planted alone says which anomaly")
      }
      if values != nil { problems.append("--values: \(model.name) has no such choice") }
    }
    switch model {
    case .transactions: break
    case .object: if level != nil { problems.append("--level is for list-append and rw-register") }
    case .invariant:
      if level != nil { problems.append("--level is for list-append and rw-register") }
      if keys != 0 { problems.append("--keys: \(model.name) has no such choice") }
    }
    if !problems.isEmpty { throw ValidationError(problems.joined(separator: "\n")) }
  }
}

/// Events to a file or to standard output, through a buffer.
private struct EventWriter {
  /// Why something cannot be written: the system's error number.
  struct Failure: Error {
    let code: Int32
  }

  /// Bytes that are written at once.
  private static let bufferBytes = 1 << 20

  /// Invocations written so far.
  private(set) var operations = 0
  private let descriptor: Int32
  private let format: GenerateCommand.Format
  private var buffer: [UInt8] = []

  init(path: String, format: GenerateCommand.Format) throws(Failure) {
    self.format = format
    descriptor = path == "-" ? STDOUT_FILENO : open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    if descriptor < 0 { throw Failure(code: errno) }
    buffer.reserveCapacity(Self.bufferBytes + 4096)
  }

  mutating func append(_ event: Event) throws(Failure) {
    if event.type == .invoke { operations += 1 }
    switch format {
    case .jsonl: JSONLines.append(event, to: &buffer)
    case .edn: EDNLines.append(event, to: &buffer)
    }
    if buffer.count >= Self.bufferBytes { try flush() }
  }

  mutating func finish() throws(Failure) {
    try flush()
    if descriptor != STDOUT_FILENO, close(descriptor) != 0 { throw Failure(code: errno) }
  }

  private mutating func flush() throws(Failure) {
    var start = 0
    while start < buffer.count {
      let (count, code) = buffer.withUnsafeBytes { bytes in
        let written = write(descriptor, bytes.baseAddress?.advanced(by: start), bytes.count - start)
        return (written, errno)
      }
      if count >= 0 { start += count } else if code != EINTR { throw Failure(code: code) }
    }
    buffer.removeAll(keepingCapacity: true)
  }
}
