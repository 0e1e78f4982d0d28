import Histories

/// Who wrote a value to a key: open addressing over (key, value), since a history has as many as it has writes.
struct WriteIndex {
  static let none = UInt32.max

  /// By slot: the upper half of the hash, and the place of the write; `vacant` where there is none. Most other writes
  /// are told apart without a look at them.
  private var slots: [UInt64]
  private static let vacant = UInt64.max
  /// By place of a write whose value was written to its key again: the first place where that happened.
  private(set) var repetitions: [UInt32: UInt32] = [:]

  /// - Parameter operations: of all transactions.
  init(_ operations: [Transactions.MicroOperation]) {
    var writes = 0
    for operation in operations where operation.kind == .write { writes += 1 }
    var capacity = 16
    while capacity < 2 * writes { capacity *= 2 }
    slots = Array(repeating: Self.vacant, count: capacity)
    for place in operations.indices where operations[place].kind == .write { insert(UInt32(place), operations) }
  }

  private mutating func insert(_ place: UInt32, _ operations: [Transactions.MicroOperation]) {
    let hash = Self.hash(operations[Int(place)].key, operations[Int(place)].value)
    var slot = Int(truncatingIfNeeded: hash) & (slots.count &- 1)
    while slots[slot] != Self.vacant {
      if let known = matching(slot, hash, operations[Int(place)].key, operations[Int(place)].value, operations) {
        if repetitions[known] == nil { repetitions[known] = place }
        return
      }
      slot = (slot &+ 1) & (slots.count &- 1)
    }
    slots[slot] = (hash & ~UInt64(UInt32.max)) | UInt64(place)
  }

  /// Place of the first write of the value among all micro-operations, or none.
  func find(_ key: UInt32, _ value: ValueWord, _ operations: [Transactions.MicroOperation]) -> UInt32 {
    let hash = Self.hash(key, value)
    var slot = Int(truncatingIfNeeded: hash) & (slots.count &- 1)
    while slots[slot] != Self.vacant {
      if let known = matching(slot, hash, key, value, operations) { return known }
      slot = (slot &+ 1) & (slots.count &- 1)
    }
    return Self.none
  }

  @inline(__always)
  private func matching(
    _ slot: Int, _ hash: UInt64, _ key: UInt32, _ value: ValueWord, _ operations: [Transactions.MicroOperation]
  ) -> UInt32? {
    if slots[slot] >> 32 != hash >> 32 { return nil }
    let place = UInt32(truncatingIfNeeded: slots[slot])
    return operations[Int(place)].key == key && operations[Int(place)].value == value ? place : nil
  }

  @inline(__always) private static func hash(_ key: UInt32, _ value: ValueWord) -> UInt64 {
    var mixed = (value.rawValue ^ UInt64(key) &* 0xD6E8_FEB8_6659_FD93) &* 0x9E37_79B9_7F4A_7C15
    mixed ^= mixed >> 32
    mixed = mixed &* 0xD6E8_FEB8_6659_FD93
    return mixed ^ mixed >> 29
  }
}
