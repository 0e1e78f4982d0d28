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
}
