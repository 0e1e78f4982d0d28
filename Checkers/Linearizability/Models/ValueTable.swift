import Histories

/// The values of one object's operations: reads a history's words, and interns them as dense ids in order of first use.
///
/// Ids, not words, are what a model's operations and states hold: equal values have one id, lists and maps too.
public struct ValueTable: Sendable {
  private static let none = UInt32.max

  private let store: ValueStore
  /// By id: what was interned.
  private var values: [Interned] = []
  /// The low three bits of a value's word say what it is; integers are what histories count up.
  private var scalars = WordTable(tagBits: 3, directTag: ValueWord.intTag)
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

/// Words to dense ids: by position where they are dense, else in open addressing, which is what `Dictionary` does
/// without its seeded hash and its copies.
///
/// Histories count their values up. A table that scattered these would miss the cache at each.
@usableFromInline struct WordTable: Sendable {
  private struct Entry {
    var word: UInt64
    var id: UInt32
  }

  private static let none = UInt32.max
  /// Positions kept for each word that is known, and at the beginning: what dense means.
  private static let (positionsPerWord, positionsMin) = (8, 1024)

  private let (tagBits, directTag): (UInt64, UInt64)
  /// Ids of the words with the direct tag, by the word without it. One that was met while it was out of reach stays
  /// among the entries.
  private var direct: [UInt32] = []
  private var entries = [Entry](repeating: Entry(word: 0, id: none), count: 16)
  private var scattered = 0
  private var count = 0

  /// A table of words of which the low bits are a tag; only those with one tag are looked for by position.
  @usableFromInline init(tagBits: UInt64, directTag: UInt64) { (self.tagBits, self.directTag) = (tagBits, directTag) }

  /// The id of the word; `next` if it is new.
  @usableFromInline mutating func intern(_ word: UInt64, next: UInt32) -> UInt32 {
    let position = word >> tagBits
    if word & tagMask == directTag, position < direct.count {
      let id = direct[Int(position)]
      if id != Self.none { return id }
    }
    return internUnmet(word, next: next)
  }

  private var tagMask: UInt64 { 1 << tagBits &- 1 }

  /// A word that the direct ids do not have.
  private mutating func internUnmet(_ word: UInt64, next: UInt32) -> UInt32 {
    var place = Self.hash(word) & (entries.count &- 1)
    while entries[place].id != Self.none {
      if entries[place].word == word { return entries[place].id }
      place = (place &+ 1) & (entries.count &- 1)
    }
    count += 1
    if reaches(word) {
      direct[Int(word >> tagBits)] = next
      return next
    }
    entries[place] = Entry(word: word, id: next)
    scattered += 1
    if scattered * 2 > entries.count { grow() }
    return next
  }

  /// Whether there is a position for the word, after making one if it is near those that are known.
  private mutating func reaches(_ word: UInt64) -> Bool {
    let (position, tag) = (word >> tagBits, word & tagMask)
    if directTag != tag { return false }
    if position < direct.count { return true }
    if position >= max(Self.positionsMin, Self.positionsPerWord * count) { return false }
    let wanted = max(Int(position) + 1, 2 * direct.count, min(Self.positionsMin, 4 * count))
    direct.append(contentsOf: repeatElement(Self.none, count: wanted - direct.count))
    return true
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

  @inline(__always) private static func hash(_ word: UInt64) -> Int {
    Int(truncatingIfNeeded: (word &* 0x9E37_79B9_7F4A_7C15) >> 20)
  }
}
