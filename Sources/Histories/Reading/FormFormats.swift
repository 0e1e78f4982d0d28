/// Events that are forms, wherever lines end.
protocol EventForms {
  associatedtype Scanner: ValueScanner
  var scanner: Scanner { get set }

  /// Moves to the opening brace of the next event; false at the end of the source.
  mutating func next() throws(ScanError) -> Bool

  /// Goes on at the beginning of an event, after one that was left out.
  mutating func resume(at position: Int)
}

/// Reads events that are forms.
///
/// An event that cannot be read ends where its first line ends, if the next line begins another event, or the file ends:
/// a reader that has lost its place must not take the inside of a value for an event.
struct FormReader<Forms: EventForms> {
  private let source: UnsafeBufferPointer<UInt8>
  private var forms: Forms
  private var lines: LineCounter

  init(_ source: UnsafeBufferPointer<UInt8>, _ forms: Forms) {
    self.source = source
    self.forms = forms
    lines = LineCounter(source)
    if source.starts(with: HistoryFormat.byteOrderMark) {
      self.forms.scanner.bytes.position = HistoryFormat.byteOrderMark.count
    }
  }

  /// Reads all events of the source.
  ///
  /// - Throws: `HistoryFileError` for the first event that can neither be read nor left out.
  mutating func read(_ builder: inout HistoryBuilder) throws(HistoryFileError) {
    while true {
      var event = Unfinished()
      do throws(ScanError) {
        guard try forms.next() else { return }
        event.start = forms.scanner.bytes.position
        try forms.scanner.event(&event.fields, &builder)
        event.isWhole = true
        try builder.add(event.fields, line: lines.locate(event.start ?? 0).line, at: event.start ?? 0)
      } catch {
        if try resume(after: error, event, &builder) { continue } else { return }
      }
    }
  }

  /// An event as far as it was read.
  private struct Unfinished {
    /// Where it begins; nil before it was found.
    var start: Int?
    var fields = EventFields()
    var isWhole = false
  }

  /// Leaves the event out and goes on after it; false if nothing comes after it.
  private mutating func resume(
    after error: ScanError, _ event: Unfinished, _ builder: inout HistoryBuilder
  ) throws(HistoryFileError) -> Bool {
    let place = forms.scanner.bytes.position
    let start = event.start ?? place
    let line = lines.locate(start).line
    if builder.rules.isLenient, !error.isFinal, let end = event.isWhole ? place : resumption(event.start, place) {
      let text = UnsafeBufferPointer(rebasing: source[start..<end])
      if builder.skip(event.fields, text, isEnd: !event.isWhole && end == source.count, line: line) {
        forms.scanner.bytes.scratch.stack.pointee.removeAll(keepingCapacity: true)
        if !event.isWhole { forms.resume(at: end) }
        return event.isWhole || end < source.count
      }
    }
    let (errorLine, column) = lines.locate(error.offset)
    throw HistoryFileError(line: Int(errorLine), column: column, error.message + builder.whyItStands(error))
  }

  /// Where reading can go on after an event that is broken; nil where nobody can tell.
  private func resumption(_ start: Int?, _ place: Int) -> Int? {
    guard let start else { return source.isBlank(from: place) ? source.count : nil }
    guard let newline = source.newline(from: start), !source.isBlank(from: newline) else { return source.count }
    var next = newline + 1
    while next < source.count, source[next] == 0x20 || source[next] == 0x09 { next += 1 }
    return next < source.count && source[next] == UInt8(ascii: "{") ? next : nil
  }
}

/// One JSON array of objects.
struct JSONArrayForms: EventForms {
  private enum Place { case start, first, between, resumed }

  var scanner: JSONScanner
  private var place = Place.start

  init(_ source: UnsafeBufferPointer<UInt8>, _ scratch: Scratch) {
    scanner = JSONScanner(source, scratch, refusesWideIntegers: true)
  }

  mutating func next() throws(ScanError) -> Bool {
    scanner.skipSpace()
    if place == .start {
      guard scanner.bytes.take(UInt8(ascii: "[")) else {
        throw ScanError("expected '[' and a list of events", at: scanner.bytes.position)
      }
      place = .first
      scanner.skipSpace()
    }
    if place != .resumed, scanner.bytes.take(UInt8(ascii: "]")) {
      scanner.skipSpace()
      guard scanner.bytes.isAtEnd else { throw ScanError("text after the list of events", at: scanner.bytes.position) }
      return false
    }
    if place == .between {
      guard scanner.bytes.take(UInt8(ascii: ",")) else {
        throw ScanError("expected ',' or ']' after the event", at: scanner.bytes.position)
      }
      scanner.skipSpace()
    }
    place = .between
    return true
  }

  mutating func resume(at position: Int) {
    scanner.bytes.position = position
    place = .resumed
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

  mutating func resume(at position: Int) { scanner.bytes.position = position }
}
