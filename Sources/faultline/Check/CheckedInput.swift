import Checkers
import Histories
import Reports

/// What came of one argument of `faultline check`.
protocol CheckedInput {
  /// As it was given.
  var name: String { get }
  var verdict: Verdict { get }
  /// What it alone would give as the command's exit code.
  var exit: Int32 { get }
  var counterexamples: [Counterexample] { get }
  /// For standard error, in sentences without the name.
  var remarks: [String] { get }
  /// For `--output json`.
  var entry: CheckDocument.File { get }
  /// For standard output; ends with a line feed.
  func text(_ style: TerminalStyle) -> String
}

/// Words that the texts of all inputs have in common.
enum CheckFacts {
  /// Names of processes in the text; the JSON has all.
  private static let processNamesMax = 20

  /// `1 key`, `2 keys`.
  static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }

  /// `3 ms`, `2.4 s`.
  static func seconds(_ seconds: Double) -> String {
    seconds < 0.9995 ? "\(Int((seconds * 1000).rounded())) ms" : "\((seconds * 10).rounded() / 10) s"
  }

  /// `left out: …` where reading left something out.
  static func skipped(_ read: ReadHistory) -> [String] {
    read.skipped.total > 0 ? ["left out: \(read.skipped)"] : []
  }

  /// Whom the numbers of processes stand for, where the file calls clients by name.
  static func processNames(_ read: ReadHistory) -> [String] {
    let names = read.processNames.sorted { $0.key.rawValue < $1.key.rawValue }
    if names.isEmpty { return [] }
    let more = names.count > processNamesMax ? " and \(names.count - processNamesMax) more" : ""
    return [
      "processes by name: "
        + names.prefix(processNamesMax).map { "\($0.key.rawValue) is \($0.value)" }.joined(separator: ", ") + more
    ]
  }

  /// Operations of clients: their invocations.
  static func operations(_ history: History) -> Int {
    (0..<history.count).count { history.type(at: $0) == .invoke && !history.process(at: $0).isNemesis }
  }

  /// What the verdict rests on and the file makes doubtful.
  ///
  /// - Parameter history: the one that was read, split by key where it is.
  static func warnings(_ read: ReadHistory, _ history: History) -> [String] {
    idle(read.history) + timeFalls(read) + mixedNumbers(history, read)
  }

  private static func idle(_ history: History) -> [String] {
    history.hasAnswer(.fail) && !history.hasAnswer(.ok) ? ["no operation completed with ok"] : []
  }

  private static func timeFalls(_ read: ReadHistory) -> [String] {
    guard let falls = read.timeFalls else { return [] }
    let count = falls.count == 1 ? "once" : "\(falls.count) times"
    return [
      "the time falls \(count), first on line \(falls.firstLine): the order of the lines is taken as the order of events"
    ]
  }

  /// 1 and 1.0 are two values, which who recorded them may not have meant.
  private static func mixedNumbers(_ history: History, _ read: ReadHistory) -> [String] {
    guard let mixed = MixedNumbers(history) else { return [] }
    let key = mixed.key.map { " of key \($0)" } ?? ""
    return [
      "both \(mixed.integer) (\(read.location(ofEvent: mixed.events.integer))) and \(Double(mixed.integer)) "
        + "(\(read.location(ofEvent: mixed.events.decimal))) are among the values\(key): these are two values"
    ]
  }
}
