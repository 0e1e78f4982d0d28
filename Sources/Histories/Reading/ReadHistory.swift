/// A history with what its file told about it.
public struct ReadHistory: Sendable {
  /// The file's path, or what the caller called it.
  public let name: String?
  public let format: HistoryFormat
  /// Not split by key: `History.splittingKeys` does that.
  public let history: History
  /// The line of each event, 1-based; those of a made-up invocation and its completion are one.
  public let lines: [UInt32]
  /// Whether it is that of a run directory.
  public internal(set) var isRunDirectory = false
  /// False where no event had a process: each completion got a process and an invocation of its own directly before it.
  /// Real-time order and sessions of such a history mean nothing; claims about them cannot be checked.
  public let hasProcesses: Bool
  /// The names of clients that the file calls by name, by the number they got.
  public let processNames: [ProcessID: String]
  /// What lenient reading left out.
  public let skipped: SkippedEvents

  /// Takes everything out of the builder.
  init(_ builder: inout HistoryBuilder, _ format: HistoryFormat, name: String?) throws(HistoryFileError) {
    self.name = name
    self.format = format
    do throws(ScanError) { processNames = try builder.numberNamedProcesses() } catch {
      throw HistoryFileError(error.message)
    }
    history = builder.history
    lines = builder.lines
    hasProcesses = builder.hasProcesses
    skipped = builder.skipped
  }

  /// `file:line` of an event, for messages about it.
  public func location(ofEvent index: Int) -> String {
    let line = lines.indices.contains(index) ? lines[index] : 0
    return name.map { "\($0):\(line)" } ?? "line \(line)"
  }
}
