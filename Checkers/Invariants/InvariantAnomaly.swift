/// What the invariant checkers find, from the most to the least specific of each checker.
public enum InvariantAnomaly: String, Hashable, Sendable, CaseIterable {
  // bank
  case wrongType = "wrong-type"
  case nilBalance = "nil-balance"
  case unexpectedKey = "unexpected-key"
  case missingKey = "missing-key"
  case wrongTotal = "wrong-total"
  case negativeValue = "negative-value"
  case unknownAccount = "unknown-account"
  // long-fork
  case longFork = "long-fork"
  // causal-reverse
  case causalReverse = "causal-reverse"
  // adya-g2
  case doubleInsert = "G2"
  // set-full
  case lostElement = "lost-element"
  case duplicateElement = "duplicate-element"
  case staleRead = "stale-read"
  // long-fork, causal-reverse and set-full
  case abortedRead = "aborted-read"
  case thinAirRead = "thin-air-read"
  // staleness
  case staleBeyondBound = "stale-beyond-bound"
  // causal consistency
  case cyclicCO = "CyclicCO"
  case writeCOInitRead = "WriteCOInitRead"
  case writeCORead = "WriteCORead"
  // queues and logs
  case lostMessage = "lost-message"
  case unexpectedMessage = "unexpected-message"
  case duplicateMessage = "duplicate-message"
  case outOfOrderDelivery = "out-of-order-delivery"
  case ackedRedelivery = "acked-redelivery"
  case earlyRedelivery = "early-redelivery"
  case unkeptMessage = "unkept-message"
  case sharedID = "shared-id"
  case inconsistentOffsets = "inconsistent-offsets"
  case duplicateOffset = "duplicate-offset"
  case lostWrite = "lost-write"
  case pollSkip = "poll-skip"
  case nonmonotonicPoll = "nonmonotonic-poll"
  case nonmonotonicSend = "nonmonotonic-send"
  case innerPollSkip = "int-poll-skip"
  case innerNonmonotonicPoll = "int-nonmonotonic-poll"
  case innerNonmonotonicSend = "int-nonmonotonic-send"
  case innerSendSkip = "int-send-skip"
  case readCycle = "G1c-wr"
  case mixedCycle = "G1c"
  case sendCycle = "G0"
  case conflictingEntries = "conflicting-entries"
  case lostEntry = "lost-entry"
  case reorderedEntries = "reordered-entries"
  case duplicateEntry = "duplicate-entry"
  case lateEntry = "late-entry"
  case shrunkenLog = "shrunken-log"
  case logGap = "log-gap"
  case duplicateID = "duplicate-id"
  // convergence and siblings
  case diverged
  case lostUpdate = "lost-update"
  case resurrection
  case falseConflict = "false-conflict"
  case wrongMerge = "wrong-merge"
  case wrongVisibility = "wrong-visibility"
  case impossibleContext = "impossible-context"
  case missedUpdate = "missed-update"

  /// One sentence, without its full stop.
  public var meaning: String {
    switch self {
    case .wrongType: "a read found a balance that is no integer"
    case .nilBalance: "a read found an account without a balance"
    case .unexpectedKey: "a read found an account that is none of the bank's"
    case .missingKey: "a read of all accounts left one out"
    case .wrongTotal: "the balances of a read do not add up to the bank's total, though money only moves"
    case .negativeValue: "a read found a balance below zero"
    case .unknownAccount: "a transfer of an account that is none of the bank's was acknowledged"
    case .longFork: "two reads saw two writes in opposite orders"
    case .causalReverse: "a read saw a write, but not one that was acknowledged before that write began"
    case .doubleInsert: "two transactions both inserted, though each does so only if the other's row is not there"
    case .lostElement: "an element was acknowledged or seen, and from some moment on no read has it"
    case .duplicateElement: "a read of a set has an element more than once"
    case .staleRead: "a read misses an element that was acknowledged or seen before the read began"
    case .abortedRead: "a read saw what only a failed operation wrote"
    case .thinAirRead: "a read saw what nobody had begun to write"
    case .staleBeyondBound: "a read saw a value that had been replaced for longer, or more often, than the bound allows"
    case .cyclicCO: "operations come before themselves, by the order of sessions and of writes before reads of them"
    case .writeCOInitRead: "a read saw the first value, though a write of the register is in its causal past"
    case .writeCORead: "a read saw a value that another write in its causal past had replaced in its own causal past"
    case .lostMessage: "a message was acknowledged and never came out, though the queue was drained"
    case .unexpectedMessage: "a message came out that nobody had begun to put in"
    case .duplicateMessage: "a message came out more than once"
    case .outOfOrderDelivery: "a message came out before one that its producer had put into the same queue earlier"
    case .ackedRedelivery: "a message was delivered again after its ack had been acknowledged"
    case .earlyRedelivery: "a message was delivered to a second holder before the first one's time was over"
    case .unkeptMessage: "a message that was delivered and never acked was gone when the queue was drained"
    case .sharedID: "two messages were delivered under one id"
    case .inconsistentOffsets: "one offset of a partition holds two messages"
    case .duplicateOffset: "one message has two offsets in its partition"
    case .lostWrite: "an acknowledged message was polled by nobody, though messages behind it were"
    case .pollSkip: "a consumer's poll left out messages that follow on its last one"
    case .nonmonotonicPoll: "a consumer's poll began at or before the end of its last one"
    case .nonmonotonicSend: "a producer's message lies before one that it had sent to the partition earlier"
    case .innerPollSkip: "the polls of one transaction left out messages between two that they got"
    case .innerNonmonotonicPoll: "the polls of one transaction went back in a partition, or stood still"
    case .innerNonmonotonicSend: "the messages of one transaction lie in another order than they were sent in"
    case .innerSendSkip: "messages of others lie between two of one transaction"
    case .readCycle: "transactions in a circle, each of which polled a message of the one before"
    case .mixedCycle: "transactions in a circle, each of which polled a message of the one before or sent one behind it"
    case .sendCycle: "transactions in a circle, each of which sent a message right behind one of the one before"
    case .conflictingEntries: "one index of a log holds two values"
    case .lostEntry: "an acknowledged entry is missing from a replica's last full read, after which nobody appended"
    case .reorderedEntries: "an entry lies before one that was there when its append began"
    case .duplicateEntry: "a value that was appended once has two indices"
    case .lateEntry: "an acknowledged entry is missing from a full read of a replica that may have lagged behind"
    case .shrunkenLog: "a replica shows less of a log than it had shown before, and no fault came between"
    case .logGap: "a read of a log leaves out an index between those that it has, or goes back"
    case .duplicateID: "an id was given out more than once"
    // convergence and siblings
    case .diverged: "replicas that were read when all was healed and quiet are not in the same state"
    case .lostUpdate: "an acknowledged update that nothing supersedes is missing in the end"
    case .resurrection: "what was removed or overwritten by somebody who had seen it is there in the end"
    case .falseConflict: "a value is shown beside one whose writer had seen it"
    case .wrongMerge: "a read, or the state that replicas agree on, is one that no choice of updates makes"
    case .wrongVisibility: "a read does not show what the operations make that it says it has seen"
    case .impossibleContext: "an operation says that it has observed one that had not begun, or that had observed it"
    case .missedUpdate:
      "an update did not observe one that was acknowledged before it began, or has no later timestamp"
    }
  }

  /// Whether a finding stays one whichever events of the history are missing, invocations among them: completions that
  /// could not be read, the end of the file, or anything else (an operation without its completion is of unknown
  /// outcome).
  ///
  /// It does if what was found is wrong by itself, and there is no event that would explain it.
  public var survivesMissingEvents: Bool {
    switch self {
    // One completed read holds what no read may hold.
    case .wrongType, .nilBalance, .negativeValue, .duplicateElement: true
    // Two completed reads contradict each other under every order of the writes, however many there were.
    case .longFork: true
    // Three events say that a value was acknowledged before the other was sent, which no value is twice; the read shows
    // the second without the first, and nothing takes values away.
    case .causalReverse: true
    // Two acknowledged inserts of one key contradict each other: nothing deletes rows.
    case .doubleInsert: true
    // The element was there before the read began, which misses it: nothing takes elements away.
    case .staleRead: true
    // A later read, or one under way, may have the element again.
    case .lostElement: false
    // Somebody else may have written the value.
    case .abortedRead, .thinAirRead: false
    // Two writes and the reads that saw them contradict the bound, whatever else was written: no value is written twice.
    case .staleBeyondBound: true
    // More operations add to the causal order, and take nothing from it.
    case .cyclicCO, .writeCOInitRead, .writeCORead: true
    // An opening, or the first read, may say that the bank has other accounts or another total.
    case .unexpectedKey, .missingKey, .wrongTotal, .unknownAccount: false
    // Queues and logs. What is known by one value, id, offset or index was met twice, or with two of the other.
    case .duplicateMessage, .sharedID, .inconsistentOffsets, .duplicateOffset, .conflictingEntries, .duplicateEntry:
      true
    case .duplicateID: true
    // The message's ack was acknowledged before the delivery began.
    case .ackedRedelivery: true
    // Offsets and indices are facts, and so is what was acknowledged, or sent by one call, before what.
    case .nonmonotonicSend, .innerNonmonotonicSend, .innerSendSkip, .reorderedEntries, .lateEntry, .logGap: true
    // Who sent and who polled a message is a fact too.
    case .readCycle, .mixedCycle, .sendCycle: true
    // Somebody else may have put the message in, or taken it, first; given it back; or read the replica later.
    case .unexpectedMessage, .lostMessage, .outOfOrderDelivery, .earlyRedelivery, .unkeptMessage, .lostWrite,
      .lostEntry:
      false
    // A fault between the two reads may be missing.
    case .shrunkenLog: false
    // The client may have been assigned other partitions meanwhile.
    case .pollSkip, .nonmonotonicPoll, .innerPollSkip, .innerNonmonotonicPoll: false
    // Convergence and siblings. A later update, fault, removal or read may be missing, or who wrote it in between.
    case .diverged, .lostUpdate, .resurrection, .wrongMerge: false
    // The completion of an operation may have said that it observed others than its invocation does.
    case .falseConflict, .wrongVisibility, .impossibleContext, .missedUpdate: false
    }
  }

  /// All that survive missing events.
  static let survivors = Set(allCases.filter(\.survivesMissingEvents))

  /// Where the idea is from.
  public var source: String {
    switch self {
    case .wrongType, .nilBalance, .unexpectedKey, .missingKey, .wrongTotal, .negativeValue, .unknownAccount:
      "the bank workload of Jepsen"
    case .longFork:
      "Sovran et al., *Transactional storage for geo-replicated systems*, 2011: allowed by parallel snapshot isolation"
    case .causalReverse: "the causal-reverse workload of Jepsen: excluded by strict serializability"
    case .doubleInsert: "Adya, *Weak consistency*, 1999: G2"
    case .lostElement, .duplicateElement, .staleRead: "the set-full checker of Jepsen"
    case .abortedRead: "Adya, *Weak consistency*, 1999: G1a"
    case .thinAirRead: "Manson, Pugh & Adve, *The Java memory model*, 2005: values out of thin air"
    case .staleBeyondBound: "Golab, Li & Shah, *Analyzing consistency properties for fun and profit*, 2011"
    case .cyclicCO, .writeCOInitRead, .writeCORead:
      "Bouajjani et al., *On verifying causal consistency*, 2017: bad patterns"
    case .lostMessage, .unexpectedMessage, .duplicateMessage: "the total-queue checker of Jepsen"
    case .outOfOrderDelivery: "the order that Kafka promises by partition and SQS by message group"
    case .ackedRedelivery, .earlyRedelivery, .unkeptMessage, .sharedID: "visibility timeouts, as of Amazon SQS"
    case .inconsistentOffsets, .duplicateOffset, .lostWrite, .pollSkip, .nonmonotonicPoll, .nonmonotonicSend,
      .innerPollSkip, .innerNonmonotonicPoll, .innerNonmonotonicSend, .innerSendSkip:
      "the kafka workload of Jepsen"
    case .readCycle, .mixedCycle, .sendCycle: "Adya, *Weak consistency*, 1999: G0 and G1c; the kafka workload of Jepsen"
    case .conflictingEntries, .logGap:
      "Lamport, *The part-time parliament*, 1998; Ongaro & Ousterhout, *Raft*, 2014: state machine safety"
    case .lostEntry, .lateEntry:
      "Ongaro & Ousterhout, *Raft*, 2014: leader completeness; the set-full checker of Jepsen"
    case .shrunkenLog: "Terry et al., *Session guarantees*, 1994: monotonic reads, of one replica"
    case .reorderedEntries, .duplicateEntry: "Herlihy & Wing, *Linearizability*, 1990: the order of real time"
    case .duplicateID: "the unique-ids checker of Jepsen"
    case .diverged, .wrongMerge:
      "Shapiro et al., *Conflict-free replicated data types*, 2011: strong eventual consistency"
    case .lostUpdate, .resurrection, .falseConflict:
      "DeCandia et al., *Dynamo: Amazon's highly available key-value store*, 2007, 4.4; Shapiro et al., 2011"
    case .wrongVisibility:
      "Burckhardt et al., *Replicated data types: specification, verification, optimality*, 2014"
    case .impossibleContext: "Lamport, *Time, clocks, and the ordering of events in a distributed system*, 1978"
    case .missedUpdate:
      "Burckhardt, *Principles of eventual consistency*, 2014: real time in visibility and arbitration"
    }
  }
}
