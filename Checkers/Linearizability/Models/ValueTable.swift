import Histories

/// The values of one object's operations: reads a history's words, and interns them as dense ids in order of first use.
///
/// Ids, not words, are what a model's operations and states hold: equal values have one id, lists and maps too.
public struct ValueTable: Sendable {
  private static let none = UInt32.max

  private let store: ValueStore
  /// By id: what was interned.
  private var values: [Interned] = []
  private var scalars = WordTable()
  /// Lists, maps, and values that the history does not hold.
  private var others: [Value: UInt32] = [:]

  private enum Interned: Sendable {
    case word(ValueWord)
    case value(Value)
  }

  /// A table over the values of a history.
  public init(_ store: ValueStore = ValueStore()) { self.store = store }

  public var count: Int { values.count }

  /// The value's id, a new one if it was never seen.
  public mutating func intern(_ word: ValueWord) -> UInt32 {
    guard word.isScalar else { return intern(other: store.value(word)) }
    let id = scalars.intern(word.rawValue, next: UInt32(values.count))
    if id == values.count { values.append(.word(word)) }
    return id
  }

  /// The same for a value that need not be in the history.
  public mutating func intern(_ value: Value) -> UInt32 {
    if let word = store.find(value) { return intern(word) }
    return intern(other: value)
  }

  private mutating func intern(other value: Value) -> UInt32 {
    if let id = others[value] { return id }
    values.append(.value(value))
    others[value] = UInt32(values.count - 1)
    return UInt32(values.count - 1)
  }

  /// The value with this id.
  public subscript(id: UInt32) -> Value {
    switch values[Int(id)] {
    case .word(let word): store.value(word)
    case .value(let value): value
    }
  }

  // MARK: Reading words

  /// The value, decoded.
  public func value(_ word: ValueWord) -> Value { store.value(word) }
  /// The integer, if this is one.
  public func int(_ word: ValueWord) -> Int64? { store.int(word) }
  /// The text, if this is a string.
  public func string(_ word: ValueWord) -> String? { store.string(word) }
  /// The truth value, if this is one.
  public func bool(_ word: ValueWord) -> Bool? { store.bool(word) }
  /// The elements, if this is a list.
  public func list(_ word: ValueWord) -> [ValueWord]? { store.list(word) }
  /// The two elements, if this is a list of two.
  public func pair(_ word: ValueWord) -> (ValueWord, ValueWord)? { store.pair(word) }
  /// The value under the key, if this is a map that has it.
  public func field(_ key: String, of word: ValueWord) -> ValueWord? { store.field(key, of: word) }
}

/// Words to dense ids, in open addressing: what `Dictionary` does, without its seeded hash and its copies.
///
/// Neighbours in value are neighbours in the table, 4096 at a time: histories count their values up, and a table that
/// scattered them would miss the cache at each. The blocks are scattered, so that no stride of values piles up.
@usableFromInline struct WordTable: Sendable {
  private struct Entry {
    var word: UInt64
    var id: UInt32
  }

  private static let none = UInt32.max

  private var entries = [Entry](repeating: Entry(word: 0, id: none), count: 16)
  private var count = 0

  @usableFromInline init() {}

  /// The id of the word; `next` if it is new.
  @usableFromInline mutating func intern(_ word: UInt64, next: UInt32) -> UInt32 {
    var place = Self.hash(word) & (entries.count &- 1)
    while entries[place].id != Self.none {
      if entries[place].word == word { return entries[place].id }
      place = (place &+ 1) & (entries.count &- 1)
    }
    entries[place] = Entry(word: word, id: next)
    count += 1
    if count * 2 > entries.count { grow() }
    return next
  }

  private mutating func grow() {
    let old = entries
    entries = Array(repeating: Entry(word: 0, id: Self.none), count: old.count * 4)
    for entry in old where entry.id != Self.none {
      var place = Self.hash(entry.word) & (entries.count &- 1)
      while entries[place].id != Self.none { place = (place &+ 1) & (entries.count &- 1) }
      entries[place] = entry
    }
  }

  /// The low three bits of a word are its tag.
  @inline(__always) private static func hash(_ word: UInt64) -> Int {
    let value = word >> 3
    let block = (value >> 12 &+ (word & 7) << 40) &* 0x9E37_79B9_7F4A_7C15
    return Int(truncatingIfNeeded: (value & 0xFFF) &+ (block >> 20))
  }
}
