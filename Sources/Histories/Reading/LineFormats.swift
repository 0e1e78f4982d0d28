/// Formats whose events are lines: an error ends with its line.
struct LineFormat<Scanner: ValueScanner> {
  /// Reads the event of one line, which ends with the scanner's bytes; false if the line holds none.
  let event: (inout Scanner, inout EventFields, inout HistoryBuilder) throws(ScanError) -> Bool

  /// Reads all lines of the source.
  ///
  /// - Throws: `HistoryFileError` for the first event that can neither be read nor left out.
  func read(
    _ source: UnsafeBufferPointer<UInt8>, _ scanner: inout Scanner, _ builder: inout HistoryBuilder
  ) throws(HistoryFileError) {
    var start = source.starts(with: HistoryFormat.byteOrderMark) ? HistoryFormat.byteOrderMark.count : 0
    var line: UInt32 = 1
    while start < source.count {
      let newline = source.newline(from: start)
      let end = newline ?? source.count
      scanner.bytes.position = start
      scanner.bytes.end = end
      var fields = EventFields()
      do throws(ScanError) {
        if try event(&scanner, &fields, &builder) { try builder.add(fields, line: line, at: start) }
      } catch {
        scanner.bytes.scratch.stack.pointee.removeAll(keepingCapacity: true)
        let text = UnsafeBufferPointer(rebasing: source[start..<end])
        let isEnd = newline == nil || builder.rules.isLenient && source.isBlank(from: end)
        if error.isFinal || !builder.skip(fields, text, isEnd: isEnd, line: line) {
          throw HistoryFileError(
            line: Int(line), column: error.offset - start + 1, error.message + builder.whyItStands(error))
        }
      }
      start = end + 1
      line &+= line == .max ? 0 : 1
    }
  }
}

enum JSONLinesFormat {
  static func read(
    _ source: UnsafeBufferPointer<UInt8>, _ scratch: Scratch, _ builder: inout HistoryBuilder
  ) throws(HistoryFileError) {
    var scanner = JSONScanner(source, scratch, refusesWideIntegers: true)
    try LineFormat(event: event).read(source, &scanner, &builder)
  }

  @inline(__always)
  private static func event(
    _ scanner: inout JSONScanner, _ fields: inout EventFields, _ builder: inout HistoryBuilder
  ) throws(ScanError) -> Bool {
    scanner.skipSpace()
    if scanner.bytes.isAtEnd { return false }
    try scanner.event(&fields, &builder)
    scanner.skipSpace()
    guard scanner.bytes.isAtEnd else { throw ScanError("text after the event", at: scanner.bytes.position) }
    return true
  }
}
