import Checkers
import Generators

/// What the definitions say of each planted anomaly: the weakest levels that it breaks, and what else it is.
extension AnomalyScript {
  var weakestBroken: Set<IsolationLevel> {
    switch self {
    case .writeCycle, .duplicateElements, .incompatibleOrder, .garbageRead: [.readUncommitted]
    case .abortedRead, .intermediateRead, .dirtyUpdate: [.readCommitted]
    case .informationCycle: [.readCommitted, .writesFollowReads]
    case .observedTransactionVanishes: [.monotonicAtomicView]
    case .fracturedRead, .internal, .futureRead: [.readAtomic]
    case .lostUpdate: [.cursorStability]
    case .single: [.writesFollowReads, .repeatableRead, .parallelSnapshotIsolation, .prefix]
    case .nonadjacent: [.repeatableRead, .prefix]
    case .antiDependencyCycle: [.repeatableRead, .updateSerializable]
    // Within one process.
    case .writeCycleProcess, .nonmonotonicWrites: [.monotonicWrites]
    case .informationCycleProcess, .missingReadWriteDependency: [.writesFollowReads]
    case .singleProcess, .missingYourWrites: [.readYourWrites]
    case .nonmonotonicReads: [.monotonicReads]
    case .missingCausalWrite: [.causal]
    case .nonadjacentProcess: [.strongSessionSnapshotIsolation]
    case .antiDependencyCycleProcess: [.strongSessionSerializable]
    // In real time.
    case .writeCycleRealtime, .informationCycleRealtime, .singleRealtime, .nonadjacentRealtime:
      [.strongSnapshotIsolation]
    case .antiDependencyCycleRealtime: [.strictSerializable]
    }
  }

  /// Names that the same transactions deserve beside the one that was planted: what the order of a process makes wrong,
  /// real time makes wrong too, and a read that misses a version is a cycle with one anti-dependency.
  var companions: Set<String> {
    switch self {
    case .writeCycleProcess: ["G0-realtime"]
    case .informationCycleProcess: ["G1c-realtime"]
    case .nonadjacentProcess: ["G-nonadjacent-realtime", "G-single-realtime"]
    case .antiDependencyCycleProcess: ["G2-item-realtime"]
    case .dirtyUpdate: ["G1a"]
    case .lostUpdate: ["G-single"]
    case .fracturedRead, .observedTransactionVanishes: ["G-single", "missing-causal-write"]
    case .single: ["missing-causal-write", "missing-read-write-dependency"]
    case .singleProcess: ["G-single-realtime", "missing-your-writes"]
    case .missingYourWrites: ["G-single-process", "G-single-realtime"]
    case .nonmonotonicReads, .nonmonotonicWrites, .missingReadWriteDependency:
      ["G-single-process", "G-single-realtime", "missing-causal-write"]
    case .missingCausalWrite: ["G-single-process", "G-single-realtime"]
    default: []
    }
  }
}
