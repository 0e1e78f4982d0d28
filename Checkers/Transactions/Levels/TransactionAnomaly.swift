/// What can be wrong with transactions, by the names of Adya (1999), of Elle (Kingsbury and Alvaro, VLDB 2020) and of
/// Bailis and others (VLDB 2014).
public enum TransactionAnomaly: String, Hashable, Sendable, Codable, CaseIterable {
  // Found in single reads.

  /// A read shows a value twice, so that the versions of its key have no order.
  case duplicateElements = "duplicate-elements"
  /// Two reads of one key are no prefixes of each other.
  case incompatibleOrder = "incompatible-order"
  /// A read shows a value that nobody wrote.
  case garbageRead = "garbage-read"
  /// A committed version was built on a write of a transaction that failed.
  case dirtyUpdate = "dirty-update"
  /// A read shows a write of a transaction that failed.
  case abortedRead = "G1a"
  /// A read shows a version that its writer replaced in the same transaction.
  case intermediateRead = "G1b"
  /// A read contradicts what its own transaction read or wrote before.
  case `internal`
  /// A read shows what its own transaction writes only later.
  case futureRead = "future-read"
  /// A transaction saw one write of another, but in another key a version from before it.
  case fracturedRead = "fractured-read"
  /// The same, where what it saw first came first: the other's effects vanished.
  case observedTransactionVanishes = "observed-transaction-vanishes"
  /// Two transactions read the same version of a key and both replaced it.
  case lostUpdate = "lost-update"

  // Reads that miss a version, by what they should have shown it for (Bailis and others 2014, appendix: MYR, N-MR, N-MW
  // and MRWD). Where it is the next version, there is a cycle of dependencies too.

  /// A read misses what its process wrote before.
  case missingYourWrites = "missing-your-writes"
  /// A read shows less than an earlier read of its process.
  case nonmonotonicReads = "non-monotonic-reads"
  /// A process saw a write of another one, and misses what that one wrote before.
  case nonmonotonicWrites = "non-monotonic-writes"
  /// A transaction saw a write, and misses what the writer's process had read before.
  case missingReadWriteDependency = "missing-read-write-dependency"
  /// A read misses what leads to it by read dependencies and the order of processes.
  case missingCausalWrite = "missing-causal-write"

  // Cycles of dependencies, by what they are made of.

  /// Write dependencies only.
  case writeCycle = "G0"
  /// Write and read dependencies.
  case informationCycle = "G1c"
  /// Exactly one anti-dependency.
  case single = "G-single"
  /// Two anti-dependencies or more, no two of them adjacent.
  case nonadjacent = "G-nonadjacent"
  /// Anti-dependencies, two of them adjacent: write skew is the shortest.
  case antiDependencyCycle = "G2-item"
}

/// What else than dependencies a cycle needed.
public enum CycleOrder: String, Hashable, Sendable, Codable, CaseIterable, Comparable {
  case none = ""
  /// The order of a process's transactions.
  case process = "-process"
  /// The order of transactions of which one had completed before the other was invoked.
  case realtime = "-realtime"

  public static func < (first: CycleOrder, second: CycleOrder) -> Bool { first.strength < second.strength }

  private var strength: Int {
    switch self {
    case .none: 0
    case .process: 1
    case .realtime: 2
    }
  }
}

extension TransactionAnomaly {
  /// Whether only the order of a process's transactions, or real time, makes something of this name an anomaly.
  static func needsOrders(name: String) -> Bool {
    let sessions: [TransactionAnomaly] = [
      .missingYourWrites, .nonmonotonicReads, .nonmonotonicWrites, .missingReadWriteDependency, .missingCausalWrite,
    ]
    return sessions.contains { $0.rawValue == name }
      || [CycleOrder.process, .realtime].contains { name.hasSuffix($0.rawValue) }
  }
}
