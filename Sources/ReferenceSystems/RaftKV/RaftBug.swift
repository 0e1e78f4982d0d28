/// Faults planted on purpose, so that a test harness can prove that it would notice them. Each alters exactly one step
/// of the protocol and consults neither a clock nor randomness of its own.
public enum RaftBug: String, CaseIterable, Sendable {
  /// Every node answers reads from its own applied state at once: no leader, no ReadIndex (thesis §6.4).
  case staleRead = "stale-read"
  /// The leader answers a write as soon as it stands in its own log, before a majority has it (§5.3). It computes the
  /// answer from its log as if all of it were committed.
  case ackBeforeCommit = "ack-before-commit"
  /// ⌊n/2⌋ servers count as a majority in elections, commitment and reads, so two quorums need not intersect (§5.2).
  case shortQuorum = "short-quorum"
  /// Commands are applied whatever their client did before: a write that was asked for twice takes effect twice (§8).
  case retryAppliesTwice = "retry-applies-twice"
  /// Term and vote never reach the disk (figure 2, "persistent state on all servers"): a restarted server votes again in a
  /// term in which it has voted.
  case votesNotPersisted = "votes-not-persisted"
  /// A leader commits entries of earlier terms by counting their replicas, which figure 8 shows to be wrong (§5.4.2).
  case commitEarlierTermByCounting = "commit-earlier-term-by-counting"
  /// A follower cuts its log behind the entries of each AppendEntries message, also where nothing conflicts: a message
  /// that was overtaken takes back what later ones brought (figure 2, "if an existing entry conflicts").
  case truncatesOnStaleAppend = "truncates-on-stale-append"
  /// The leader answers reads at once as long as a quorum answered its heartbeats within the longest election time-out of
  /// its own clock. The others may elect another leader after the shortest, by theirs (thesis §6.4.1).
  case leaseRead = "lease-read-under-clock-skew"
  /// Snapshots are restored without the sessions: a write that is asked for again takes effect again (§7, §8).
  case snapshotLosesSessions = "snapshot-loses-sessions"
  /// A follower installs any snapshot that arrives whole and drops its log, also when its log has all that the snapshot
  /// covers and more (§7, figure 13, steps 6 and 7).
  case snapshotInstalledOverNewerLog = "snapshot-installed-over-newer-log"
  /// The log is compacted when a snapshot is taken, not when it is on disk (§7), and the snapshot is written in the
  /// background, ``batchesBeforeSnapshot`` batches of events later: a crash in between loses both.
  case compactsBeforeSnapshotDurable = "compacts-before-snapshot-durable"
  /// Records of the write-ahead log are written and not synced: what is to be persisted "before responding to RPCs"
  /// (figure 2) is in the memory of the operating system alone. No crash of the process loses it, a power failure does. The core cannot tell; the shell
  /// leaves the sync out (``syncsLog``).
  case noFsync = "no-fsync"
  /// A change of the membership begins before the one before is committed, so that two majorities may not share a server
  /// (thesis §4.1, figure 4.1, step 3).
  case twoServerMembershipChange = "two-server-membership-change"

  // The protocol carries out a transaction when its entry is applied. These begin it earlier, as databases with
  // interactive transactions do, and leave out what such a database needs to make up for it.

  /// The leader takes a transaction's reads from its map when it takes the request, and the entry holds only the rest. It
  /// is refused when a key that it writes has changed since then, but what it read is not validated: snapshot isolation,
  /// which allows write skew (Berenson et al., "A Critique of ANSI SQL Isolation Levels", 1995, A5B) and nothing else.
  case txnSnapshot = "txn-snapshot"
  /// Each read of a transaction is a linearizable read of its own, one after the other; then an entry with the rest is
  /// proposed, and nothing is validated. Only committed values are read, but not of one moment: read skew (A5A).
  case txnReadCommitted = "txn-read-committed"
  /// A transaction is proposed write by write, the next when the one before was applied. Other transactions may not write
  /// the same keys meanwhile, but they see what is there: intermediate values, and those of transactions that abort later
  /// (Adya, "Weak Consistency", 1999, G1b and G1a).
  case txnDirty = "txn-dirty"
  /// As ``txnSnapshot`` without the refusal; sums are computed with the reads, and written as plain values. What others
  /// wrote meanwhile is overwritten: lost updates (P4).
  case txnLostUpdate = "txn-lost-update"

  /// How long ``compactsBeforeSnapshotDurable`` keeps a snapshot in memory alone.
  static let batchesBeforeSnapshot = 500

  /// Whether the shell makes a batch durable before it says that it is.
  public var syncsLog: Bool { self != .noFsync }

  /// Whether a transaction is more than the entry that the client asked for.
  public var splitsTransactions: Bool {
    switch self {
    case .txnSnapshot, .txnReadCommitted, .txnDirty, .txnLostUpdate: true
    default: false
    }
  }
}
