/// Events that are forms, wherever lines end.
protocol EventForms {
  associatedtype Scanner: ValueScanner
  var scanner: Scanner { get set }

  /// Moves to the opening brace of the next event; false at the end of the source.
  mutating func next() throws(ScanError) -> Bool
}

/// Reads events that are forms.
///
/// A reader that has lost its place could take the inside of a value for an event: it goes on only after events that were
/// read to their ends.
struct FormReader<Forms: EventForms> {
  private let source: UnsafeBufferPointer<UInt8>
  private var forms: Forms
  private var lines: LineCounter
  private var previous: UnsafeBufferPointer<UInt8>

  init(_ source: UnsafeBufferPointer<UInt8>, _ forms: Forms) {
    self.source = source
    self.forms = forms
    lines = LineCounter(source)
    previous = UnsafeBufferPointer(rebasing: source[..<0])
    self.forms.scanner.bytes.position = source.startOfText
  }

  /// Reads all events of the source.
  ///
  /// - Throws: `HistoryFileError` for the first event that can neither be read nor left out.
  mutating func read(_ builder: inout HistoryBuilder) throws(HistoryFileError) {
    while true {
      var event = UnreadEvent()
      var start: Int?
      do throws(ScanError) {
        guard try forms.next() else { return }
        start = forms.scanner.bytes.position
        event.place = place(forms.scanner.bytes.position)
        try forms.scanner.event(&event.fields, &builder)
        event.isWhole = true
        try builder.add(event.fields, at: event.place)
        previous = text(from: event.place.offset)
      } catch {
        if try resume(after: error, &event, start, &builder) { continue } else { return }
      }
    }
  }

  private mutating func place(_ offset: Int) -> EventPlace {
    let (line, column) = lines.locate(offset)
    return EventPlace(line: line, column: UInt32(clamping: column), offset: offset)
  }

  private func text(from start: Int) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(rebasing: source[start..<forms.scanner.bytes.position])
  }

  /// Leaves the event out and goes on after it; false if nothing comes after it.
  ///
  /// - Parameter start: where it begins; nil before it was found.
  private mutating func resume(
    after error: ScanError, _ event: inout UnreadEvent, _ start: Int?, _ builder: inout HistoryBuilder
  ) throws(HistoryFileError) -> Bool {
    let stopped = forms.scanner.bytes.position
    if start == nil { event.place = place(stopped) }
    event.previous = previous
    event.isTornEnd = !event.isWhole && source.isCutOff(at: stopped, end: source.count)
    event.isUnterminated = true
    forms.scanner.bytes.scratch.stack.pointee.cut(to: 0)
    if error.cause == .number, let start { reread(from: start, &event, &builder) }
    event.text =
      event.isWhole ? text(from: event.place.offset) : UnsafeBufferPointer(rebasing: source[event.place.offset...])
    if builder.skip(error, event) { return !event.isTornEnd }
    // The event's own place may have gone beyond that of the error.
    var lines = LineCounter(source)
    let (line, column) = lines.locate(error.offset)
    throw HistoryFileError(line: Int(line), column: column, error.message + builder.remedy(error, event))
  }

  /// Reads the event again without its values, to learn whether it is one but for a number.
  private mutating func reread(from start: Int, _ event: inout UnreadEvent, _ builder: inout HistoryBuilder) {
    forms.scanner.bytes.position = start
    event.fields = EventFields(readsIdentityAlone: true)
    do throws(ScanError) {
      try forms.scanner.event(&event.fields, &builder)
      event.isWhole = true
    } catch { event.isWhole = false }
  }
}

/// One JSON array of objects.
struct JSONArrayForms: EventForms {
  private enum Place { case start, first, between }

  var scanner: JSONScanner
  private var place = Place.start

  init(_ source: UnsafeBufferPointer<UInt8>, _ scratch: Scratch) {
    scanner = JSONScanner(source, scratch, .exact)
  }

  mutating func next() throws(ScanError) -> Bool {
    scanner.skipSpace()
    if place == .start {
      guard scanner.bytes.take(UInt8(ascii: "[")) else {
        throw ScanError("expected '[' and a JSON array of events", at: scanner.bytes.position)
      }
      place = .first
      scanner.skipSpace()
    }
    if scanner.bytes.take(UInt8(ascii: "]")) {
      scanner.skipSpace()
      guard scanner.bytes.isAtEnd else { throw ScanError("text after the JSON array", at: scanner.bytes.position) }
      return false
    }
    if place == .between {
      guard scanner.bytes.take(UInt8(ascii: ",")) else {
        throw ScanError("expected ',' or ']' after the event of the JSON array", at: scanner.bytes.position)
      }
      scanner.skipSpace()
    }
    place = .between
    return true
  }
}

/// EDN maps: one after the other, or in vectors and lists.
struct EDNForms: EventForms {
  var scanner: EDNScanner
  /// The bracket that closes the list we are in.
  private var close: UInt8?

  init(_ source: UnsafeBufferPointer<UInt8>, _ scratch: Scratch) { scanner = EDNScanner(source, scratch) }

  mutating func next() throws(ScanError) -> Bool {
    while true {
      try scanner.skipSpace()
      try scanner.skipTags()
      if let close, scanner.bytes.take(close) {
        self.close = nil
        continue
      }
      if scanner.bytes.isAtEnd {
        guard let close else { return false }
        throw ScanError(
          "the list of events is not closed, expected '\(Character(Unicode.Scalar(close)))'",
          at: scanner.bytes.position)
      }
      if close == nil, scanner.bytes.take(UInt8(ascii: "[")) {
        close = UInt8(ascii: "]")
      } else if close == nil, scanner.bytes.take(UInt8(ascii: "(")) {
        close = UInt8(ascii: ")")
      } else {
        return true
      }
    }
  }
}
