import Glibc

/// Reads stored histories, of this program and of others, straight into columns: no allocation an event.
///
/// ```swift
/// let read = try HistoryReader().read(path: "history.edn")
/// let operations = try Operations(read.history)
/// ```
///
/// What is understood, whatever the format: the fields `type`, `process`, `f`, `value`, and if they are there `time` (else
/// the order is the time), `node`, `error`, `key` (then the value becomes `[key, value]`) and `index` (it must not fall).
/// `process` is an integer, `nemesis`, or another name: named clients get numbers above all integers of the file. An
/// event without `f` has the function "". Other fields are checked for syntax alone.
///
/// Files none of whose events has a process hold completions only: `ReadHistory.hasProcesses`.
public struct HistoryReader: Sendable {
  /// The largest `bytesMax`: with more bytes, strings could outnumber their 32-bit ids.
  public static let bytesLimit = 16 << 30
  /// Bytes of a text that give a word of a list or more, in histories of long lists of integers. What is reserved and not
  /// written to takes no memory.
  private static let bytesPerWord = 8
  /// Words that are reserved at most: a gibibyte.
  private static let reservedWordsMax = 1 << 27
  /// The file of a run directory that holds the history.
  static let runFile = "history.jsonl"

  /// The format; nil where the content tells it.
  public var format: HistoryFormat?
  /// Leave out and count what can be left out soundly, rather than refuse the file: `SkippedEvents.Kind`.
  public var isLenient: Bool
  /// Files of more bytes are refused; at most `bytesLimit`.
  public var bytesMax: Int
  /// Histories of more events are refused; at most 2³¹, as their indices are 32 bits.
  public var eventsMax: Int

  public init(
    format: HistoryFormat? = nil, isLenient: Bool = false, bytesMax: Int = 4 << 30, eventsMax: Int = 1 << 31
  ) {
    self.format = format
    self.isLenient = isLenient
    self.bytesMax = min(bytesMax, Self.bytesLimit)
    self.eventsMax = min(eventsMax, 1 << 31)
  }

  /// Reads a file, or the history of a run directory.
  ///
  /// The last line of a run directory's history may be cut off: the run was. The history is not split by key: the
  /// caller knows whether it is to be (`History.splittingKeys`).
  ///
  /// - Throws: `HistoryFileError` with file, line and column.
  public func read(path: String) throws(HistoryFileError) -> ReadHistory {
    do throws(HistoryFileError) {
      let descriptor = try InputFile.open(path)
      defer { close(descriptor) }
      guard try InputFile.isDirectory(descriptor) else {
        try InputFile.requireReadable(descriptor)
        return try read(descriptor: descriptor, name: path)
      }
    } catch { throw error.file == nil ? error.with(file: path) : error }
    return try read(runDirectory: path)
  }

  private func read(runDirectory path: String) throws(HistoryFileError) -> ReadHistory {
    let name = path.hasSuffix("/") ? path + Self.runFile : path + "/" + Self.runFile
    do throws(HistoryFileError) {
      guard access(name, F_OK) == 0 else {
        throw HistoryFileError(
          file: path, "a directory without \(Self.runFile); expected a history or a run's directory")
      }
      let descriptor = try InputFile.open(name)
      defer { close(descriptor) }
      try InputFile.requireReadable(descriptor)
      let file = try InputFile(reading: descriptor, bytesMax: bytesMax) { _, _ in true }
      var rules = rules
      (rules.allowsTornEnd, rules.allowsNoProcess) = (true, false)
      var read = try Self.read(file.bytes, format ?? .jsonLines, rules, name: name)
      read.isRunDirectory = true
      return read
    } catch { throw error.file == nil ? error.with(file: name) : error }
  }

  /// Reads what a descriptor gives to its end, as standard input.
  public func read(descriptor: Int32, name: String = "standard input") throws(HistoryFileError) -> ReadHistory {
    do throws(HistoryFileError) {
      let file = try InputFile(reading: descriptor, bytesMax: bytesMax) { first, isAll throws(HistoryFileError) in
        if !isAll, first.count < HistoryFormat.logDetectionBytesMax, try knownFormat(first) == nil { return false }
        _ = try formatOf(first)
        return true
      }
      return try read(file.bytes, name: name)
    } catch { throw error.file == nil ? error.with(file: name) : error }
  }

  /// Reads a history in memory.
  ///
  /// - Parameter name: what errors call it.
  public func read(_ bytes: [UInt8], name: String = "history") throws(HistoryFileError) -> ReadHistory {
    try bytes.withUnsafeBufferPointer { bytes throws(HistoryFileError) in try read(bytes, name: name) }
  }

  /// Reads a history in memory; the bytes are not kept.
  public func read(
    _ bytes: UnsafeBufferPointer<UInt8>, name: String = "history"
  ) throws(HistoryFileError) -> ReadHistory {
    do throws(HistoryFileError) {
      return try Self.read(bytes, try formatOf(bytes), rules, name: name)
    } catch { throw error.with(file: name) }
  }

  private var rules: ReadRules { ReadRules(isLenient: isLenient, eventsMax: eventsMax) }

  private func formatOf(_ bytes: UnsafeBufferPointer<UInt8>) throws(HistoryFileError) -> HistoryFormat {
    if let format = try knownFormat(bytes) { return format }
    guard !bytes.isBlank(from: bytes.startOfText) else { throw HistoryFileError("holds no event") }
    throw HistoryFileError(
      line: 1, column: 1,
      "no history that is known here: expected JSON objects, a JSON array, EDN, or a Jepsen log; if it is one of them,"
        + " say which with --input"
    )
  }

  /// The format that was chosen, or that the beginning of a file tells.
  private func knownFormat(_ bytes: UnsafeBufferPointer<UInt8>) throws(HistoryFileError) -> HistoryFormat? {
    if bytes.starts(with: [0x1F, 0x8B]) {
      throw HistoryFileError("this is gzip: unpack it first (zcat FILE | faultline check -)")
    }
    return format ?? HistoryFormat.detect(bytes)
  }

  /// Reads bytes of a known format.
  static func read(
    _ bytes: UnsafeBufferPointer<UInt8>, _ format: HistoryFormat, _ rules: ReadRules, name: String?
  ) throws(HistoryFileError) -> ReadHistory {
    var builder = HistoryBuilder(rules)
    builder.history.values.reserve(words: min(bytes.count / Self.bytesPerWord, Self.reservedWordsMax))
    try Scratch.with { scratch throws(HistoryFileError) in
      switch format {
      case .jsonLines: try JSONLinesFormat.read(bytes, scratch, &builder)
      case .jepsenLog: try JepsenLog.read(bytes, scratch, &builder)
      case .json:
        var reader = FormReader(bytes, JSONArrayForms(bytes, scratch))
        try reader.read(&builder)
      case .edn:
        var reader = FormReader(bytes, EDNForms(bytes, scratch))
        try reader.read(&builder)
      }
    }
    guard builder.history.count > 0 || !rules.checksPairing else { throw HistoryFileError("holds no event") }
    return try ReadHistory(&builder, format, name: name)
  }
}

extension HistoryFileError {
  func with(file: String) -> HistoryFileError {
    var error = self
    error.file = file
    return error
  }
}
