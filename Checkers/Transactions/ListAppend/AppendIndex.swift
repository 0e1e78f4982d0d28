import Histories

/// Who appended a value to a key: open addressing over (key, value), since a history has as many as it has appends.
struct AppendIndex {
  static let none = UInt32.max

  private var places: [UInt32]
  private let operations: [Transactions.MicroOperation]
  /// Two appends of one value to one key, by their places in `operations`; the first that was met.
  private(set) var duplicate: (first: UInt32, second: UInt32)?

  /// - Parameter operations: of all transactions.
  init(_ operations: [Transactions.MicroOperation]) {
    self.operations = operations
    let writes = operations.count { $0.kind == .write }
    var capacity = 16
    while capacity < 2 * writes { capacity *= 2 }
    places = Array(repeating: Self.none, count: capacity)
    for (place, operation) in operations.enumerated() where operation.kind == .write {
      insert(UInt32(place), operation)
    }
  }

  private mutating func insert(_ place: UInt32, _ operation: Transactions.MicroOperation) {
    var slot = hash(operation.key, operation.value)
    while places[slot] != Self.none {
      let known = operations[Int(places[slot])]
      if known.key == operation.key, known.value == operation.value {
        if duplicate == nil { duplicate = (places[slot], place) }
        return
      }
      slot = (slot &+ 1) & (places.count &- 1)
    }
    places[slot] = place
  }

  /// Place of the append among all micro-operations, or none.
  func find(_ key: UInt32, _ value: ValueWord) -> UInt32 {
    var slot = hash(key, value)
    while places[slot] != Self.none {
      let known = operations[Int(places[slot])]
      if known.key == key, known.value == value { return places[slot] }
      slot = (slot &+ 1) & (places.count &- 1)
    }
    return Self.none
  }

  private func hash(_ key: UInt32, _ value: ValueWord) -> Int {
    let mixed = (value.rawValue &+ UInt64(key) << 40 &+ UInt64(key)) &* 0x9E37_79B9_7F4A_7C15
    return Int(truncatingIfNeeded: mixed >> 24) & (places.count &- 1)
  }
}
