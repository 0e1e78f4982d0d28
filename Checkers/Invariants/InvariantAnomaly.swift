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
    // An opening, or the first read, may say that the bank has other accounts or another total.
    case .unexpectedKey, .missingKey, .wrongTotal, .unknownAccount: false
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
    }
  }
}
