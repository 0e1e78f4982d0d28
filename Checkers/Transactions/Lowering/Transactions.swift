import Histories

/// The transactions of a history in columns, in order of invocation.
///
/// A transaction is one client operation whose value is the list of its micro-operations: `["append", k, v]`,
/// `["w", k, v]` or `["r", k, value]` (DESIGN 2). Of a completed one the completion's list is kept, which has the reads
/// filled in; of the others the invocation's, which has none.
struct Transactions {
  /// What is known of how a transaction ended.
  enum Outcome: UInt8 {
    /// It committed.
    case ok
    /// It may have committed: it did if anybody saw a write of it.
    case unknown
    /// It did not happen.
    case failed
  }

  enum Kind: UInt8 {
    case read
    case write
  }

  /// One read or write of one key. 24 bytes.
  struct MicroOperation {
    /// What was written or read; null for a read that found nothing, or of which nothing is known.
    var value: ValueWord
    /// Dense, in order of first use.
    var key: UInt32
    /// Position of its transaction.
    var transaction: UInt32
    var kind: Kind
    /// Whether the value of a read is known.
    var isKnown: Bool
    /// Whether its transaction wrote the key before.
    var isOwn = false
    /// Whether its transaction writes the key later; for writes only.
    var isReplaced = false
    /// Whether its transaction has another operation on the key.
    var isShared = false

    /// Whether it is a read of which the answer is known and comes from other transactions.
    var isExternal: Bool { isKnown && !isOwn }
  }

  /// "Has no completion", for `completions`.
  static let never = UInt32.max

  let history: History
  /// What the words of keys and values mean.
  var values: ValueStore
  /// Event index of each invocation, increasing.
  var invocations: [UInt32] = []
  /// Event index of each completion; `never` where the outcome is unknown.
  var completions: [UInt32] = []
  /// The session of each: its process, or a number below -1 for one that went on after an unknown outcome.
  var processes: [Int32] = []
  var outcomes: [Outcome] = []
  var operations: [MicroOperation] = []
  /// The micro-operations of transaction t are `operations[starts[t]..<starts[t + 1]]`.
  var starts: [UInt32] = [0]
  /// The words of the keys, by dense id.
  var keys: [ValueWord] = []
  /// By key: the last micro-operation on it so far, and the last write, as places plus one.
  private var lastPlaces: [(any: UInt32, write: UInt32)] = []

  init(_ history: History, _ values: ValueStore) { (self.history, self.values) = (history, values) }

  var count: Int { invocations.count }

  /// Notes in the micro-operations of one transaction, the last so far, what else it does to their keys.
  mutating func link(from first: Int, keys: Int) {
    while lastPlaces.count < keys { lastPlaces.append((0, 0)) }
    for place in first..<operations.count {
      let key = Int(operations[place].key)
      let last = lastPlaces[key]
      if last.any > first {
        operations[place].isShared = true
        operations[Int(last.any) - 1].isShared = true
      }
      if last.write > first {
        operations[place].isOwn = true
        if operations[place].kind == .write { operations[Int(last.write) - 1].isReplaced = true }
      }
      lastPlaces[key].any = UInt32(place + 1)
      if operations[place].kind == .write { lastPlaces[key].write = UInt32(place + 1) }
    }
  }

  func micro(_ transaction: Int) -> Range<Int> { Int(starts[transaction])..<Int(starts[transaction + 1]) }

  /// The key as a value.
  func key(_ id: UInt32) -> Value { values.value(keys[Int(id)]) }
}
