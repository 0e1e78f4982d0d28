/// A condition on the dependencies of a history: one kind of cycle that a level forbids.
///
/// Levels that share a condition are decided by the same search.
enum LevelCondition: Hashable, CaseIterable {
  /// No cycle of write dependencies between transactions that certainly committed (G0).
  case writes
  /// No cycle of write and read dependencies (G1c).
  case information
  /// Some order of unseen versions in which whoever read the last version and replaced it was the next (G-cursor).
  case cursor
  /// No cycle with at most one anti-dependency.
  case single
  /// No cycle without two adjacent anti-dependencies.
  case snapshot(CycleOrder)
  /// No cycle in which every anti-dependency comes right after a read dependency.
  case prefix
  /// No cycle of update transactions, nor of these and one transaction that only reads (G-update).
  case update
  /// No cycle.
  case serial(CycleOrder)
  /// No cycle of write and read dependencies and of the order of processes.
  case causalOrder
  /// No read that misses a version of what it sees by read dependencies and the order of processes.
  case causalRead
  /// No cycle of write dependencies and of the order of processes.
  case writeOrder
  /// No cycle of write and read dependencies, and of the order of processes after a read dependency.
  case writesAfterReads
  /// No read that misses what a guarantee to sessions says it shows.
  case session(SessionGuarantee)

  /// Weakest first.
  static let allCases: [LevelCondition] =
    [.writes, .information, .cursor, .writeOrder, .writesAfterReads] + SessionGuarantee.allCases.map { .session($0) }
    + [.single, .prefix, .update, .causalOrder, .causalRead]
    + CycleOrder.allCases.flatMap { [.snapshot($0), .serial($0)] }
}

extension LevelCondition {
  /// Whether a cycle of this kind breaks the condition, if it is a true one.
  ///
  /// False where that takes more than the kinds of its steps, such as who certainly committed, or which key a step is
  /// about; of `cursor` only what refutes every level above read uncommitted.
  func isBroken(by cycle: TransactionCycle, in graph: TransactionGraph) -> Bool {
    let links = cycle.steps.map(\.link)
    let isAnti = links.map { $0 == .dependency(.readWrite) }
    let before = links.suffix(1) + links.dropLast()
    switch self {
    case .writes, .cursor, .causalRead, .session: return false
    case .writeOrder:
      return cycle.order <= .process && links.allSatisfy { $0 == .dependency(.writeWrite) || $0 == .process }
    case .writesAfterReads:
      let follows = zip(before, links).allSatisfy {
        $1 != .process || [.dependency(.writeRead), .process].contains($0)
      }
      return cycle.order <= .process && !isAnti.contains(true) && follows
    case .information: return cycle.order == .none && !isAnti.contains(true)
    case .single: return cycle.order == .none && isAnti.count { $0 } <= 1
    case .snapshot(let order): return cycle.order <= order && cycle.anomaly != .antiDependencyCycle
    case .prefix: return cycle.order == .none && zip(before, isAnti).allSatisfy { !$1 || $0 == .dependency(.writeRead) }
    case .update: return cycle.order == .none && cycle.steps.count { !graph.rows[Int($0.source)].isUpdate } <= 1
    case .serial(let order): return cycle.order <= order
    case .causalOrder: return cycle.order <= .process && !isAnti.contains(true)
    }
  }
}

extension IsolationLevel {
  /// What refutes the level: anomalies of single reads, and cycles. Those of `implied` levels come on top.
  var ownForbidden: (anomalies: [TransactionAnomaly], conditions: [LevelCondition]) {
    switch self {
    case .readUncommitted: ([.duplicateElements, .incompatibleOrder, .garbageRead], [.writes])
    case .readCommitted: ([.abortedRead, .intermediateRead, .dirtyUpdate], [.information])
    case .monotonicAtomicView: ([.observedTransactionVanishes], [])
    case .readAtomic: ([.internal, .futureRead, .fracturedRead], [])
    case .cursorStability: ([.lostUpdate], [.cursor])
    case .repeatableRead: ([], [.serial(.none)])
    case .parallelSnapshotIsolation: ([], [.single])
    case .prefix: ([], [.prefix])
    case .snapshotIsolation: ([], [.snapshot(.none)])
    case .strongSessionSnapshotIsolation: ([], [.snapshot(.process)])
    case .strongSnapshotIsolation: ([], [.snapshot(.realtime)])
    case .updateSerializable: ([], [.update])
    case .serializable: ([], [.serial(.none)])
    case .strongSessionSerializable: ([], [.serial(.process)])
    case .strictSerializable: ([], [.serial(.realtime)])
    case .causal: ([], [.causalOrder, .causalRead])
    case .readYourWrites: ([], [.session(.readYourWrites)])
    case .monotonicReads: ([], [.session(.monotonicReads)])
    case .monotonicWrites: ([], [.writeOrder, .session(.monotonicWrites)])
    case .writesFollowReads: ([], [.writesAfterReads, .session(.writesFollowReads)])
    case .pram: ([], [.session(.pram)])
    }
  }

  /// Everything that refutes the level.
  var forbidden: (anomalies: Set<TransactionAnomaly>, conditions: Set<LevelCondition>) {
    implications.reduce(into: (Set<TransactionAnomaly>(), Set<LevelCondition>())) { all, level in
      all.0.formUnion(level.ownForbidden.anomalies)
      all.1.formUnion(level.ownForbidden.conditions)
    }
  }
}
