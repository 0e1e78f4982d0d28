extension TransactionAnomaly {
  /// What the name says, in one sentence without its full stop.
  public var meaning: String {
    switch self {
    case .duplicateElements: "a read shows a value twice, so that the versions of its key have no order"
    case .incompatibleOrder: "two reads of one key are no prefixes of each other"
    case .garbageRead: "a read shows a value that nobody wrote"
    case .dirtyUpdate: "a committed version was built on a write of a transaction that failed"
    case .abortedRead: "a read shows a write of a transaction that failed"
    case .intermediateRead: "a read shows a version that its writer replaced in the same transaction"
    case .internal: "a read contradicts what its own transaction read or wrote before"
    case .futureRead: "a read shows what its own transaction writes only later"
    case .fracturedRead: "a transaction saw one write of another, but in another key a version from before it"
    case .observedTransactionVanishes: "the same, after what it saw: the effects of the other vanished"
    case .lostUpdate: "two transactions read the same version of a key, and both replaced it"
    case .missingYourWrites: "a read misses what its process wrote before"
    case .nonmonotonicReads: "a read shows less than an earlier read of its process"
    case .nonmonotonicWrites: "a process saw a write of another one, and misses what that one wrote before"
    case .missingReadWriteDependency:
      "a transaction saw a write, and misses what the writer's process had read before"
    case .missingCausalWrite: "a read misses what leads to it by read dependencies and the order of processes"
    case .writeCycle: "transactions in a circle, each of which overwrote what the one before wrote"
    case .informationCycle: "the same, where some read what the one before wrote"
    case .single: "the same, with exactly one anti-dependency: one read what the next replaced (read skew)"
    case .nonadjacent: "the same, with several anti-dependencies, no two of them one after the other"
    case .antiDependencyCycle:
      "the same, with two anti-dependencies one after the other; of two transactions: write skew"
    }
  }

  /// Where it is defined.
  var source: String {
    switch self {
    case .writeCycle, .informationCycle, .abortedRead, .intermediateRead, .antiDependencyCycle:
      "Adya, *Weak consistency*, 1999, 3.2"
    case .single: "Adya, 1999, chapter 4: what consistent views exclude"
    case .nonadjacent: "Cerone & Gotsman, *Analysing snapshot isolation*, 2018, theorem 10"
    case .missingYourWrites, .nonmonotonicReads, .nonmonotonicWrites, .missingReadWriteDependency:
      "Terry et al., *Session guarantees*, 1994; Bailis et al., *Highly available transactions*, 2014, appendix"
    case .missingCausalWrite:
      "Ahamad et al., *Causal memory*, 1995; Bouajjani et al., *On verifying causal consistency*, 2017"
    case .fracturedRead, .observedTransactionVanishes: "Bailis et al., *Highly available transactions*, 2014, 5.1"
    case .lostUpdate: "Berenson et al., *A critique of ANSI SQL isolation levels*, 1995: P4"
    case .internal: "Cerone, Bernardi & Gotsman, *A framework for transactional consistency models*, 2015"
    case .futureRead, .garbageRead, .dirtyUpdate, .duplicateElements, .incompatibleOrder:
      "Kingsbury & Alvaro, *Elle*, 2020, 4.3 and 6.1"
    }
  }
}
