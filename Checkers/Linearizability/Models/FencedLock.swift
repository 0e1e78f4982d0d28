import Histories

/// An operation of `FencedLock`.
@frozen public enum FencedOperation: Hashable, Sendable, BitwiseCopyable {
  /// An acquisition that answered this token.
  case acquire(Int64)
  /// One whose answer is not known.
  case acquireUnknown
  case release(Int64)
  /// A write with this token that the guarded resource accepted.
  case write(Int64)
}

/// A lock that hands out fencing tokens, and the resource that it guards.
///
/// Shapes (DESIGN 2, without the key): `acquire` any → token, `release` token, `write` [token, v]; tokens are integers. A
/// release or a write that was refused is recorded as `fail`.
///
/// - An acquisition needs the lock free and answers a token greater than all before it. Where the lock is `leased`, it
///   may also find the lock held: the lease has expired.
/// - A release needs the lock held with its token.
/// - The resource accepts a write unless it accepted one with a greater token before. It knows nothing of the lock: a
///   write may come long after its lock was lost, which is what the token is for.
///
/// An acquisition of unknown outcome has an unknown token. It matters only if somebody releases that token after it; an
/// order that has it still has it right before that release. So it is followed by nothing but a release of a token
/// greater than all before it, or by writes.
public struct FencedLock: SequentialModel {
  @frozen public struct State: Hashable, Sendable, BitwiseCopyable {
    @frozen public enum Holder: Hashable, Sendable, BitwiseCopyable {
      case nobody
      case token(Int64)
      /// Held with a token that no answer told.
      case unknown
    }

    public var holder: Holder
    /// The greatest token handed out, and the greatest that wrote; `Int64.min` before the first.
    public var issued: Int64
    public var written: Int64

    @inlinable public init(holder: Holder = .nobody, issued: Int64 = .min, written: Int64 = .min) {
      self.holder = holder
      self.issued = issued
      self.written = written
    }
  }

  public let leased: Bool

  /// - Parameter leased: an acquisition may find the lock held.
  public init(leased: Bool = false) { self.leased = leased }

  public var name: String { "fenced-lock" }

  public func initial(_ values: inout ValueTable) -> State { State() }

  @inlinable public func step(_ state: State, _ operation: FencedOperation) -> State? {
    var next = state
    switch operation {
    case .acquire(let token):
      guard canAcquire(state), token > state.issued else { return nil }
      (next.holder, next.issued) = (.token(token), token)
    case .acquireUnknown:
      guard canAcquire(state) else { return nil }
      next.holder = .unknown
    case .release(let token):
      guard state.holder == .token(token) || state.holder == .unknown && token > state.issued else { return nil }
      (next.holder, next.issued) = (.nobody, max(state.issued, token))
    case .write(let token):
      guard token >= state.written else { return nil }
      next.written = token
    }
    return next
  }

  @inlinable func canAcquire(_ state: State) -> Bool {
    state.holder == .nobody || leased && state.holder != .unknown
  }

  public func lower(
    _ call: RecordedCall, _ values: inout ValueTable
  ) throws(MalformedOperation) -> FencedOperation? {
    switch call.function {
    case "acquire":
      return call.outcome == .ok ? .acquire(try token(call.output, "answers a token", values)) : .acquireUnknown
    case "release":
      try call.requireEcho(values)
      return .release(try token(call.input, "takes a token", values))
    case "write":
      guard let (word, _) = values.pair(call.input) else {
        throw MalformedOperation("'write' takes [token, value], not \(values.value(call.input))")
      }
      try call.requireEcho(values)
      return .write(try token(word, "takes [token, value] with a token", values))
    default: throw MalformedOperation("unknown function '\(call.function)': \(name) knows acquire, release, write")
    }
  }

  private func token(
    _ word: ValueWord, _ expected: String, _ values: ValueTable
  ) throws(MalformedOperation) -> Int64 {
    guard let token = values.int(word), token > .min else {
      throw MalformedOperation("an operation of \(name) \(expected), an integer, not \(values.value(word))")
    }
    return token
  }

  public func decide(
    _ history: ObjectHistory<FencedOperation>, initial: State, _ values: ValueTable
  ) -> RuleDecision? {
    FencedLockRule.decide(history, leased: leased)
  }

  /// `{"holder": token | null | "unknown", "issued": token | null, "written": token | null}`
  public func value(of state: State, _ values: ValueTable) -> Value {
    let holder: Value =
      switch state.holder {
      case .nobody: .null
      case .token(let token): .int(token)
      case .unknown: "unknown"
      }
    return .map([
      "holder": holder, "issued": state.issued == .min ? .null : .int(state.issued),
      "written": state.written == .min ? .null : .int(state.written),
    ])
  }

  public func anomaly(
    of violation: UInt32, in history: ObjectHistory<FencedOperation>, initial: State, _ values: ValueTable
  ) -> NamedAnomaly? {
    FencedLockAnomalies(around: ViolatedHistory(history: history, violation: violation)).find()
  }

  public func text(of state: State, _ values: ValueTable) -> String? {
    let holder =
      switch state.holder {
      case .nobody: "free"
      case .token(let token): "held with token \(token)"
      case .unknown: "held with an unknown token"
      }
    let issued = state.issued == .min ? "no token handed out" : "last token \(state.issued)"
    return "\(holder), \(issued)" + (state.written == .min ? "" : ", last write with \(state.written)")
  }

  public func label(_ operation: FencedOperation, _ values: ValueTable) -> String {
    switch operation {
    case .acquire(let token): "acquire → \(token)"
    case .acquireUnknown: "acquire → ?"
    case .release(let token): "release \(token)"
    case .write(let token): "write \(token)"
    }
  }

  public func refusal(of operation: FencedOperation, in state: State, _ values: ValueTable) -> String {
    let holder =
      switch state.holder {
      case .nobody: "the lock is free"
      case .token(let token): "it is held with token \(token)"
      case .unknown: "it is held with a token that no answer told"
      }
    switch operation {
    case .acquire(let token) where canAcquire(state):
      return "answers \(token), but \(state.issued) was handed out before"
    case .acquire, .acquireUnknown: return "needs the lock free, but \(holder)"
    case .release(let token): return "needs the lock held with token \(token), but \(holder)"
    case .write(let token): return "was accepted with token \(token), but \(state.written) wrote before"
    }
  }
}
