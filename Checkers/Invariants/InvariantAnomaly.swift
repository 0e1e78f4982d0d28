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
  // convergence and siblings
  case diverged
  case lostUpdate = "lost-update"
  case resurrection
  case falseConflict = "false-conflict"
  case wrongMerge = "wrong-merge"
  case wrongVisibility = "wrong-visibility"

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
    // convergence and siblings
    case .diverged: "replicas that were read when all was healed and quiet are not in the same state"
    case .lostUpdate: "an acknowledged update that nothing supersedes is missing in the end"
    case .resurrection: "what was removed or overwritten by somebody who had seen it is there in the end"
    case .falseConflict: "a value is shown beside one whose writer had seen it"
    case .wrongMerge: "replicas agree on a state that no choice of updates makes"
    case .wrongVisibility: "a read does not show what the operations make that it says it has seen"
    }
  }

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
    // convergence and siblings
    case .diverged, .wrongMerge:
      "Shapiro et al., *Conflict-free replicated data types*, 2011: strong eventual consistency"
    case .lostUpdate, .resurrection, .falseConflict:
      "DeCandia et al., *Dynamo: Amazon's highly available key-value store*, 2007, 4.4; Shapiro et al., 2011"
    case .wrongVisibility:
      "Burckhardt et al., *Replicated data types: specification, verification, optimality*, 2014"
    case .thinAirRead: "Manson, Pugh & Adve, *The Java memory model*, 2005: values out of thin air"
    }
  }
}
