/// Whether a history of a lock with fencing tokens is linearizable, in O(n log n).
///
/// Tokens say in which order everything happened: the acquisition of a token, its release, the acquisition of the next
/// greater one. In that chain, and in the one of accepted writes by token (equal ones in any order), no operation may
/// return before one that precedes it was invoked. The two do not touch each other and are merged by time.
///
/// Leaving out all operations of a token keeps the rest in order, so a core has the operations of two tokens. A release
/// of unknown outcome happens if the lock must be free for the next acquisition, the earliest first; an acquisition of
/// unknown outcome cannot help unless a token is released that no acquisition answered: nil then.
enum FencedLockRule {
  static let name = "order of fencing tokens"

  static func decide(_ history: ObjectHistory<FencedOperation>, leased: Bool) -> RuleDecision? {
    let tokens = FencedTokens(history)
    if tokens.hasUntoldToken { return nil }
    if let core = tokens.misuse { return RuleDecision(rule: name, outcome: .violation(core: core)) }
    var chain: [FencedTokens.Link] = []
    for (place, hold) in tokens.holds.enumerated() {
      let isLast = place + 1 == tokens.holds.count
      chain.append(FencedTokens.Link(token: hold.token, operation: hold.acquire))
      if hold.isReleased || !(isLast || leased), let release = hold.release {
        chain.append(FencedTokens.Link(token: hold.token, operation: release))
      } else if !isLast, !leased {
        let core = [hold.acquire, tokens.holds[place + 1].acquire]
        return RuleDecision(rule: name, outcome: .violation(core: core))
      }
    }
    return merge(ChainSweep(chain, history, isOrderedWithin: true), ChainSweep(tokens.writes, history, isOrderedWithin: false), tokens)
  }

  private static func merge(_ lock: ChainSweep, _ writes: ChainSweep, _ tokens: FencedTokens) -> RuleDecision {
    if let (first, second) = lock.inversion {
      let core = tokens.operations(of: first.token) + (second.token == first.token ? [] : tokens.operations(of: second.token))
      return RuleDecision(rule: name, outcome: .violation(core: core))
    }
    if let (first, second) = writes.inversion {
      return RuleDecision(rule: name, outcome: .violation(core: [first.operation, second.operation]))
    }
    let operations = lock.operations + writes.operations
    let order = radixOrder(lock.slots + writes.slots).map { operations[Int($0)] }
    return RuleDecision(rule: name, outcome: .linearizable(order: order))
  }
}

/// A chain of operations, each in the first slot that is not before its own begin nor that of any before it.
private struct ChainSweep {
  private(set) var operations: [UInt32] = []
  private(set) var slots: [UInt32] = []
  /// Two links that happened the other way round.
  private(set) var inversion: (first: FencedTokens.Link, second: FencedTokens.Link)?

  /// - Parameters:
  ///   - chain: by token.
  ///   - isOrderedWithin: links of one token have an order too; otherwise they come in order of invocation.
  init(_ chain: [FencedTokens.Link], _ history: ObjectHistory<FencedOperation>, isOrderedWithin: Bool) {
    var (slot, last) = (UInt32(0), 0)
    for (place, link) in chain.enumerated() {
      let operation = Int(link.operation)
      if place > 0, history.completions[operation] < slot {
        inversion = (chain[last], link)
        return
      }
      if history.invocations[operation] >= slot { (slot, last) = (history.invocations[operation], place) }
      operations.append(link.operation)
      slots.append(slot)
    }
  }
}

/// The holds of a fenced lock by token, and the writes.
private struct FencedTokens {
  struct Hold {
    var token: Int64
    var acquire: UInt32
    /// The release that returned; else the first invoked of those of unknown outcome.
    var release: UInt32?
    var isReleased = false
  }

  /// An operation in a chain.
  struct Link {
    var token: Int64
    var operation: UInt32
  }

  /// By token.
  private(set) var holds: [Hold] = []
  /// Accepted ones, by token, equal ones in order of invocation.
  private(set) var writes: [Link] = []
  /// A token was handed out twice, released twice, or released and never handed out.
  private(set) var misuse: [UInt32]?
  /// A token may have been handed out by an acquisition whose answer is not known.
  private(set) var hasUntoldToken = false
  /// By token, its place in `holds`.
  private var places: [Int64: Int] = [:]

  init(_ history: ObjectHistory<FencedOperation>) {
    var (releases, hasUnknown): ([Link], Bool) = ([], false)
    for (place, operation) in history.operations.enumerated() {
      let isKnown = history.completions[place] != ObjectHistory<FencedOperation>.never
      switch operation {
      case .acquire(let token): holds.append(Hold(token: token, acquire: UInt32(place)))
      case .acquireUnknown: hasUnknown = true
      case .release(let token): releases.append(Link(token: token, operation: UInt32(place)))
      case .write(let token): if isKnown { writes.append(Link(token: token, operation: UInt32(place))) }
      }
    }
    writes.sort { ($0.token, $0.operation) < ($1.token, $1.operation) }
    sortHolds()
    for release in releases {
      add(release, isKnown: history.completions[Int(release.operation)] != ObjectHistory<FencedOperation>.never, hasUnknown)
    }
  }

  private mutating func sortHolds() {
    holds.sort { ($0.token, $0.acquire) < ($1.token, $1.acquire) }
    for (place, hold) in holds.enumerated() {
      if let twin = places[hold.token], misuse == nil { misuse = [holds[twin].acquire, hold.acquire] }
      places[hold.token] = place
    }
  }

  private mutating func add(_ release: Link, isKnown: Bool, _ hasUnknown: Bool) {
    guard let place = places[release.token] else {
      if hasUnknown { hasUntoldToken = true }
      if isKnown, misuse == nil { misuse = [release.operation] }
      return
    }
    if isKnown {
      if holds[place].isReleased, misuse == nil, let first = holds[place].release {
        misuse = [holds[place].acquire, first, release.operation]
      }
      (holds[place].release, holds[place].isReleased) = (release.operation, true)
    } else if holds[place].release == nil {
      holds[place].release = release.operation
    }
  }

  func operations(of token: Int64) -> [UInt32] {
    guard let place = places[token] else { return [] }
    return [holds[place].acquire] + (holds[place].release.map { [$0] } ?? [])
  }
}
