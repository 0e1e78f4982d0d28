/// Faults planted on purpose, so that a test harness can prove that it would notice them. Each alters exactly one step
/// of the protocol and consults neither a clock nor randomness of its own.
public enum DynamoBug: String, CaseIterable, Sendable {
  /// Of concurrent values of a key only one is kept, as with Cassandra's cells and Riak's `last_write_wins`: the others
  /// were acknowledged and are lost (§4.4).
  case lastWriteWins = "last-write-wins"
  /// A put overwrites what its coordinator has, not what its client has read: a context that the server made up itself.
  case overwritesUnread = "overwrites-unread"
  /// A put overwrites nothing, whatever its context says: siblings that were resolved come back, and pile up.
  case contextIgnored = "context-ignored"
  /// A get answers the values of one replica with the context of all: the next put overwrites what its client never saw.
  case contextCoversUnread = "context-covers-unread"
  /// A deleted key is forgotten with all that was seen of it, as Riak's `delete_mode` does at once: a replica that missed
  /// the deletion brings the value back.
  case deletionForgotten = "deletion-forgotten"
  /// A replica takes what it is handed off in place of what it has (§4.6): siblings and later updates are gone.
  case handoffOverwrites = "handoff-overwrites"
  /// A replica takes a read's repair in place of what it has (§5, read repair), although that may be newer by now.
  case readRepairOverwrites = "read-repair-overwrites"
  /// A replica takes what anti-entropy brings in place of what it has (§4.7).
  case antiEntropyOverwrites = "anti-entropy-overwrites"
  /// The coordinator names updates by a count that starts anew with the process: others take them for ones they know,
  /// as Riak's vnodes did after they had lost their clock.
  case dotReusedAfterRestart = "dot-reused-after-restart"
  /// The coordinator does not write its own copy to its log: a restart forgets it, and how far it had counted.
  case ownWriteNotLogged = "own-write-not-logged"
  /// Two replicas' sums for one node are added where the greater should be taken: what is merged twice counts twice.
  case counterMergeAdds = "counter-merge-adds"
  /// All coordinators count in the entry of the key's first replica: of concurrent additions the smaller is lost.
  case counterSharesEntry = "counter-shares-entry"
  /// The merge of two sets is their union: "deleted items can resurface", as in the paper's shopping carts (§4.4).
  case removedResurfaces = "removed-resurfaces"
  /// The removal of an element also takes additions that it has not observed.
  case removalTakesUnseen = "removal-takes-unseen"
  /// A node forwards an update again when the first coordinator is slow: both carry it out, as Cassandra's counters
  /// counted twice after a time-out.
  case forwardRepeatsUpdates = "forward-repeats-updates"
  /// The timestamps of last-writer registers are the coordinator's own count of writes, whatever it has seen: a Lamport
  /// clock without the rule for what is received.
  case clockIgnoresSeen = "clock-ignores-seen"
  /// A read answers what the last replica of its quorum says, not the merge of all.
  case readAnswersLastReply = "read-answers-last-reply"
}
