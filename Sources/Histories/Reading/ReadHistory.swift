/// A history with what its file told about it.
public struct ReadHistory: Sendable {
  /// The file's path, or what the caller called it.
  public let name: String?
  public let format: HistoryFormat
  /// Not split by key: `History.splittingKeys` does that.
  public let history: History
  /// The line of each event, 1-based; those of a made-up invocation and its completion are one.
  public let lines: [UInt32]
  /// The column of each event, 1-based; empty where all are 1.
  private let columns: [UInt32]
  /// Whether it is that of a run directory.
  public internal(set) var isRunDirectory = false
  /// False where no event had a process: each completion got a process and an invocation of its own directly before it.
  /// Real-time order and sessions of such a history mean nothing; claims about them cannot be checked.
  public let hasProcesses: Bool
  /// The names of clients that the file calls by name, by the number they got.
  public let processNames: [ProcessID: String]
  /// What lenient reading left out.
  public let skipped: SkippedEvents
  /// Where times contradict the order of the lines; nil where they do not.
  public let timeFalls: TimeFalls?

  /// Takes everything out of the builder.
  init(_ builder: inout HistoryBuilder, _ format: HistoryFormat, name: String?) throws(HistoryFileError) {
    self.name = name
    self.format = format
    do throws(ScanError) { processNames = try builder.numberNamedProcesses() } catch {
      throw HistoryFileError(error.message)
    }
    history = builder.history
    (lines, columns) = (builder.lines, builder.columns)
    hasProcesses = builder.hasProcesses
    (skipped, timeFalls) = (builder.skipped, builder.timeFalls)
  }

  /// `file:line:column` of an event, for messages about it.
  public func location(ofEvent index: Int) -> String {
    let line = lines.indices.contains(index) ? lines[index] : 0
    let column = columns.indices.contains(index) ? columns[index] : 1
    return name.map { "\($0):\(line):\(column)" } ?? "line \(line), column \(column)"
  }
}

/// Events with a time before that of the event above them.
///
/// The order of the lines is the clock of every checker; a file whose times say otherwise may have been merged from
/// several, and then nothing is known of the order in which its events happened.
public struct TimeFalls: Hashable, Sendable {
  /// The line of the first one, 1-based.
  public let firstLine: Int
  public let count: Int
}
