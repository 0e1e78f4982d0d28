import Checkers
import Histories

/// A register transaction as the twins read it: straight from the events, keys and values as small numbers.
struct RegisterTwinTransaction {
  enum Step {
    case write(key: Int, value: Int)
    /// A value of 0 is nothing; nil if the answer is not known.
    case read(key: Int, value: Int?)

    var key: Int {
      switch self {
      case .write(let key, _), .read(let key, _): key
      }
    }
  }

  var invocation: Int
  var completion: Int?
  var process: Int32
  /// How many transactions of the process before were never answered.
  var session = 0
  var outcome: TwinTransaction.Outcome
  var steps: [Step]

  func writes(to key: Int) -> [Int] {
    steps.compactMap { step in
      if case .write(key, let value) = step { return value }
      return nil
    }
  }

  /// The value that it leaves in the key.
  func version(of key: Int) -> Int? { writes(to: key).last }
  var writtenKeys: Set<Int> { Set(steps.map(\.key).filter { version(of: $0) != nil }) }

  /// Known reads of keys that it has not written before.
  var externalReads: [(place: Int, key: Int, value: Int)] {
    steps.enumerated().compactMap { place, step in
      guard case .read(let key, let value?) = step else { return nil }
      let isOwn = steps[..<place].contains {
        if case .write(key, _) = $0 { return true }
        return false
      }
      return isOwn ? nil : (place, key, value)
    }
  }

  /// What the reads demand of each other and of own writes before: a read shows what the transaction last read or wrote.
  var isInternallyConsistent: Bool {
    steps.enumerated().allSatisfy { place, step in
      guard case .read(let key, let value?) = step else { return true }
      let before = steps[..<place].last { earlier in
        if case .read(_, nil) = earlier { return false }
        return earlier.key == key
      }
      switch before {
      case .write(_, let own): return own == value
      case .read(_, let earlier): return earlier == value
      case nil: return !writes(to: key).contains(value)
      }
    }
  }

  /// Executes alone on these registers; false if a read must have answered otherwise.
  func run(on registers: inout [Int]) -> Bool {
    for step in steps {
      switch step {
      case .write(let key, let value): registers[key] = value
      case .read(let key, let value?) where registers[key] != value: return false
      case .read: break
      }
    }
    return true
  }

  /// The other comes later in the same session: after a transaction without an answer a process begins a new one.
  func precedesInProcess(_ other: Self) -> Bool {
    process == other.process && session == other.session && invocation < other.invocation
  }
  func precedesInRealTime(_ other: Self) -> Bool { completion.map { $0 < other.invocation } ?? false }
}

/// Decides every isolation level of a small history on registers, each by its definition, by trying everything: every
/// set of transactions that may have committed, every order of the versions of every key, every order of transactions,
/// every interleaving of starts and commits, every visibility relation.
///
/// A value that nobody wrote refutes every level.
struct RegisterTwin {
  /// The levels that it defines.
  static let levels = IsolationLevel.allCases

  private(set) var transactions: [RegisterTwinTransaction] = []
  private var keyNumbers: [Value: Int] = [:]
  private var valueNumbers: [Value: Int] = [.null: 0]

  var keys: Int { keyNumbers.count }

  init(_ history: History) throws {
    let operations = try Operations(history)
    for position in 0..<operations.count {
      let operation = operations[position]
      let isCommitted = operation.outcome == .ok
      let steps = (isCommitted ? operation.output : operation.input).list ?? []
      transactions.append(
        RegisterTwinTransaction(
          invocation: operation.invocation, completion: isCommitted ? operation.completion : nil,
          process: operation.process.rawValue,
          session: transactions.count { $0.process == operation.process.rawValue && $0.outcome == .unknown },
          outcome: isCommitted ? .committed : operation.outcome == .fail ? .failed : .unknown,
          steps: steps.map { step($0.list ?? [], isCommitted) }))
    }
  }

  private mutating func step(_ parts: [Value], _ isCommitted: Bool) -> RegisterTwinTransaction.Step {
    let key = keyNumbers[parts[1], default: keyNumbers.count]
    keyNumbers[parts[1]] = key
    let value = valueNumbers[parts[2], default: valueNumbers.count]
    valueNumbers[parts[2]] = value
    return parts[0] == "w" ? .write(key: key, value: value) : .read(key: key, value: isCommitted ? value : nil)
  }

  /// The levels that hold, by name.
  func levels() -> Set<String> {
    let written = Set(transactions.flatMap { transaction in (0..<keys).flatMap { transaction.writes(to: $0) } })
    let isGarbage = transactions.contains { transaction in
      transaction.steps.contains { step in
        guard case .read(_, let value?) = step else { return false }
        return value != 0 && !written.contains(value)
      }
    }
    if isGarbage { return [] }
    let sessions = RegisterSessionTwin(transactions, keys: keys).levels()
    return committedSets.reduce(into: sessions) { $0.formUnion(levels(of: $1)) }
  }

  private var committedSets: [[RegisterTwinTransaction]] {
    transactions.reduce([[]]) { sets, transaction in
      switch transaction.outcome {
      case .committed: sets.map { $0 + [transaction] }
      case .failed: sets
      case .unknown: sets + sets.map { $0 + [transaction] }
      }
    }
  }

  private func levels(of committed: [RegisterTwinTransaction]) -> Set<String> {
    var levels = RegisterDependencyTwin(transactions: committed, keys: keys).levels()
    for (name, axioms) in Self.abstractExecutions
    where RegisterVisibilityTwin.holds(committed, keys: keys, axioms) {
      levels.insert(name)
    }
    for (serial, snapshot, order) in Self.orders {
      if RegisterSerialTwin(transactions: committed, mustPrecede: order).holds(keys) { levels.insert(serial) }
      if RegisterSnapshotTwin(transactions: committed, mustPrecede: order).holds(keys) { levels.insert(snapshot) }
    }
    return levels
  }

  private static let abstractExecutions: [(String, AbstractExecutionTwin.Axioms)] = [
    ("read-atomic", .readAtomic), ("causal", .causal), ("parallel-snapshot-isolation", .parallelSnapshot),
    ("prefix", .prefixConsistency),
  ]

  private static let orders: [(serial: String, snapshot: String, RegisterSerialTwin.Order)] = [
    ("serializable", "snapshot-isolation", { _, _ in false }),
    ("strong-session-serializable", "strong-session-snapshot-isolation", { $0.precedesInProcess($1) }),
    ("strict-serializable", "strong-snapshot-isolation", { $0.precedesInRealTime($1) }),
  ]
}
