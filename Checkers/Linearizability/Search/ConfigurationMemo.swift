/// Every configuration that the search has met, and the rule by which one makes another superfluous.
///
/// A configuration is the state of a search that waits at a return event: state, two bits for each live slot
/// (*discharged*, *available*: `Schedule.Role`), multiset of crashed operations used. One makes another of the same
/// return event and state superfluous if all that is discharged there is discharged here, it uses no more of any
/// crashed class, and what is available here can *stand in* for what is available there: each available operation has
/// one here, itself or a blind write of the same kind that returns later. Every order that completes the other then
/// completes this one, with the stand-ins in the places of what they stand in for. (Had something to be discharged here
/// that the order places: if it is no stand-in, it happens unseen, right before the one that stands in for it.) Crashed
/// operations need not be used, and what is discharged can be left out.
///
/// A required update that can happen in some states only is either discharged or available, so a spent one is no gain
/// over one that is still to come: of these slots (the *exact* ones) the discharged bits must be equal, and they are
/// part of the key of the hash table.
///
/// Rows are flat words: `[state | usage] [return | next] [parent | via] [from | dead] discharged… available…`. They are
/// never freed, since the whole antichain of every event is what makes depth-first search finite.
final class ConfigurationMemo {
  typealias Row = UInt32
  static let none = UInt32.max
  static let headerWords = 4
  /// Configurations that are allocated in advance, at most: some 3 MiB.
  private static let expectedMax = 1 << 16

  /// Words of the discharged bits, and of the available bits.
  let words: Int
  private let stride: Int
  private var rows: UnsafeMutablePointer<UInt64>
  private var capacity: Int
  private(set) var count = 0
  /// Open addressing: first row of a chain plus one, or 0.
  private var table: UnsafeMutablePointer<UInt32>
  private var tableSize: Int
  private var keys = 0
  let usage = UsageTable()

  private let schedule: Schedule

  init(_ schedule: Schedule) {
    words = schedule.words
    self.schedule = schedule
    stride = Self.headerWords + 2 * words
    // Room for a search that goes straight on, within reason.
    let expected = min(schedule.returns.count * 2, Self.expectedMax)
    capacity = max(64, expected)
    rows = .allocate(capacity: capacity * stride)
    tableSize = 128
    while tableSize * 3 < expected * 4 { tableSize *= 2 }
    table = .allocate(capacity: tableSize)
    table.initialize(repeating: 0, count: tableSize)
  }

  deinit {
    rows.deallocate()
    table.deallocate()
  }

  /// Bytes allocated.
  var bytes: Int { capacity * stride * 8 + tableSize * 4 + usage.bytes }

  /// Bytes allocated while the next growth is under way: the old and the new allocation exist side by side.
  var bytesAtGrowth: Int {
    bytes + (count == capacity ? grownCapacity * stride * 8 : 0) + (isTableFull ? tableSize * 8 : 0)
  }

  /// Whether the next insertion allocates.
  var needsGrowth: Bool { count == capacity || isTableFull }

  private var isTableFull: Bool { keys * 4 >= tableSize * 3 }
  private var grownCapacity: Int { capacity + max(256, capacity / 2) }

  // MARK: Fields

  private func row(_ id: Row) -> UnsafeMutablePointer<UInt64> { rows + Int(id) * stride }
  private func low(_ id: Row, _ word: Int) -> UInt32 { UInt32(truncatingIfNeeded: row(id)[word]) }
  private func high(_ id: Row, _ word: Int) -> UInt32 { UInt32(truncatingIfNeeded: row(id)[word] >> 32) }

  func state(_ id: Row) -> UInt32 { low(id, 0) }
  func usage(_ id: Row) -> UInt32 { high(id, 0) }
  /// The return event at which the configuration waits.
  func returnIndex(_ id: Row) -> UInt32 { low(id, 1) }
  private func next(_ id: Row) -> UInt32 { high(id, 1) }
  func parent(_ id: Row) -> Row { low(id, 2) }
  /// What was placed to come here from the parent.
  func via(_ id: Row) -> UInt32 { high(id, 2) }
  /// The first return event that a configuration with this state reached on its way here; see `ReachableStates`.
  func from(_ id: Row) -> UInt32 { low(id, 3) }
  /// Another configuration makes this one superfluous.
  func isDead(_ id: Row) -> Bool { high(id, 3) != 0 }
  /// The discharged bits, followed by the available ones.
  func bits(_ id: Row) -> UnsafePointer<UInt64> { UnsafePointer(row(id) + Self.headerWords) }

  // MARK: Insertion

  /// What `insert` is given, besides the bits.
  struct Header {
    var state: UInt32
    var usage: UInt32
    var returnIndex: UInt32
    var from: UInt32
    var parent: UInt32
    var via: UInt32
  }

  /// Adds the configuration; nil if one that is there makes it superfluous.
  func insert(_ header: Header, _ bits: UnsafePointer<UInt64>) -> Row? {
    if needsGrowth { grow() }
    let place = place(header, bits, schedule.exactSlots(Int(header.returnIndex)))
    var from = header.from
    var first = table[place] == 0 ? Self.none : table[place] - 1
    var previous = Self.none
    var current = first
    while current != Self.none {
      let following = next(current)
      if dominates(current, header.usage, bits) {
        widen(current, from: from)
        return nil
      }
      if isDominated(current, header.usage, bits) {
        from = min(from, self.from(current))
        row(current)[3] |= 1 << 32
        if previous == Self.none { first = following } else { link(previous, following) }
      } else {
        previous = current
      }
      current = following
    }
    return append(header, from, bits, first, place)
  }

  private func append(
    _ header: Header, _ from: UInt32, _ bits: UnsafePointer<UInt64>, _ first: UInt32, _ place: Int
  ) -> Row {
    let id = UInt32(count)
    count += 1
    let row = row(id)
    row[0] = UInt64(header.usage) << 32 | UInt64(header.state)
    row[1] = UInt64(first) << 32 | UInt64(header.returnIndex)
    row[2] = UInt64(header.via) << 32 | UInt64(header.parent)
    row[3] = UInt64(from)
    (row + Self.headerWords).update(from: bits, count: 2 * words)
    if table[place] == 0 { keys += 1 }
    table[place] = id + 1
    return id
  }

  private func widen(_ id: Row, from: UInt32) {
    if from < self.from(id) { row(id)[3] = row(id)[3] & ~0xFFFF_FFFF | UInt64(from) }
  }

  private func link(_ id: Row, _ next: UInt32) { row(id)[1] = UInt64(next) << 32 | row(id)[1] & 0xFFFF_FFFF }

  /// Whether the row makes a configuration with its key superfluous.
  @inline(__always)
  private func dominates(_ id: Row, _ usage: UInt32, _ bits: UnsafePointer<UInt64>) -> Bool {
    isAtLeast(self.bits(id), bits, id) && self.usage.isWithin(self.usage(id), usage)
  }

  @inline(__always)
  private func isDominated(_ id: Row, _ usage: UInt32, _ bits: UnsafePointer<UInt64>) -> Bool {
    isAtLeast(bits, self.bits(id), id) && self.usage.isWithin(usage, self.usage(id))
  }

  /// Everything that the second has discharged is discharged in the first, and what is available in the first can stand
  /// in for what is available in the second.
  @inline(__always)
  private func isAtLeast(_ first: UnsafePointer<UInt64>, _ second: UnsafePointer<UInt64>, _ id: Row) -> Bool {
    for word in 0..<words where second[word] & ~first[word] != 0 { return false }
    return schedule.covers(first + words, second + words, at: Int(returnIndex(id)))
  }

  // MARK: Hash table

  /// Where the chain of the key (return event, state, exact bits) starts, or would.
  private func place(_ header: Header, _ bits: UnsafePointer<UInt64>, _ exact: UnsafePointer<UInt64>) -> Int {
    var place = hash(header.state, header.returnIndex, bits, exact) & (tableSize - 1)
    while table[place] != 0, !hasKey(table[place] - 1, header, bits, exact) { place = (place + 1) & (tableSize - 1) }
    return place
  }

  private func hasKey(
    _ id: Row, _ header: Header, _ bits: UnsafePointer<UInt64>, _ exact: UnsafePointer<UInt64>
  ) -> Bool {
    guard returnIndex(id) == header.returnIndex, state(id) == header.state else { return false }
    let own = self.bits(id)
    for word in 0..<words where (own[word] ^ bits[word]) & exact[word] != 0 { return false }
    return true
  }

  @inline(__always)
  private func hash(
    _ state: UInt32, _ returnIndex: UInt32, _ bits: UnsafePointer<UInt64>, _ exact: UnsafePointer<UInt64>
  ) -> Int {
    var hash = (UInt64(returnIndex) << 32 | UInt64(state)) &* 0x9E37_79B9_7F4A_7C15
    for word in 0..<words { hash = (hash ^ hash >> 32 ^ bits[word] & exact[word]) &* 0xD6E8_FEB8_6659_FD93 }
    return Int(truncatingIfNeeded: (hash ^ hash >> 32) & 0x7FFF_FFFF_FFFF_FFFF)
  }

  private func grow() {
    if count == capacity {
      let larger = UnsafeMutablePointer<UInt64>.allocate(capacity: grownCapacity * stride)
      larger.moveInitialize(from: rows, count: count * stride)
      rows.deallocate()
      (rows, capacity) = (larger, grownCapacity)
    }
    if isTableFull { growTable() }
  }

  private func growTable() {
    let (old, oldSize) = (table, tableSize)
    tableSize *= 2
    table = .allocate(capacity: tableSize)
    table.initialize(repeating: 0, count: tableSize)
    for place in 0..<oldSize where old[place] != 0 {
      let id = old[place] - 1
      var target =
        hash(state(id), returnIndex(id), bits(id), schedule.exactSlots(Int(returnIndex(id)))) & (tableSize - 1)
      while table[target] != 0 { target = (target + 1) & (tableSize - 1) }
      table[target] = old[place]
    }
    old.deallocate()
  }
}
