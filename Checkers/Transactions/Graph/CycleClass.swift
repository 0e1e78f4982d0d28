/// A class of cycles that has a name: what its dependencies are, and which order it needs besides.
///
/// The classes exclude each other, so that a cycle has exactly one name (Adya 1999, sections 3 and 4; Kingsbury and
/// Alvaro 2020, section 4.1, for the suffixes and for what lies between G-single and G2-item).
struct CycleClass: Hashable {
  /// One of those that are cycles.
  var anomaly: TransactionAnomaly
  var order: CycleOrder

  static let shapes: [TransactionAnomaly] = [
    .writeCycle, .informationCycle, .single, .nonadjacent, .antiDependencyCycle,
  ]

  var name: String { anomaly.rawValue + order.rawValue }

  /// The dependency that a search for the class begins with: every cycle of the class has one.
  var anchor: TransactionGraph.Kind {
    switch anomaly {
    case .writeCycle: .writeWrite
    case .informationCycle: .writeRead
    default: .readWrite
    }
  }

  /// The least number of transactions of such a cycle.
  var lengthMin: Int {
    switch anomaly {
    case .nonadjacent: 4
    case .antiDependencyCycle: order == .none ? 2 : 3
    default: 2
    }
  }
}

/// What a walk has to remember of its steps to be known as a cycle of its class when it closes: three bits.
struct WalkMemory: Hashable {
  /// It used the order that the class asks for.
  static let ordered: UInt32 = 1
  /// It has two anti-dependencies, for `nonadjacent` only.
  static let twice: UInt32 = 2
  /// Its last step was an anti-dependency, for `nonadjacent` only.
  static let anti: UInt32 = 4

  let cycleClass: CycleClass
  /// How many of the bits the class uses, from the lowest.
  let bitCount: UInt32

  init(_ cycleClass: CycleClass) {
    self.cycleClass = cycleClass
    bitCount = cycleClass.anomaly == .nonadjacent ? 3 : 1
  }

  /// The memory after the steps that the search begins with.
  var first: UInt32 { cycleClass.anomaly == .nonadjacent ? Self.anti : 0 }

  /// After a dependency; nil if no cycle of the class goes on like that.
  @inline(__always) func after(_ kind: UInt32, _ bits: UInt32) -> UInt32? {
    switch cycleClass.anomaly {
    case .writeCycle: kind == TransactionGraph.Kind.writeWrite.rawValue ? bits : nil
    case .informationCycle, .single: kind == TransactionGraph.Kind.readWrite.rawValue ? nil : bits
    case .nonadjacent:
      if kind != TransactionGraph.Kind.readWrite.rawValue {
        bits & ~Self.anti
      } else {
        bits & Self.anti != 0 ? nil : bits | Self.twice | Self.anti
      }
    default: bits
    }
  }

  /// After a step along the order.
  @inline(__always) func afterOrder(_ bits: UInt32) -> UInt32 { (bits | Self.ordered) & ~Self.anti }

  /// Whether a walk that is back at its beginning, and has this memory, is a cycle of the class.
  @inline(__always) func closes(_ bits: UInt32) -> Bool {
    if cycleClass.order != .none, bits & Self.ordered == 0 { return false }
    return cycleClass.anomaly != .nonadjacent || bits & (Self.twice | Self.anti) == Self.twice
  }
}
