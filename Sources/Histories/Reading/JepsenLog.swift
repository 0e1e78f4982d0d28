/// The log of a Jepsen run: `INFO  jepsen.util - 3	:invoke	:write	[1 2]` records an operation, other lines are passed over.
/// A line that looks like the remains of such a record is an error: an operation that is passed over would be missing.
///
/// What stands before the process (date, level, thread, name of a container) does not matter. The fields are separated by
/// tabs, or by spaces directly after `jepsen.util` or at the start of the line. A fifth field is the error.
enum JepsenLog {
  static func read(
    _ source: UnsafeBufferPointer<UInt8>, _ scratch: Scratch, _ builder: inout HistoryBuilder
  ) throws(HistoryFileError) {
    var scanner = EDNScanner(source, scratch)
    // A value in brackets or quotes is whole; the end of a number or name that no line break follows may be missing.
    try LineFormat(closes: { Array("])}\"".utf8).contains($0) }, event: event).read(source, &scanner, &builder)
  }

  /// Whether one of the lines records an operation.
  static func isLog(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    var start = 0
    while start < bytes.count {
      let end = bytes.newline(from: start) ?? bytes.count
      if operation(UnsafeBufferPointer(rebasing: bytes[start..<end])) != nil { return true }
      start = end + 1
    }
    return false
  }

  private static func event(
    _ scanner: inout EDNScanner, _ fields: inout EventFields, _ builder: inout HistoryBuilder
  ) throws(ScanError) -> Bool {
    let start = scanner.bytes.position
    if scanner.bytes.end > start, scanner.bytes.base[scanner.bytes.end - 1] == 0x0D { scanner.bytes.end -= 1 }
    let line = UnsafeBufferPointer(start: scanner.bytes.base + start, count: scanner.bytes.end - start)
    guard let place = operation(line) else {
      guard let remains = remains(line) else { return false }
      scanner.bytes.position = start + remains
      throw ScanError("a damaged record: expected process, type, f and value between tabs", at: start + remains)
    }
    scanner.bytes.position = start + place
    for field in [EventField.process, .type, .function] {
      try skipBlanks(&scanner, field == .process ? "the process" : field == .type ? "the type" : "the function")
      try builder.read(field, &scanner, &fields)
    }
    try readValue(&scanner, &fields, &builder)
    return true
  }

  private static func skipBlanks(_ scanner: inout EDNScanner, _ missing: String) throws(ScanError) {
    while isBlank(scanner.bytes.byte) { scanner.bytes.position += 1 }
    guard !scanner.bytes.isAtEnd else {
      throw ScanError(
        "the line ends before \(missing): expected process, type, f and value", at: scanner.bytes.position)
    }
  }

  private static func readValue(
    _ scanner: inout EDNScanner, _ fields: inout EventFields, _ builder: inout HistoryBuilder
  ) throws(ScanError) {
    try skipBlanks(&scanner, "the value")
    let start = scanner.bytes.position
    do throws(ScanError) {
      try builder.read(.value, &scanner, &fields)
      guard scanner.bytes.isAtEnd || isBlank(scanner.bytes.byte) && !fields.isNemesis else {
        throw ScanError("text after the value", at: scanner.bytes.position)
      }
    } catch {
      // Faults are described in plain words by some versions, and no claim is about the nemesis.
      guard fields.isNemesis else { throw error }
      scanner.bytes.scratch.stack.pointee.cut(to: 0)
      let words = TextSpan(start: start, end: scanner.bytes.end)
      fields.row.value = try scanner.word(words, into: &builder.history.values)
      return
    }
    try readError(&scanner, &fields, &builder)
  }

  /// The rest of the line, without the colon of a keyword.
  private static func readError(
    _ scanner: inout EDNScanner, _ fields: inout EventFields, _ builder: inout HistoryBuilder
  ) throws(ScanError) {
    while isBlank(scanner.bytes.byte) { scanner.bytes.position += 1 }
    let start = scanner.bytes.position + (scanner.bytes.byte == UInt8(ascii: ":") ? 1 : 0)
    guard start < scanner.bytes.end else { return }
    let words = UnsafeBufferPointer(start: scanner.bytes.base + start, count: scanner.bytes.end - start)
    guard let id = builder.history.errors.intern(validating: words) else {
      throw ScanError("the string is not UTF-8", at: start)
    }
    fields.row.error = id
  }

  // MARK: Finding the operation

  /// Where the operation of a line starts, with its process; nil if the line records none.
  private static func operation(_ line: UnsafeBufferPointer<UInt8>) -> Int? {
    if let place = typeAfterTab(line) { return place }
    if let place = afterLogger(line) {
      guard let end = processEnd(line, place) else { return nil }
      let next = afterBlanks(line, end)
      return next == line.count || line[next] == UInt8(ascii: ":") ? place : nil
    }
    guard let end = processEnd(line, 0), end < line.count, isBlank(line[end]) else { return nil }
    let next = afterBlanks(line, end)
    return next < line.count && line[next] == UInt8(ascii: ":") ? 0 : nil
  }

  /// Where a line that records no operation looks as if it had recorded one; nil if it does not.
  ///
  /// It has NUL bytes; or a type beside a tab; or `jepsen.util` with nothing behind it, or with a process and a type.
  private static func remains(_ line: UnsafeBufferPointer<UInt8>) -> Int? {
    if let place = line.firstIndex(of: 0) { return place }
    let types = typePlaces(line)
    if let type = types.first(where: { isTab(line, $0.lowerBound - 1) || isTab(line, $0.upperBound) }) {
      return type.lowerBound
    }
    guard let place = afterLogger(line) else {
      let end = line.prefix { $0 &- UInt8(ascii: "0") < 10 }.count
      let next = afterBlanks(line, end)
      return end > 0 && types.contains { $0.lowerBound == next } ? 0 : nil
    }
    if place == line.count { return place }
    let isProcess = line[place] &- UInt8(ascii: "0") < 10 || line[place...].starts(with: ":nemesis".utf8)
    return isProcess && !types.isEmpty ? place : nil
  }

  /// Where `:invoke`, `:ok`, `:fail` or `:info` stand as words of their own.
  private static func typePlaces(_ line: UnsafeBufferPointer<UInt8>) -> [Range<Int>] {
    line.indices.compactMap { colon in
      guard line[colon] == UInt8(ascii: ":") else { return nil }
      let name = line[(colon + 1)...].prefix { EDNScanner.isSymbol($0) }
      guard EventType.allCases.contains(where: { name.elementsEqual($0.name.utf8) }) else { return nil }
      return colon..<name.endIndex
    }
  }

  private static func isTab(_ line: UnsafeBufferPointer<UInt8>, _ place: Int) -> Bool {
    line.indices.contains(place) && line[place] == 0x09
  }

  /// What comes after `jepsen.util - ` or `jepsen.util: `.
  private static func afterLogger(_ line: UnsafeBufferPointer<UInt8>) -> Int? {
    guard let name = line.firstRange(of: "jepsen.util") else { return nil }
    var place = name + "jepsen.util".utf8.count
    if place < line.count, line[place] == UInt8(ascii: ":") { place += 1 }
    while place < line.count, isBlank(line[place]) || line[place] == UInt8(ascii: "-") { place += 1 }
    return place
  }

  /// The process before the first field that is `:invoke`, `:ok`, `:fail` or `:info` between tabs.
  private static func typeAfterTab(_ line: UnsafeBufferPointer<UInt8>) -> Int? {
    for tab in line.indices where line[tab] == 0x09 && tab + 1 < line.count && line[tab + 1] == UInt8(ascii: ":") {
      let rest = UnsafeBufferPointer(rebasing: line[(tab + 2)...])
      let name = rest.prefix { !isBlank($0) }
      guard EventType.allCases.contains(where: { name.elementsEqual($0.name.utf8) }) else { continue }
      var start = tab
      while start > 0, !isBlank(line[start - 1]) { start -= 1 }
      if processEnd(line, start) == tab { return start }
    }
    return nil
  }

  /// The end of the process (digits, `:nemesis` or `nemesis`) that starts at `place`.
  private static func processEnd(_ line: UnsafeBufferPointer<UInt8>, _ place: Int) -> Int? {
    var end = place
    while end < line.count, line[end] &- UInt8(ascii: "0") < 10 { end += 1 }
    if end == place {
      if end < line.count, line[end] == UInt8(ascii: ":") { end += 1 }
      guard line[end...].starts(with: "nemesis".utf8) else { return nil }
      end += "nemesis".utf8.count
    }
    return end == line.count || isBlank(line[end]) ? end : nil
  }

  private static func afterBlanks(_ line: UnsafeBufferPointer<UInt8>, _ place: Int) -> Int {
    var place = place
    while place < line.count, isBlank(line[place]) { place += 1 }
    return place
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
}
