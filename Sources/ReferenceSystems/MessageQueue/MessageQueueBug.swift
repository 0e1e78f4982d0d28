/// Faults planted on purpose, so that a test harness can prove that it would notice them. Each alters exactly one step
/// of the protocol and consults neither a clock nor randomness of its own.
public enum MessageQueueBug: String, CaseIterable, Sendable {
  /// Any replica may become leader, in sync or not: Kafka's `unclean.leader.election.enable`, its default before 0.11.
  case uncleanLeaderElection = "unclean-leader-election"
  /// A record is acknowledged when the leader's disk has it: `acks=1` answered as `acks=all`.
  case ackBeforeReplication = "ack-before-replication"
  /// Records are acknowledged from memory and reach the disk by the hundred, as with Kafka's
  /// `log.flush.interval.messages`: a restarted replica lacks what it acknowledged, and is still in the in-sync set.
  case ackBeforeFsync = "ack-before-fsync"
  /// A replica that has a new leader, or restarts, cuts its log at its high watermark, not by leader epochs: the loss that
  /// KIP-101 is about.
  case truncatesToHighWatermark = "truncates-to-high-watermark"
  /// Consumers get what a replica has, at once: committed or not, deposed or not.
  case servesUncommitted = "serves-uncommitted"
  /// The leader drops a slow replica from its own idea of the in-sync set and does not write that to the register, so the
  /// dropped one may lead next (KAFKA-2729 and its kin).
  case shrinksISRWithoutAgreement = "shrinks-isr-without-agreement"
  /// A leader that was deposed does not give way, and when it comes back the others follow it, whatever its epoch.
  case staleLeaderNotFenced = "stale-leader-not-fenced"
  /// A new leader does not know what producers sent to the one before: a record sent again stands in the log twice.
  case producerStateLost = "producer-state-lost"
  /// A poll commits all that was read for the member, though it gets only a part: what it did not get is skipped after a
  /// rebalance.
  case offsetCommittedBeforeDelivery = "offset-committed-before-delivery"
  /// A nack ends the leases of all messages that were received after the one that it is about.
  case nackEndsOtherLeases = "nack-ends-other-leases"
  /// The acknowledgement of a lease that ran out is answered as if it counted, as Amazon SQS may do with an old receipt
  /// handle; the message is delivered again.
  case expiredAckAccepted = "expired-ack-accepted"
  /// A message that was delivered too often is deleted, not kept as a dead letter.
  case deadLetterDropped = "dead-letter-dropped"
  /// A new leader forgets the messages that are lent: they are never delivered again.
  case leasedMessagesLost = "leased-messages-lost"
  /// A new leader takes lent messages for free: they are delivered again at once.
  case leasesForgotten = "leases-forgotten"
}
