import ArgumentParser
import Foundation
import Generators
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

      The history goes to standard output or to a file, the known verdict and the seed to standard error. Equal options \
      and seeds give equal histories.

      Examples:
        faultline generate --ops 100000 --clients 10 --output history.jsonl
        faultline generate --ops 10000 --crashed 1 --violation --seed 7 --format edn | faultline check --model cas-register -
        faultline generate --model kv --keys 1000 --ops 1000000 --output kv.jsonl
        faultline generate --model fifo-queue --ops 1000000 --output queue.jsonl
      """)

  @Option(
    help: ArgumentHelp(
      "What is simulated: \(SyntheticOptions.Model.allCases.map(\.rawValue).joined(separator: ", ")).",
      valueName: "name"))
  var model: SyntheticOptions.Model = .casRegister

  @Option(help: ArgumentHelp("Operations of all clients together.", valueName: "n"))
  var ops = 10_000

  @Option(help: ArgumentHelp("Clients in flight on each key, at all times.", valueName: "n"))
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
      "Independent objects, with values [key, v]; 0: one object without key (a kv has \(SyntheticOptions.keysOfKVDefault)).",
      valueName: "n"))
  var keys = 0

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

  func run() throws {
    signal(SIGPIPE, SIG_IGN)
    // The one draw that no seed decides; it is printed, so the history can be made again.
    let seed = seed ?? UInt64.random(in: 1...999_999)
    let options = SyntheticOptions(
      model: model, operations: ops, clients: clients, values: values ?? model.usualValues, crashedPercent: crashed,
      keys: keys,
      hasViolation: violation)
    let history: SyntheticHistory
    do { history = try SyntheticHistory(options, seed: seed) } catch {
      throw ValidationError(error.description)
    }
    do {
      let outcome = try write(history)
      let proof = outcome.violation.map { ", proved by event \($0)" } ?? ""
      StandardError.print(
        "faultline: \(outcome.verdict.rawValue)\(proof); \(outcome.operations) operations, seed \(seed)")
    } catch {
      StandardError.print("faultline: \(output == "-" ? "standard output" : output) cannot be written: \(error)")
      throw ArgumentParser.ExitCode(Runs.ExitCode.environment)
    }
  }

  private func write(_ history: SyntheticHistory) throws -> SyntheticHistory.Outcome {
    var writer = try EventWriter(path: output, format: format)
    let outcome = try history.forEach { event in try writer.append(event) }
    try writer.finish()
    return outcome
  }
}

/// Events to a file or to standard output, through a buffer.
private struct EventWriter {
  /// Bytes that are written at once.
  private static let bufferBytes = 1 << 20

  private let file: FileHandle
  private let format: GenerateCommand.Format
  private var buffer: [UInt8] = []

  init(path: String, format: GenerateCommand.Format) throws {
    self.format = format
    if path == "-" {
      file = .standardOutput
    } else {
      try Data().write(to: URL(fileURLWithPath: path))
      file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    }
    buffer.reserveCapacity(Self.bufferBytes + 4096)
  }

  mutating func append(_ event: Event) throws {
    switch format {
    case .jsonl: JSONLines.append(event, to: &buffer)
    case .edn: EDNLines.append(event, to: &buffer)
    }
    if buffer.count >= Self.bufferBytes { try flush() }
  }

  mutating func finish() throws {
    try flush()
    if file !== FileHandle.standardOutput { try file.close() }
  }

  private mutating func flush() throws {
    try file.write(contentsOf: Data(buffer))
    buffer.removeAll(keepingCapacity: true)
  }
}

extension SyntheticOptions.Model: ExpressibleByArgument {}
extension SyntheticOptions.Values: ExpressibleByArgument {}
