import FoundationEssentials
import Histories
import RunStore

/// Why no report can be made.
public enum ReportError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The path is no directory.
  case noRunDirectory(String)

  public var description: String {
    switch self {
    case .noRunDirectory(let path):
      "'\(path)' is no run directory: give one below store/, as store/latest"
    }
  }
}

/// What a run directory holds, read once, with a remark for everything that is missing or broken.
///
/// A report is most wanted of the runs that went wrong, so nothing in the directory is trusted to be there or whole.
struct RecordedRun {
  /// Counterexamples read, at most: a report draws no more (EXPERIENCE, "Limits a claim").
  static let counterexamplesMax = 60
  /// Largest plan or schedule shown, in bytes.
  static let textBytesMax = 256 << 10

  /// The directory's last path component.
  var name: String
  var results: RunResults?
  /// Client and nemesis events, values with their keys.
  var history = History()
  var counterexamples: [Counterexample] = []
  var plan: String?
  var schedule: String?
  /// What was missing or broken, in sentences.
  var remarks: [String] = []
}

extension RecordedRun {
  /// Reads everything that a report is made of.
  ///
  /// - Throws: `ReportError` when the directory itself is missing; whatever is wrong inside becomes a remark.
  init(directory: String) throws(ReportError) {
    var isDirectory = false
    guard FileManager.default.fileExists(atPath: directory, isDirectory: &isDirectory), isDirectory else {
      throw .noRunDirectory(directory)
    }
    let resolved = URL(fileURLWithPath: directory).resolvingSymlinksInPath()
    // Any one of them will do; without all, writing a page here would be a mistake.
    let traces = [RunFile.results, RunFile.history, RunFile.resolvedPlan, RunFile.log]
    guard traces.contains(where: { FileManager.default.fileExists(atPath: resolved.path + "/" + $0) }) else {
      throw .noRunDirectory(directory)
    }
    name = resolved.lastPathComponent
    readResults(in: resolved)
    readHistory(in: resolved)
    readCounterexamples(in: resolved)
    plan = text(RunFile.plan, in: resolved)
    schedule = text(RunFile.schedule, in: resolved)
  }

  private mutating func bytes(_ file: String, in directory: URL) -> Data? {
    do { return try Data(contentsOf: directory.appendingPathComponent(file)) } catch {
      remarks.append("\(file) is missing.")
      return nil
    }
  }

  private mutating func text(_ file: String, in directory: URL) -> String? {
    guard let data = bytes(file, in: directory) else { return nil }
    if data.count > Self.textBytesMax {
      remarks.append("\(file) is cut after \(Self.textBytesMax >> 10) KiB of \(data.count >> 10) KiB.")
    }
    return String(decoding: data.prefix(Self.textBytesMax), as: UTF8.self)
  }

  private mutating func readResults(in directory: URL) {
    guard let data = bytes(RunFile.results, in: directory) else { return }
    do { results = try JSONDecoder().decode(RunResults.self, from: data) } catch {
      remarks.append("\(RunFile.results) cannot be read: \(DecodingWords.of(error)).")
    }
  }

  /// A broken line ends the history there: what comes before it is still true.
  private mutating func readHistory(in directory: URL) {
    guard let data = bytes(RunFile.history, in: directory) else { return }
    let bytes = [UInt8](data)
    do throws(HistoryFileError) {
      history = try JSONLines.history(from: bytes, keyed: false, tornTail: true)
      if let last = bytes.last, last != UInt8(ascii: "\n") {
        remarks.append("\(RunFile.history) ends in the middle of a line: the run was cut off there.")
      }
    } catch {
      remarks.append(
        "\(RunFile.history) is broken at line \(error.line) (\(error.message)): shown is what comes before it.")
      let whole = Self.lines(bytes, before: error.line)
      history = (try? JSONLines.history(from: whole, keyed: false)) ?? History()
    }
  }

  /// The first `line - 1` lines.
  private static func lines(_ bytes: [UInt8], before line: Int) -> [UInt8] {
    var seen = 1
    for (offset, byte) in bytes.enumerated() where byte == UInt8(ascii: "\n") {
      seen += 1
      if seen == line { return Array(bytes[...offset]) }
    }
    return []
  }

  private mutating func readCounterexamples(in directory: URL) {
    let folder = directory.appendingPathComponent(RunFile.counterexamples)
    let files = counterexampleFiles(in: folder)
    for file in files.prefix(Self.counterexamplesMax) {
      let path = "\(RunFile.counterexamples)/\(file)"
      guard let data = bytes(path, in: directory) else { continue }
      do {
        let counterexample = try JSONDecoder().decode(Counterexample.self, from: data)
        if let problem = counterexample.problem {
          remarks.append("\(path) is not drawn: \(problem).")
        } else {
          counterexamples.append(counterexample)
        }
      } catch {
        remarks.append("\(path) cannot be read: \(DecodingWords.of(error)).")
      }
    }
    if files.count > Self.counterexamplesMax {
      remarks.append(
        "\(files.count - Self.counterexamplesMax) more counterexamples are in \(RunFile.counterexamples)/.")
    }
  }

  /// In the order of the claims; without results, by name.
  private func counterexampleFiles(in folder: URL) -> [String] {
    if let results { return results.claims.flatMap(\.counterexamples).filter { !$0.contains("/") } }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.filter { $0.hasSuffix(".json") }.sorted { ($0.utf8.count, $0) < ($1.utf8.count, $1) }
  }
}

extension Counterexample {
  /// Operations drawn at most; a checker reduces further (EXPERIENCE).
  static let operationsMax = 200

  /// Latest time since a run's start that is believed, in nanoseconds: some thirty years, far from overflow.
  static let timeNanosecondsMax: UInt64 = 1_000_000_000_000_000_000

  /// What makes it impossible to draw; nil when it can be drawn.
  var problem: String? {
    if operations.isEmpty { return "it has no operations" }
    if operations.count > Self.operationsMax {
      return "it has \(operations.count) operations, \(Self.operationsMax) at most"
    }
    let positions =
      [violation] + paths.flatMap { $0.steps.map(\.operation) + $0.stuck.map(\.operation) }
    guard positions.allSatisfy(operations.indices.contains) else { return "it names operations that it does not hold" }
    let times = operations.flatMap { [$0.invokeTime, $0.completeTime ?? $0.invokeTime] }
    guard times.allSatisfy({ $0.magnitude <= Self.timeNanosecondsMax }) else { return "it names impossible times" }
    return nil
  }
}
