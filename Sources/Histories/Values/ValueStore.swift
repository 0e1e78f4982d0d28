/// The values of one history as words, with what the words stand for.
///
/// It only grows; a copy shares everything with the original until one of them grows.
public struct ValueStore: Sendable {
  private var strings = ByteStrings()
  private var wideInts: [Int64] = []
  private var doubles: [Double] = []
  private var wideIntIDs: [Int64: UInt64] = [:]
  private var doubleIDs: [UInt64: UInt64] = [:]
  /// Lists and maps: a count, then the words of the elements, or of the entries sorted by key.
  private var arena: [UInt64] = []

  public init() {}

  // MARK: Adding

  /// Makes room for so many words of lists and maps, so that they need not move as the store grows.
  mutating func reserve(words: Int) { arena.reserveCapacity(words) }

  /// The word of the value.
  public mutating func word(_ value: Value) -> ValueWord {
    switch value {
    case .null: return .null
    case .bool(let truth): return .bool(truth)
    case .int(let number): return word(number)
    case .double(let number): return word(number)
    case .string(let text): return ValueWord(ValueWord.Tag.string, UInt64(strings.intern(text)))
    case .list(let values): return list(values.map { word($0) })
    case .map(let entries):
      let sorted = entries.sorted { $0.key < $1.key }
      return map(sorted.flatMap { [word(.string($0.key)), word($0.value)] })
    }
  }

  public mutating func word(_ number: Int64) -> ValueWord {
    if let word = ValueWord.small(number) { return word }
    if let id = wideIntIDs[number] { return ValueWord(ValueWord.Tag.wideInt, id) }
    wideInts.append(number)
    wideIntIDs[number] = UInt64(wideInts.count - 1)
    return ValueWord(ValueWord.Tag.wideInt, UInt64(wideInts.count - 1))
  }

  /// -0.0 becomes 0.0: they are one value.
  public mutating func word(_ number: Double) -> ValueWord {
    let number = number == 0 ? 0 : number
    if let id = doubleIDs[number.bitPattern] { return ValueWord(ValueWord.Tag.double, id) }
    doubles.append(number)
    doubleIDs[number.bitPattern] = UInt64(doubles.count - 1)
    return ValueWord(ValueWord.Tag.double, UInt64(doubles.count - 1))
  }

  /// The word of a string; nil if its bytes are not UTF-8.
  mutating func word(validating text: UnsafeBufferPointer<UInt8>) -> ValueWord? {
    strings.intern(validating: text).map { ValueWord(ValueWord.Tag.string, UInt64($0)) }
  }

  /// A list of words of this store.
  public mutating func list(_ words: some Collection<ValueWord>) -> ValueWord { append(ValueWord.Tag.list, words) }

  /// `[first, second]`.
  mutating func pair(_ first: ValueWord, _ second: ValueWord) -> ValueWord {
    arena.append(2)
    arena.append(first.rawValue)
    arena.append(second.rawValue)
    return ValueWord(ValueWord.Tag.list, UInt64(arena.count - 3))
  }

  /// A map of this store: keys (words of strings) and values in turn, sorted by key.
  mutating func map(_ words: some Collection<ValueWord>) -> ValueWord { append(ValueWord.Tag.map, words) }

  /// A list of the raw words of this store.
  mutating func list(raw words: UnsafeBufferPointer<UInt64>) -> ValueWord { append(ValueWord.Tag.list, raw: words) }

  /// A map: raw words of keys and values in turn, sorted by key.
  mutating func map(raw words: UnsafeBufferPointer<UInt64>) -> ValueWord { append(ValueWord.Tag.map, raw: words) }

  private mutating func append(_ tag: UInt64, raw words: UnsafeBufferPointer<UInt64>) -> ValueWord {
    let place = arena.count
    arena.append(UInt64(words.count))
    arena.append(contentsOf: words)
    return ValueWord(tag, UInt64(place))
  }

  private mutating func append(_ tag: UInt64, _ words: some Collection<ValueWord>) -> ValueWord {
    let place = arena.count
    arena.append(UInt64(words.count))
    for word in words { arena.append(word.rawValue) }
    return ValueWord(tag, UInt64(place))
  }

  /// How much it holds, in strings and words: a measure for those who keep a store of what they throw away.
  var weight: Int { strings.count + arena.count + wideInts.count + doubles.count }

  // MARK: Reading

  /// Whether the first of two strings comes before the second, byte by byte.
  func precedes(_ first: ValueWord, _ second: ValueWord) -> Bool {
    strings.withBytes(UInt32(first.payload)) { first in
      strings.withBytes(UInt32(second.payload)) { first.lexicographicallyPrecedes($0) }
    }
  }

  public func value(_ word: ValueWord) -> Value {
    switch word.tag {
    case ValueWord.Tag.constant: return word.isNull ? .null : .bool(word == .yes)
    case ValueWord.Tag.int: return .int(Int64(bitPattern: word.rawValue) >> 3)
    case ValueWord.Tag.wideInt: return .int(wideInts[Int(word.payload)])
    case ValueWord.Tag.double: return .double(doubles[Int(word.payload)])
    case ValueWord.Tag.string: return .string(strings[UInt32(word.payload)])
    case ValueWord.Tag.list: return .list(elements(word).map { value(ValueWord(rawValue: $0)) })
    default: return .map(entries(word))
    }
  }

  /// The integer, if this is one.
  public func int(_ word: ValueWord) -> Int64? {
    word.tag == ValueWord.Tag.wideInt ? wideInts[Int(word.payload)] : word.smallInt
  }

  /// The text, if this is a string.
  public func string(_ word: ValueWord) -> String? {
    word.tag == ValueWord.Tag.string ? strings[UInt32(word.payload)] : nil
  }

  /// The truth value, if this is one.
  public func bool(_ word: ValueWord) -> Bool? {
    word == .yes ? true : word == .no ? false : nil
  }

  /// The elements, if this is a list.
  public func list(_ word: ValueWord) -> [ValueWord]? {
    word.isList ? elements(word).map { ValueWord(rawValue: $0) } : nil
  }

  /// The two elements, if this is a list of two.
  public func pair(_ word: ValueWord) -> (ValueWord, ValueWord)? {
    guard word.isList else { return nil }
    let place = Int(word.payload)
    guard arena[place] == 2 else { return nil }
    return (ValueWord(rawValue: arena[place + 1]), ValueWord(rawValue: arena[place + 2]))
  }

  /// The value under the key, if this is a map that has it.
  public func field(_ key: String, of word: ValueWord) -> ValueWord? {
    guard word.tag == ValueWord.Tag.map, let id = strings.id(of: key) else { return nil }
    let place = Int(word.payload)
    let wanted = ValueWord(ValueWord.Tag.string, UInt64(id)).rawValue
    for entry in stride(from: place + 1, to: place + 1 + Int(arena[place]), by: 2) where arena[entry] == wanted {
      return ValueWord(rawValue: arena[entry + 1])
    }
    return nil
  }

  /// The word of a scalar that the store holds; nil for one that it does not hold, and for lists and maps.
  public func find(_ scalar: Value) -> ValueWord? {
    switch scalar {
    case .null: return .null
    case .bool(let truth): return .bool(truth)
    case .int(let number):
      return ValueWord.small(number) ?? wideIntIDs[number].map { ValueWord(ValueWord.Tag.wideInt, $0) }
    case .double(let number):
      return doubleIDs[(number == 0 ? 0 : number).bitPattern].map { ValueWord(ValueWord.Tag.double, $0) }
    case .string(let text): return strings.id(of: text).map { ValueWord(ValueWord.Tag.string, UInt64($0)) }
    case .list, .map: return nil
    }
  }

  /// Gives the body every list of the store without a copy, for loops that read many.
  public func withLists<Result, Failure: Error>(
    _ body: (ListWords) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try arena.withUnsafeBufferPointer { arena throws(Failure) in try body(ListWords(arena)) }
  }

  private func elements(_ word: ValueWord) -> ArraySlice<UInt64> {
    let place = Int(word.payload)
    return arena[place + 1..<place + 1 + Int(arena[place])]
  }

  private func entries(_ word: ValueWord) -> [String: Value] {
    var entries: [String: Value] = [:]
    let words = elements(word)
    for place in stride(from: words.startIndex, to: words.endIndex, by: 2) {
      guard let key = string(ValueWord(rawValue: words[place])) else { continue }
      entries[key] = value(ValueWord(rawValue: words[place + 1]))
    }
    return entries
  }
}
