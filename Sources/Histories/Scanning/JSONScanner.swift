/// RFC 8259 JSON, strictly: the one grammar of the project, under histories and under `JSONReader` alike.
struct JSONScanner: ValueScanner, StringScanner {
  var bytes: ByteScanner
  var numbers: NumberRule

  init(_ source: UnsafeBufferPointer<UInt8>, _ scratch: Scratch, _ numbers: NumberRule) {
    bytes = ByteScanner(source, scratch)
    self.numbers = numbers
  }

  @inline(__always)
  mutating func skipSpace() {
    while bytes.position < bytes.end {
      switch bytes.base[bytes.position] {
      case 0x20, 0x0A, 0x0D, 0x09: bytes.position += 1
      default: return
      }
    }
  }

  mutating func value(into store: inout ValueStore, depth: Int) throws(ScanError) -> ValueWord {
    guard depth < nestingMax else {
      throw ScanError("nested deeper than \(nestingMax) levels", at: bytes.position)
    }
    skipSpace()
    guard !bytes.isAtEnd else { throw ScanError("a value is missing", at: bytes.position) }
    switch bytes.byte {
    case UInt8(ascii: "{"): return try map(into: &store, depth: depth)
    case UInt8(ascii: "["): return try list(into: &store, depth: depth)
    case UInt8(ascii: "\""): return try word(string(), into: &store)
    case UInt8(ascii: "t"): return try constant("true", .yes)
    case UInt8(ascii: "f"): return try constant("false", .no)
    case UInt8(ascii: "n"): return try constant("null", .null)
    default:
      switch try number() {
      case .int(let number): return store.word(number)
      case .double(let number): return store.word(number)
      }
    }
  }

  private mutating func constant(_ text: StaticString, _ word: ValueWord) throws(ScanError) -> ValueWord {
    guard bytes.starts(with: text) else { throw ScanError("expected \(text)", at: bytes.position) }
    bytes.position += text.utf8CodeUnitCount
    return word
  }

  private mutating func list(into store: inout ValueStore, depth: Int) throws(ScanError) -> ValueWord {
    let mark = bytes.scratch.stack.pointee.count
    bytes.position += 1
    skipSpace()
    if bytes.take(UInt8(ascii: "]")) { return list(from: mark, into: &store) }
    while true {
      let element = if let integer = bytes.plainInteger() { integer } else { try value(into: &store, depth: depth + 1) }
      bytes.scratch.stack.pointee.append(element.rawValue)
      skipSpace()
      if bytes.take(UInt8(ascii: ",")) { continue }
      guard bytes.take(UInt8(ascii: "]")) else { throw ScanError("expected ',' or ']'", at: bytes.position) }
      return list(from: mark, into: &store)
    }
  }

  private mutating func map(into store: inout ValueStore, depth: Int) throws(ScanError) -> ValueWord {
    let mark = bytes.scratch.stack.pointee.count
    let start = bytes.position
    bytes.position += 1
    skipSpace()
    if bytes.take(UInt8(ascii: "}")) { return try map(from: mark, start, into: &store) }
    while true {
      let key = try word(key(), into: &store)
      let entry = try value(into: &store, depth: depth + 1)
      bytes.scratch.stack.pointee.append(key.rawValue)
      bytes.scratch.stack.pointee.append(entry.rawValue)
      skipSpace()
      if bytes.take(UInt8(ascii: ",")) { continue }
      guard bytes.take(UInt8(ascii: "}")) else { throw ScanError("expected ',' or '}'", at: bytes.position) }
      return try map(from: mark, start, into: &store)
    }
  }

  private mutating func map(
    from mark: Int, _ start: Int, into store: inout ValueStore
  ) throws(ScanError) -> ValueWord {
    guard let map = map(from: mark, lastWins: numbers != .exact, into: &store) else {
      throw ScanError("a key of the object comes twice", at: start)
    }
    return map
  }

  /// A quoted key and its colon.
  @inline(__always)
  mutating func key() throws(ScanError) -> TextSpan {
    skipSpace()
    guard bytes.byte == UInt8(ascii: "\"") else { throw ScanError("expected a quoted key", at: bytes.position) }
    let key = try string()
    skipSpace()
    guard bytes.take(UInt8(ascii: ":")) else { throw ScanError("expected ':' after the key", at: bytes.position) }
    return key
  }

  mutating func takeNull() -> Bool {
    skipSpace()
    guard bytes.byte == UInt8(ascii: "n"), bytes.starts(with: "null") else { return false }
    bytes.position += 4
    return true
  }

  mutating func name() throws(ScanError) -> TextSpan? {
    skipSpace()
    return bytes.byte == UInt8(ascii: "\"") ? try string() : nil
  }

  mutating func numberIfNext() throws(ScanError) -> ScannedNumber? {
    skipSpace()
    if let integer = bytes.plainInteger()?.smallInt { return .int(integer) }
    let byte = bytes.byte
    return byte == UInt8(ascii: "-") || byte &- UInt8(ascii: "0") < 10 ? try number() : nil
  }

  // MARK: Scalars

  static func refuses(_ byte: UInt8) -> Bool { byte < 0x20 }
  static var escapesSlash: Bool { true }

  /// A string that ends with its line is reported where it began, another control character where it is.
  func refusal(of byte: UInt8, stringStart start: Int) -> ScanError {
    if byte == 0x0A { return ScanError("the string is not closed", at: start - 1) }
    return ScanError("a control character in a string must be escaped", at: bytes.position)
  }

  mutating func number() throws(ScanError) -> ScannedNumber {
    let start = bytes.position
    let negative = bytes.take(UInt8(ascii: "-"))
    let digits = bytes.position
    let (magnitude, count, fits) = bytes.digits()
    guard count > 0 else { throw ScanError("expected a value", at: start) }
    guard count == 1 || bytes.base[digits] != UInt8(ascii: "0") else {
      throw ScanError("a number cannot start with 0", at: digits)
    }
    if try bytes.skipFraction() { return .double(try bytes.double(from: start, numbers)) }
    if let number = ByteScanner.signed(magnitude, negative: negative, fits: fits) { return .int(number) }
    guard numbers != .exact else { throw ScanError("the integer does not fit 64 bits", at: start, .number) }
    return .double(try bytes.double(from: start, numbers))
  }
}

// MARK: - Events

extension JSONScanner {
  mutating func event(_ fields: inout EventFields, _ builder: inout HistoryBuilder) throws(ScanError) {
    guard bytes.take(UInt8(ascii: "{")) else {
      throw ScanError("expected an object with type, process, f and value", at: bytes.position)
    }
    skipSpace()
    if bytes.take(UInt8(ascii: "}")) { return }
    while true {
      let key = try key()
      let field = bytes.withBytes(key) { EventField($0) }
      skipSpace()
      try builder.read(field, &self, &fields)
      skipSpace()
      if bytes.take(UInt8(ascii: ",")) { continue }
      guard bytes.take(UInt8(ascii: "}")) else { throw ScanError("expected ',' or '}'", at: bytes.position) }
      return
    }
  }
}
