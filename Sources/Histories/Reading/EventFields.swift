/// The fields of an event that mean something to us, by the names that Jepsen gives them.
enum EventField: UInt16 {
  case index = 1
  case time = 2
  case process = 4
  case type = 8
  case function = 16
  case value = 32
  case node = 64
  case error = 128
  /// The key of the object, where a history does not wrap values as `[key, value]`.
  case key = 256
  case other = 0

  /// The field of that name; its length leaves few to compare with.
  init(_ name: UnsafeBufferPointer<UInt8>) {
    self =
      switch name.count {
      case 1: name.isEqual(to: "f") ? .function : .other
      case 3: name.isEqual(to: "key") ? .key : .other
      case 4:
        name.isEqual(to: "type")
          ? .type : name.isEqual(to: "time") ? .time : name.isEqual(to: "node") ? .node : .other
      case 5:
        name.isEqual(to: "value")
          ? .value : name.isEqual(to: "index") ? .index : name.isEqual(to: "error") ? .error : .other
      case 7: name.isEqual(to: "process") ? .process : .other
      default: .other
      }
  }
}

/// What has been read of one event so far; in an unreadable event, what came before the fault.
struct EventFields {
  var row = History.Row()
  var index: Int64 = 0
  var key = ValueWord.null
  /// Of an event with a number that nothing holds: only what says whose event it is, all else is checked for syntax.
  var readsIdentityAlone = false
  /// The fields that were there, and those of them that were not null, as raw values of `EventField`.
  private var named: UInt16 = 0
  private var seen: UInt16 = 0

  init(readsIdentityAlone: Bool = false) { self.readsIdentityAlone = readsIdentityAlone }

  func has(_ field: EventField) -> Bool { seen & field.rawValue != 0 }

  mutating func note(_ field: EventField) { seen |= field.rawValue }

  /// Takes note that the field is there; false if it was before.
  mutating func name(_ field: EventField) -> Bool {
    defer { named |= field.rawValue }
    return named & field.rawValue == 0
  }

  var isNemesis: Bool { has(.process) && row.process == ProcessID.nemesis.rawValue }
  var isCompletion: Bool { has(.type) && row.type != .invoke }
}

extension EventType {
  /// The type that the text names; as a keyword too, as some programs write EDN's keywords to JSON.
  init?(_ name: UnsafeBufferPointer<UInt8>) {
    let name = name.first == UInt8(ascii: ":") ? UnsafeBufferPointer(rebasing: name.dropFirst()) : name
    switch name.count {
    case 2 where name.isEqual(to: "ok"): self = .ok
    case 4 where name.isEqual(to: "fail"): self = .fail
    case 4 where name.isEqual(to: "info"): self = .info
    case 6 where name.isEqual(to: "invoke"): self = .invoke
    default: return nil
    }
  }

  static let expectation = "'type' must be one of invoke, ok, fail, info"
}

// MARK: - The meaning of each field, the same in every format

extension HistoryBuilder {
  /// Reads the value of `field`, which comes next, into `fields`; that of another field is checked and thrown away.
  mutating func read<Scanner: ValueScanner>(
    _ field: EventField, _ scanner: inout Scanner, _ fields: inout EventFields
  ) throws(ScanError) {
    guard field != .other else { return try ignoreValue(&scanner) }
    guard fields.name(field) else { throw ScanError("the field '\(field)' comes twice", at: scanner.bytes.position) }
    if fields.readsIdentityAlone, field != .process, field != .type, field != .function {
      return try ignoreValue(&scanner)
    }
    if field == .value {
      fields.row.value = try scanner.value(into: &history.values, depth: 1)
    } else {
      if try scanner.takeNull() { return }
      switch field {
      case .index: fields.index = try integer("index", &scanner)
      case .time: fields.row.time = try time(&scanner)
      case .process: fields.row.process = try process(&scanner)
      case .type: fields.row.type = try type(&scanner)
      case .function: fields.row.function = try function(&scanner)
      case .node: fields.row.node = try Self.text(&scanner, &history.nodes, &ignored)
      case .error: fields.row.error = try Self.text(&scanner, &history.errors, &ignored)
      default: fields.key = try scanner.value(into: &history.values, depth: 1)
      }
    }
    fields.note(field)
  }

  private mutating func ignoreValue<Scanner: ValueScanner>(_ scanner: inout Scanner) throws(ScanError) {
    scanner.numbers = .ignored
    defer { scanner.numbers = .exact }
    _ = try scanner.value(into: &ignored, depth: 1)
    if ignored.weight > Self.ignoredMax { ignored = ValueStore() }
  }

  private func integer<Scanner: ValueScanner>(
    _ field: StaticString, _ scanner: inout Scanner
  ) throws(ScanError) -> Int64 {
    let start = scanner.bytes.position
    guard case .int(let number)? = try scanner.numberIfNext() else {
      throw ScanError("'\(field)' must be an integer", at: start)
    }
    return number
  }

  /// Nanoseconds; differences of two stay within 64 bits.
  private func time<Scanner: ValueScanner>(_ scanner: inout Scanner) throws(ScanError) -> Int64 {
    let start = scanner.bytes.position
    let time = try integer("time", &scanner)
    guard time.magnitude <= Self.timeMax else {
      throw ScanError("'time' must be nanoseconds, at most 2⁶² (146 years) before or after 0, not \(time)", at: start)
    }
    return time
  }

  private mutating func process<Scanner: ValueScanner>(_ scanner: inout Scanner) throws(ScanError) -> Int32 {
    let start = scanner.bytes.position
    if case .int(let number)? = try scanner.numberIfNext() {
      guard let id = Int32(exactly: number), id >= 0 else {
        throw ScanError("'process' must be 0…\(Int32.max) or a name as \"nemesis\", not \(number)", at: start)
      }
      return id
    }
    guard let name = try scanner.name() else {
      throw ScanError("'process' must be an integer or a name as \"nemesis\"", at: start)
    }
    if scanner.bytes.matches(name, "nemesis") || scanner.bytes.matches(name, ":nemesis") {
      return ProcessID.nemesis.rawValue
    }
    return Self.namedProcess(try Self.intern(name, scanner.bytes, &processNames))
  }

  private func type<Scanner: ValueScanner>(_ scanner: inout Scanner) throws(ScanError) -> EventType {
    let start = scanner.bytes.position
    guard let name = try scanner.name(), let type = scanner.bytes.withBytes(name, { EventType($0) }) else {
      throw ScanError(EventType.expectation, at: start)
    }
    return type
  }

  private mutating func function<Scanner: ValueScanner>(_ scanner: inout Scanner) throws(ScanError) -> UInt32 {
    let start = scanner.bytes.position
    guard let name = try scanner.name() else { throw ScanError("'f' must be a name", at: start) }
    let id = scanner.bytes.withBytes(name) { history.functions.intern(validating: Self.withoutColon($0)) }
    guard let id else { throw ScanError("the string is not UTF-8", at: name.start) }
    return id
  }

  /// One colon, of a name that has no second: what is written again must be read as it was.
  private static func withoutColon(_ name: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
    guard name.count > 1, name[0] == UInt8(ascii: ":"), name[1] != UInt8(ascii: ":") else { return name }
    return UnsafeBufferPointer(rebasing: name[1...])
  }

  /// A name as it is, another value as its JSON text.
  private static func text<Scanner: ValueScanner>(
    _ scanner: inout Scanner, _ table: inout NameTable, _ ignored: inout ValueStore
  ) throws(ScanError) -> UInt32 {
    if let name = try scanner.name() { return try intern(name, scanner.bytes, &table) }
    let (start, mark) = (scanner.bytes.position, scanner.bytes.scratch.stack.pointee.count)
    let word: ValueWord
    do throws(ScanError) { word = try scanner.value(into: &ignored, depth: 1) } catch {
      // Something in it that no value of ours can be, an exception say: it is read without that.
      scanner.bytes.position = start
      scanner.bytes.scratch.stack.pointee.cut(to: mark)
      scanner.numbers = .ignored
      defer { scanner.numbers = .exact }
      word = try scanner.value(into: &ignored, depth: 1)
    }
    return table.intern(ignored.value(word).json)
  }

  @inline(__always)
  private static func intern(
    _ name: TextSpan, _ bytes: ByteScanner, _ table: inout NameTable
  ) throws(ScanError) -> UInt32 {
    guard let id = bytes.withBytes(name, { table.intern(validating: $0) }) else {
      throw ScanError("the string is not UTF-8", at: name.start)
    }
    return id
  }
}
