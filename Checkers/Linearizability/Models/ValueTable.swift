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
@usableFromInline struct WordTable: Sendable {
  private static let none = UInt32.max

  private var words: [UInt64] = Array(repeating: 0, count: 16)
  private var ids: [UInt32] = Array(repeating: none, count: 16)
  private var count = 0

  @usableFromInline init() {}

  /// The id of the word; `next` if it is new.
  @usableFromInline mutating func intern(_ word: UInt64, next: UInt32) -> UInt32 {
    var place = Self.hash(word) & (words.count - 1)
    while ids[place] != Self.none {
      if words[place] == word { return ids[place] }
      place = (place + 1) & (words.count - 1)
    }
    words[place] = word
    ids[place] = next
    count += 1
    if count * 2 > words.count { grow() }
    return next
  }

  private mutating func grow() {
    let (oldWords, oldIDs) = (words, ids)
    words = Array(repeating: 0, count: oldWords.count * 2)
    ids = Array(repeating: Self.none, count: oldWords.count * 2)
    for place in oldWords.indices where oldIDs[place] != Self.none {
      var target = Self.hash(oldWords[place]) & (words.count - 1)
      while ids[target] != Self.none { target = (target + 1) & (words.count - 1) }
      words[target] = oldWords[place]
      ids[target] = oldIDs[place]
    }
  }

  private static func hash(_ word: UInt64) -> Int {
    let mixed = word &* 0x9E37_79B9_7F4A_7C15
    return Int(truncatingIfNeeded: mixed >> 32)
  }
}
