/// What a database may promise of its transactions: the isolation levels, by the names that Elle uses.
///
/// The cases come as a reader climbs: a level after all that it implies, those of databases first, then the guarantees to
/// sessions right below causal consistency, which joins the two. The ladder is printed in this order.
///
/// Where a level is defined, and what refutes it, is in `IsolationLevel.forbidden`.
public enum IsolationLevel: String, Hashable, Sendable, Codable, CaseIterable {
  /// PL-1 (Adya, "Weak Consistency", 1999, chapter 3).
  case readUncommitted = "read-uncommitted"
  /// PL-2 (Adya, chapter 3).
  case readCommitted = "read-committed"
  /// PL-CS (Adya, chapter 4).
  case cursorStability = "cursor-stability"
  /// MAV (Bailis and others, "Highly Available Transactions", VLDB 2014, 5.1.2).
  case monotonicAtomicView = "monotonic-atomic-view"
  /// RA (Cerone, Bernardi and Gotsman, "A Framework for Transactional Consistency Models", CONCUR 2015).
  case readAtomic = "read-atomic"
  /// A read shows what its session wrote before (Terry and others, "Session Guarantees", PDIS 1994).
  case readYourWrites = "read-your-writes"
  /// A read shows no older version than one that its session read before (Terry and others 1994).
  case monotonicReads = "monotonic-reads"
  /// The writes of a session come, and are seen, in its order (Terry and others 1994).
  case monotonicWrites = "monotonic-writes"
  /// A write comes, and is seen, after what its session read before (Terry and others 1994).
  case writesFollowReads = "writes-follow-reads"
  /// The first three of these together, with one order of versions for all sessions (Brzezinski and others, 2004; Viotti
  /// and Vukolić, "Consistency in Non-Transactional Distributed Storage Systems", 2016): sessions that see concurrent
  /// writes in different orders keep Lipton and Sandberg's PRAM (1988), but not this.
  case pram
  /// Causal consistency with convergence of versions (CONCUR 2015 with sessions; Bouajjani and others, POPL 2017, CCv).
  case causal
  /// Prefix consistency (CONCUR 2015; Cerone, Gotsman and Yang, "Algebraic Laws for Weak Consistency", CONCUR 2017).
  case prefix
  /// PSI (Sovran and others, SOSP 2011; Cerone and Gotsman, "Analysing Snapshot Isolation", JACM 2018).
  case parallelSnapshotIsolation = "parallel-snapshot-isolation"
  /// PL-3U (Adya, chapter 4).
  case updateSerializable = "update-serializable"
  /// PL-2.99 (Adya, chapter 3).
  case repeatableRead = "repeatable-read"
  /// SI (Adya's PL-SI without the real-time part; Cerone and Gotsman 2018).
  case snapshotIsolation = "snapshot-isolation"
  /// SI in which a process sees what it did before (Daudjee and Salem, VLDB 2006).
  case strongSessionSnapshotIsolation = "strong-session-snapshot-isolation"
  /// SI whose snapshots are as new as the transaction's start (Adya's PL-SI; Daudjee and Salem, VLDB 2006).
  case strongSnapshotIsolation = "strong-snapshot-isolation"
  /// PL-3 (Adya, chapter 3; Papadimitriou, 1979).
  case serializable
  /// One order for all that keeps the order of each process; for transactions this is sequential consistency.
  case strongSessionSerializable = "strong-session-serializable"
  /// One order that keeps real time (PL-SS; Herlihy and Wing's linearizability of a whole database).
  case strictSerializable = "strict-serializable"

  /// The levels that hold wherever this one does: those right below it.
  public var implied: [IsolationLevel] {
    switch self {
    case .readUncommitted: []
    case .readCommitted, .readYourWrites, .monotonicReads, .monotonicWrites, .writesFollowReads: [.readUncommitted]
    case .pram: [.readYourWrites, .monotonicReads, .monotonicWrites]
    case .monotonicAtomicView, .cursorStability: [.readCommitted]
    case .readAtomic: [.monotonicAtomicView]
    case .prefix: [.readAtomic]
    case .causal: [.readAtomic, .pram, .writesFollowReads]
    case .repeatableRead, .parallelSnapshotIsolation: [.readAtomic, .cursorStability]
    case .snapshotIsolation: [.parallelSnapshotIsolation, .prefix]
    case .updateSerializable: [.parallelSnapshotIsolation]
    case .serializable: [.repeatableRead, .updateSerializable, .snapshotIsolation]
    case .strongSessionSnapshotIsolation: [.snapshotIsolation, .causal]
    case .strongSnapshotIsolation: [.strongSessionSnapshotIsolation]
    case .strongSessionSerializable: [.serializable, .strongSessionSnapshotIsolation]
    case .strictSerializable: [.strongSessionSerializable, .strongSnapshotIsolation]
    }
  }

  /// This level and all that hold wherever it does.
  public var implications: Set<IsolationLevel> {
    implied.reduce(into: [self]) { $0.formUnion($1.implications) }
  }
}
