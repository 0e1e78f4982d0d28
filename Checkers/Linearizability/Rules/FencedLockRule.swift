/// Whether a history of a lock with fencing tokens is linearizable, in O(n log n).
///
/// Tokens say in which order everything happened: the acquisition of a token, its release, the acquisition of the next
/// greater one. In that chain, and in the one of accepted writes by token (equal ones in any order), no operation may
/// return before one that precedes it was invoked. The two do not touch each other and are merged by time.
///
/// Leaving out *all* operations of a token keeps the rest in order, so a core has those of one or two tokens, every
/// release among them: without its release a token would seem to be held. Acquisitions of unknown outcome belong to every
/// core, since each may have handed out one of these tokens. A release
/// of unknown outcome happens if the lock must be free for the next acquisition, the earliest first; an acquisition of
/// unknown outcome cannot help unless a token is released that no acquisition answered: nil then.
enum FencedLockRule {
  static let name = "order of fencing tokens"

  static func decide(_ history: ObjectHistory<FencedOperation>, leased: Bool) -> RuleDecision? {
    let tokens = FencedTokens(history)
    if tokens.hasUntoldToken { return nil }
    if let token = tokens.misused {
      return RuleDecision(rule: name, outcome: .violation(core: tokens.operations(of: [token])))
    }
    var chain: [FencedTokens.Link] = []
    for (place, hold) in tokens.holds.enumerated() {
      let isLast = place + 1 == tokens.holds.count
      chain.append(FencedTokens.Link(token: hold.token, operation: hold.acquire))
      if hold.isReleased || !(isLast || leased), let release = hold.release {
        chain.append(FencedTokens.Link(token: hold.token, operation: release))
      } else if !isLast, !leased {
        let core = tokens.operations(of: [hold.token, tokens.holds[place + 1].token])
        return RuleDecision(rule: name, outcome: .violation(core: core))
      }
    }
    return merge(ChainSweep(chain, history), ChainSweep(tokens.writes, history), tokens)
  }

  private static func merge(_ lock: ChainSweep, _ writes: ChainSweep, _ tokens: FencedTokens) -> RuleDecision {
    if let (first, second) = lock.inversion {
      return RuleDecision(
        rule: name, outcome: .violation(core: tokens.operations(of: [first.token, second.token])))
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

  /// - Parameter chain: by token; links of one token that have no order come in order of invocation.
  init(_ chain: [FencedTokens.Link], _ history: ObjectHistory<FencedOperation>) {
    var (slot, last) = (UInt32(0), 0)
    for (place, link) in chain.enumerated() {
      let operation = Int(link.operation)
      if history.completions[operation] < slot {
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
  private(set) var misused: Int64?
  /// All of them, in order of invocation.
  private var releases: [Link] = []
  private var unknownAcquires: [UInt32] = []
  /// A token may have been handed out by an acquisition whose answer is not known.
  private(set) var hasUntoldToken = false
  /// By token, its place in `holds`.
  private var places: [Int64: Int] = [:]

  init(_ history: ObjectHistory<FencedOperation>) {
    for (place, operation) in history.operations.enumerated() {
      let isKnown = history.completions[place] != ObjectHistory<FencedOperation>.never
      switch operation {
      case .acquire(let token): holds.append(Hold(token: token, acquire: UInt32(place)))
      case .acquireUnknown: unknownAcquires.append(UInt32(place))
      case .release(let token): releases.append(Link(token: token, operation: UInt32(place)))
      case .write(let token): if isKnown { writes.append(Link(token: token, operation: UInt32(place))) }
      }
    }
    writes.sort { ($0.token, $0.operation) < ($1.token, $1.operation) }
    sortHolds()
    for release in releases {
      add(
        release, isKnown: history.completions[Int(release.operation)] != ObjectHistory<FencedOperation>.never)
    }
  }

  private mutating func sortHolds() {
    holds.sort { ($0.token, $0.acquire) < ($1.token, $1.acquire) }
    for (place, hold) in holds.enumerated() {
      if places[hold.token] != nil, misused == nil { misused = hold.token }
      places[hold.token] = place
    }
  }

  private mutating func add(_ release: Link, isKnown: Bool) {
    guard let place = places[release.token] else {
      if !unknownAcquires.isEmpty { hasUntoldToken = true }
      if isKnown, misused == nil { misused = release.token }
      return
    }
    if isKnown {
      if holds[place].isReleased, misused == nil { misused = release.token }
      (holds[place].release, holds[place].isReleased) = (release.operation, true)
    } else if holds[place].release == nil {
      holds[place].release = release.operation
    }
  }

  /// Every acquisition and release of these tokens, and the acquisitions that may have been of one of them.
  func operations(of tokens: [Int64]) -> [UInt32] {
    let acquisitions = holds.filter { tokens.contains($0.token) }.map(\.acquire)
    return acquisitions + releases.filter { tokens.contains($0.token) }.map(\.operation) + unknownAcquires
  }
}
