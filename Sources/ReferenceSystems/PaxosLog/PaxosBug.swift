/// Faults planted on purpose, so that a test harness can prove that it would notice them. Each alters exactly one step
/// of the protocol and consults neither a clock nor randomness of its own.
public enum PaxosBug: String, CaseIterable, Sendable {
  /// An acceptor answers a prepare request without having its promise on disk (§2.5): a restart forgets it.
  case unpersistedPromise = "unpersisted-promise"
  /// An acceptor says that it accepted a proposal and never writes it down (§2.5): a restart forgets it.
  case unpersistedAccept = "unpersisted-accept"
  /// An acceptor accepts whatever it is sent, even below its promise (P1a, §2.2).
  case acceptsLowerBallot = "accepts-lower-ballot"
  /// A candidate becomes leader by its own promise alone (§2.2, phase 1).
  case leaderWithoutPhaseOne = "leader-without-phase-1"
  /// A new leader ignores the proposals that it learnt in phase 1 and puts new commands in their slots (P2c, §2.2).
  case reproposesOwnValue = "re-proposes-own-value"
  /// A new leader takes any of the proposals that it learnt for a slot, not the highest-numbered (P2c, §2.2).
  case adoptsAnyBallot = "adopts-any-ballot"
  /// A new leader fills a slot with a no-op when its own acceptor has nothing there, whatever others accepted (§3).
  case noopOverwritesAccepted = "no-op-overwrites-accepted"
  /// f of 2f + 1 acceptors are enough to choose a value (§2.2).
  case chosenByMinority = "chosen-by-minority"
  /// A learner that lacks the value of a chosen slot takes it for a no-op instead of asking for it (§2.3, §3).
  case gapServedAsEmpty = "gap-served-as-empty"
  /// Snapshots are restored without the table of sessions: a repeated command takes effect again.
  case sessionLostInSnapshot = "session-lost-in-snapshot"
  /// A restarted node does not count its life: it gives the names of its earlier commands to new ones, which are then
  /// taken for repetitions.
  case reusedClientID = "reused-client-id"
  /// The log is truncated when a snapshot is taken, not when it is on disk, and the snapshot is written in the background,
  /// ``batchesBeforeSnapshot`` batches of events later.
  case truncatesBeforeSnapshotDurable = "truncates-before-snapshot-durable"
  /// Every node answers reads from its own prefix at once, as if it were all that is chosen.
  case staleLocalRead = "stale-local-read"
  /// The leader grants reads without making sure that it still leads.
  case unconfirmedLeaderRead = "unconfirmed-leader-read"

  /// How long ``truncatesBeforeSnapshotDurable`` keeps a snapshot in memory alone.
  static let batchesBeforeSnapshot = 500
}
