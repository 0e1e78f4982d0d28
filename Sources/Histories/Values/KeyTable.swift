/// The keys of a history: dense ids in order of first appearance, found by word.
///
/// A key that is a scalar is one word, found without decoding it; lists and maps, whose words are places, are compared
/// as values.
struct KeyTable: Sendable {
  private(set) var keys = SymbolTable<Value>()
  /// Open addressing over the words of scalar keys: id plus one, or 0.
  private var ids: [UInt32] = Array(repeating: 0, count: 64)
  private var words: [UInt64] = Array(repeating: 0, count: 64)
  private var count = 0

  /// The id of a scalar key that was seen.
  func id(of word: ValueWord) -> UInt32? {
    let place = place(of: word.rawValue)
    return word.isScalar && ids[place] != 0 ? ids[place] - 1 : nil
  }

  /// The id of a key that `id(of:)` does not know, by its value.
  mutating func intern(_ word: ValueWord, _ value: Value) -> UInt32 {
    let id = keys.intern(value)
    guard word.isScalar else { return id }
    let place = place(of: word.rawValue)
    if ids[place] == 0 { count += 1 }
    ids[place] = id + 1
    words[place] = word.rawValue
    if count * 2 > ids.count { grow() }
    return id
  }

  private func place(of word: UInt64) -> Int {
    var place = Int(truncatingIfNeeded: word &* 0x9E37_79B9_7F4A_7C15 >> 32) & (ids.count - 1)
    while ids[place] != 0, words[place] != word { place = (place + 1) & (ids.count - 1) }
    return place
  }

  private mutating func grow() {
    let (oldIDs, oldWords) = (ids, words)
    ids = Array(repeating: 0, count: oldIDs.count * 2)
    words = Array(repeating: 0, count: oldIDs.count * 2)
    for (id, word) in zip(oldIDs, oldWords) where id != 0 {
      let place = place(of: word)
      ids[place] = id
      words[place] = word
    }
  }
}
