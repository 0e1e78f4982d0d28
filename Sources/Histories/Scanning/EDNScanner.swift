/// EDN as Clojure prints it, straight into a value store.
///
/// What JSON has no word for becomes what it has: keywords, symbols and characters become strings (without `:` and
/// `\`), a tagged literal is its value without the tag, a set is a list in one fixed order, and the keys of maps are
/// written as their text (`{0 10}` → `{"0": 10}`). What would change its meaning on the way is refused by name: ratios,
/// exact decimals, integers of more than 64 bits, `##Inf` and `##NaN`, regular expressions, maps with a namespace. Where
/// nobody looks at the value, all that Clojure prints is let pass.
struct EDNScanner: ValueScanner, StringScanner {
  /// Words and strings of discarded forms (`#_`) before their store is thrown away.
  private static let discardedMax = 1 << 16

  var bytes: ByteScanner
  var numbers = NumberRule.exact

  init(_ source: UnsafeBufferPointer<UInt8>, _ scratch: Scratch) { bytes = ByteScanner(source, scratch) }

  // MARK: Space

  /// Skips white space, commas, comments and discarded forms.
  mutating func skipSpace() throws(ScanError) { try skipSpace(depth: 0) }

  @inline(__always)
  private mutating func skipSpace(depth: Int) throws(ScanError) {
    while bytes.position < bytes.end {
      switch bytes.base[bytes.position] {
      case 0x20, 0x2C, 0x09...0x0D: bytes.position += 1
      case UInt8(ascii: ";"), UInt8(ascii: "#"):
        guard try skipComment(depth: depth) else { return }
      default: return
      }
    }
  }

  /// A comment to the end of its line, or `#_` and the form after it; false if neither is here.
  private mutating func skipComment(depth: Int) throws(ScanError) -> Bool {
    if bytes.byte == UInt8(ascii: ";") {
      while !bytes.isAtEnd, bytes.byte != 0x0A { bytes.position += 1 }
      return true
    }
    guard bytes.starts(with: "#_") else { return false }
    bytes.position += 2
    // A form within a form that is being discarded has a store of its own, or two would write to one.
    var store = ValueStore()
    swap(&store, &bytes.scratch.discarded.pointee)
    _ = try value(into: &store, depth: depth + 1)
    if store.weight <= Self.discardedMax { swap(&store, &bytes.scratch.discarded.pointee) }
    return true
  }

  // MARK: Values

  mutating func value(into store: inout ValueStore, depth: Int) throws(ScanError) -> ValueWord {
    guard depth < nestingMax else {
      throw ScanError("nested deeper than \(nestingMax) levels", at: bytes.position)
    }
    try skipSpace(depth: depth)
    guard !bytes.isAtEnd else { throw ScanError("a value is missing", at: bytes.position) }
    switch bytes.byte {
    case UInt8(ascii: ":"): return try word(keyword(), into: &store)
    case UInt8(ascii: "\""): return try word(string(), into: &store)
    case UInt8(ascii: "["): return try list(until: UInt8(ascii: "]"), into: &store, depth: depth)
    case UInt8(ascii: "("): return try list(until: UInt8(ascii: ")"), into: &store, depth: depth)
    case UInt8(ascii: "{"): return try map(into: &store, depth: depth)
    case UInt8(ascii: "#"): return try tagged(into: &store, depth: depth)
    case UInt8(ascii: "\\"): return try word(character(), into: &store)
    default: return try scalar(into: &store)
    }
  }

  @inline(__always)
  private mutating func scalar(into store: inout ValueStore) throws(ScanError) -> ValueWord {
    if isAtNumber {
      if numbers == .ignored {
        // `1/2`, `0x5e7f1a2b` in a printed object: nobody looks at it.
        _ = try symbol()
        return .null
      }
      switch try number() {
      case .int(let number): return store.word(number)
      case .double(let number): return store.word(number)
      }
    }
    let symbol = try symbol()
    if bytes.matches(symbol, "nil") { return .null }
    if bytes.matches(symbol, "true") { return .yes }
    if bytes.matches(symbol, "false") { return .no }
    return try word(symbol, into: &store)
  }

  private mutating func list(
    until close: UInt8, into store: inout ValueStore, depth: Int
  ) throws(ScanError) -> ValueWord {
    let mark = bytes.scratch.stack.pointee.count
    try elements(until: close, into: &store, depth: depth)
    return list(from: mark, into: &store)
  }

  /// Puts the values up to `close` on the stack; `depth` is that of the collection, whose opening is here.
  private mutating func elements(
    until close: UInt8, into store: inout ValueStore, depth: Int
  ) throws(ScanError) {
    let start = bytes.position
    bytes.position += 1
    while true {
      takeIntegers()
      try skipSpace(depth: depth)
      if bytes.take(close) { return }
      guard !bytes.isAtEnd else {
        throw ScanError("the collection is not closed, expected '\(Character(Unicode.Scalar(close)))'", at: start)
      }
      let element = try value(into: &store, depth: depth + 1)
      bytes.scratch.stack.pointee.append(element.rawValue)
    }
  }

  /// Puts the plain integers that come next on the stack.
  @inline(__always)
  private mutating func takeIntegers() {
    while true {
      while bytes.byte == 0x20 { bytes.position += 1 }
      guard let integer = bytes.plainInteger() else { return }
      bytes.scratch.stack.pointee.append(integer.rawValue)
    }
  }

  private mutating func map(into store: inout ValueStore, depth: Int) throws(ScanError) -> ValueWord {
    let start = bytes.position
    let mark = bytes.scratch.stack.pointee.count
    try elements(until: UInt8(ascii: "}"), into: &store, depth: depth)
    guard (bytes.scratch.stack.pointee.count - mark) % 2 == 0 else {
      throw ScanError("the last key of the map has no value", at: start)
    }
    for place in stride(from: mark, to: bytes.scratch.stack.pointee.count, by: 2) {
      let key = ValueWord(rawValue: bytes.scratch.stack.pointee[place])
      if !key.isString { bytes.scratch.stack.pointee[place] = store.word(.string(store.value(key).json)).rawValue }
    }
    guard let map = map(from: mark, lastWins: numbers == .ignored, into: &store) else {
      throw ScanError("two keys of the map are equal when written as text", at: start)
    }
    return map
  }

  // MARK: Tagged literals

  /// `#{…}`, or `#tag value`.
  private mutating func tagged(into store: inout ValueStore, depth: Int) throws(ScanError) -> ValueWord {
    let start = bytes.position
    bytes.position += 1
    switch bytes.byte {
    case UInt8(ascii: "{"): return try set(into: &store, depth: depth)
    case UInt8(ascii: "#"):
      bytes.position += 1
      let name = try symbol()
      guard numbers == .ignored, ["Inf", "-Inf", "NaN"].contains(bytes.text(from: name.start, to: name.end)) else {
        throw ScanError("##Inf, ##-Inf and ##NaN are not supported", at: start, .number)
      }
      return .null
    case UInt8(ascii: "\""):
      guard numbers == .ignored else { throw ScanError("regular expressions are not supported", at: start) }
      try skipExpression()
      return .null
    case UInt8(ascii: ":") where numbers == .ignored:
      _ = try keyword()
      return try value(into: &store, depth: depth + 1)
    case UInt8(ascii: ":"): throw ScanError("maps with a namespace (#:name{…}) are not supported", at: start)
    case let byte where Self.isSymbol(byte) && byte >= UInt8(ascii: "A"):
      _ = try symbol()
      return try value(into: &store, depth: depth + 1)
    default: throw ScanError("expected a set or a tag after '#'", at: start)
    }
  }

  /// A regular expression, from its opening quote on: backslashes in it are its own.
  private mutating func skipExpression() throws(ScanError) {
    let start = bytes.position
    bytes.position += 1
    while !bytes.isAtEnd, bytes.byte != UInt8(ascii: "\"") {
      bytes.position = min(bytes.position + (bytes.byte == UInt8(ascii: "\\") ? 2 : 1), bytes.end)
    }
    guard bytes.take(UInt8(ascii: "\"")) else { throw ScanError("the regular expression is not closed", at: start) }
  }

  /// A set as a list whose order depends on the elements alone, so that equal sets are equal values.
  private mutating func set(into store: inout ValueStore, depth: Int) throws(ScanError) -> ValueWord {
    let mark = bytes.scratch.stack.pointee.count
    try elements(until: UInt8(ascii: "}"), into: &store, depth: depth)
    let words = bytes.scratch.stack.pointee.words(from: mark).map { ValueWord(rawValue: $0) }
    let numbers = words.compactMap { store.int($0) }
    bytes.scratch.stack.pointee.cut(to: mark)
    if numbers.count == words.count { return store.list(numbers.sorted().map { store.word($0) }) }
    let texts = words.map { Array(store.value($0).json.utf8) }
    let order = words.indices.sorted { texts[$0].lexicographicallyPrecedes(texts[$1]) }
    return store.list(order.map { words[$0] })
  }
}

// MARK: - What events are made of

extension EDNScanner {
  mutating func takeNull() throws(ScanError) -> Bool {
    try skipSpace()
    guard bytes.byte == UInt8(ascii: "n"), bytes.starts(with: "nil") else { return false }
    if bytes.position + 3 < bytes.end, Self.isSymbol(bytes.base[bytes.position + 3]) { return false }
    bytes.position += 3
    return true
  }

  mutating func name() throws(ScanError) -> TextSpan? {
    try skipSpace()
    switch bytes.byte {
    case UInt8(ascii: ":"): return try keyword()
    case UInt8(ascii: "\""): return try string()
    case let byte where Self.isSymbol(byte) && byte != UInt8(ascii: "#") && !isAtNumber: return try symbol()
    default: return nil
    }
  }

  mutating func numberIfNext() throws(ScanError) -> ScannedNumber? {
    try skipSpace()
    if let integer = bytes.plainInteger()?.smallInt { return .int(integer) }
    return isAtNumber ? try number() : nil
  }
}

// MARK: - Events

extension EDNScanner {
  mutating func event(_ fields: inout EventFields, _ builder: inout HistoryBuilder) throws(ScanError) {
    let start = bytes.position
    guard bytes.take(UInt8(ascii: "{")) else {
      throw ScanError("expected a map with :type, :process, :f and :value", at: start)
    }
    while true {
      try skipSpace()
      if bytes.take(UInt8(ascii: "}")) { return }
      guard !bytes.isAtEnd else { throw ScanError("the map is not closed, expected '}'", at: start) }
      let field: EventField
      if let name = try name() {
        field = bytes.withBytes(name) { EventField($0) }
      } else {
        _ = try value(into: &builder.ignored, depth: 1)
        field = .other
      }
      try skipSpace()
      try builder.read(field, &self, &fields)
    }
  }

  /// Skips the tags before a value: the value alone counts.
  mutating func skipTags() throws(ScanError) {
    while bytes.byte == UInt8(ascii: "#"), bytes.position + 1 < bytes.end,
      bytes.base[bytes.position + 1] >= UInt8(ascii: "A"), bytes.base[bytes.position + 1] != UInt8(ascii: "{")
    {
      bytes.position += 1
      _ = try symbol()
      try skipSpace()
    }
  }
}
