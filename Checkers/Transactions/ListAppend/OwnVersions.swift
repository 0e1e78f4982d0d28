/// What the operations of one transaction leave of each key, told by positions in the order of versions alone.
///
/// One table serves all transactions: an entry counts if it was made for the one at hand.
struct OwnVersions {
  private struct Entry {
    /// The transaction that the entry is of.
    var transaction = UInt32.max
    /// Of the writes that come later: the first position.
    var later = ListVersions.none
    /// The last write, as a place among the micro-operations.
    var write = ListVersions.none
    /// Elements of the list that the operations so far leave; none if they do not follow each other.
    var length = ListVersions.none
    /// Whether anything was read or written.
    var isBegun = false
  }

  private var entries: [Entry]
  private var transaction = UInt32.max

  init(keys: Int) { entries = Array(repeating: Entry(), count: keys) }

  mutating func begin(_ number: Int) { transaction = UInt32(truncatingIfNeeded: number) }

  private mutating func prepare(_ key: UInt32) {
    if entries[Int(key)].transaction != transaction { entries[Int(key)] = Entry(transaction: transaction) }
  }

  // MARK: Backwards

  mutating func writesLater(_ key: UInt32, at position: UInt32) {
    prepare(key)
    entries[Int(key)].later = min(entries[Int(key)].later, position)
  }

  /// The first position of what is written later; none if that is none.
  func firstLater(_ key: UInt32) -> UInt32 {
    entries[Int(key)].transaction == transaction ? entries[Int(key)].later : ListVersions.none
  }

  // MARK: Forwards

  /// Adds a write; the one before it, if there was one.
  mutating func write(_ key: UInt32, _ place: UInt32, at position: UInt32) -> UInt32? {
    prepare(key)
    let entry = entries[Int(key)]
    let follows = position != ListVersions.none && (!entry.isBegun || position == entry.length)
    entries[Int(key)].length = follows ? position + 1 : ListVersions.none
    entries[Int(key)].isBegun = true
    entries[Int(key)].write = place
    return entry.write == ListVersions.none ? nil : entry.write
  }

  /// Adds a read; whether it shows what the operations before it left.
  mutating func read(_ key: UInt32, length: UInt32) -> Bool {
    prepare(key)
    let entry = entries[Int(key)]
    entries[Int(key)].length = length
    entries[Int(key)].isBegun = true
    return length != ListVersions.none && (!entry.isBegun || length == entry.length)
  }
}
