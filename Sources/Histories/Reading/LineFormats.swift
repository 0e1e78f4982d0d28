/// Formats whose events are lines.
struct LineFormat<Scanner: ValueScanner> {
  /// Whether the last line is an event even without a line break, by its last byte: one that ends in a number or name
  /// may be the beginning of another.
  var closes: (_ last: UInt8) -> Bool = { _ in true }
  /// Reads the event of one line, which ends with the scanner's bytes; false if the line holds none.
  let event: (inout Scanner, inout EventFields, inout HistoryBuilder) throws(ScanError) -> Bool

  /// Reads all lines of the source.
  ///
  /// - Throws: `HistoryFileError` for the first event that can neither be read nor left out.
  func read(
    _ source: UnsafeBufferPointer<UInt8>, _ scanner: inout Scanner, _ builder: inout HistoryBuilder
  ) throws(HistoryFileError) {
    var place = EventPlace()
    place.offset = source.startOfText
    var previous = UnsafeBufferPointer(rebasing: source[..<0])
    while place.offset < source.count {
      let start = place.offset
      let newline = source.newline(from: start)
      let end = newline ?? source.count
      (scanner.bytes.position, scanner.bytes.end) = (start, end)
      var fields = EventFields()
      var isWhole = false
      do throws(ScanError) {
        if try event(&scanner, &fields, &builder) {
          if newline == nil, !closes(source[end - 1]) { throw ScanError("the last line has no end", at: end) }
          isWhole = true
          try builder.add(fields, at: place)
          previous = UnsafeBufferPointer(rebasing: source[start..<end])
        }
      } catch {
        var unread = UnreadEvent(fields: fields, place: place, isWhole: isWhole, previous: previous)
        unread.text = UnsafeBufferPointer(rebasing: source[start..<end])
        unread.isUnterminated = newline == nil
        unread.isTornEnd =
          !isWhole && source.isBlank(from: end) && source.isCutOff(at: scanner.bytes.position, end: end)
        scanner.bytes.scratch.stack.pointee.cut(to: 0)
        if error.cause == .number { reread(&unread, &scanner, &builder) }
        guard builder.skip(error, unread) else {
          throw HistoryFileError(
            line: Int(place.line), column: error.offset - start + 1, error.message + builder.remedy(error, unread))
        }
      }
      place.offset = end + 1
      place.line &+= place.line == .max ? 0 : 1
    }
  }

  /// Reads the line again without its values, to learn whether it is an event but for a number.
  private func reread(_ unread: inout UnreadEvent, _ scanner: inout Scanner, _ builder: inout HistoryBuilder) {
    scanner.bytes.position = unread.place.offset
    unread.fields = EventFields(readsIdentityAlone: true)
    unread.isWhole = (try? event(&scanner, &unread.fields, &builder)) == true
  }
}

enum JSONLinesFormat {
  static func read(
    _ source: UnsafeBufferPointer<UInt8>, _ scratch: Scratch, _ builder: inout HistoryBuilder
  ) throws(HistoryFileError) {
    var scanner = JSONScanner(source, scratch, .exact)
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
