import Histories

/// A register with reads, writes and, as `cas-register`, compare-and-sets; a key of a `kv` with other names.
///
/// The violation is a read of x, where
/// 1. every operation that could leave x has returned, none of them crashed, and no new one is invoked;
/// 2. after that an operation was invoked, returned, and showed or left another value than x;
/// 3. after that the read was invoked.
///
/// In any order, all that leaves x comes before the operation of 2, so the register does not hold x after it, and the
/// read has nothing to read. Of the values 0…4, x is drawn at the beginning, and what would leave it never crashes; of
/// unique values, it is the newest whose write returned when the violation was asked for.
struct SimulatedRegister: SimulatedObject {
  private enum Phase: Equatable {
    case unasked
    /// Until the operations that could leave x have returned.
    case draining
    /// Until an operation invoked after this event has shown another value.
    case waiting(Int)
    /// The next operation is the read.
    case ready
    case reading
    case done
  }

  private let names: (read: String, write: String)
  private let initial: Value
  private let hasCAS: Bool
  private let isUnique: Bool
  private var state = SimulatedCall.none
  private var lastUnique: Int64 = 0
  /// The value that is read too late; none until it is known.
  private var stale: Int64?
  /// Operations under way that could leave it.
  private var staleWriters = 0
  /// The newest value whose write returned.
  private var lastReturned = SimulatedCall.none
  private var phase = Phase.unasked

  init(_ options: SyntheticOptions) {
    names = options.model == .kv ? ("get", "put") : ("read", "write")
    initial = options.model == .kv ? "" : .null
    hasCAS = options.model == .casRegister
    isUnique = options.values == .unique
    if options.hasViolation, !isUnique { stale = Self.smallCount - 1 }
  }

  /// Small values are below this.
  static let smallCount: Int64 = 5

  mutating func draw(client: Int, _ random: inout RandomStream) -> SimulatedCall {
    if phase == .ready { return staleRead() }
    var call: SimulatedCall
    switch random.below(hasCAS ? 3 : 2) {
    case 0: return SimulatedCall(names.read)
    case 1: call = SimulatedCall(names.write, value(&random))
    default:
      // Of unique values only the present one has a chance.
      let from = isUnique ? state : Int64(random.below(Int(Self.smallCount)))
      call = SimulatedCall("cas", value(&random))
      call.input = .list([value(from), .int(call.target)])
    }
    if call.target == stale {
      staleWriters += 1
      call.crash = .never
    }
    return call
  }

  private mutating func staleRead() -> SimulatedCall {
    phase = .reading
    var call = SimulatedCall(names.read)
    call.isViolation = true
    call.output = value(stale ?? SimulatedCall.none)
    return call
  }

  /// A value to write: not the stale one while the violation is under way.
  private mutating func value(_ random: inout RandomStream) -> Int64 {
    if isUnique {
      lastUnique += 1
      return lastUnique
    }
    let avoided = isPlanting ? stale : nil
    let drawn = Int64(random.below(Int(Self.smallCount) - (avoided == nil ? 0 : 1)))
    return drawn >= avoided ?? Self.smallCount ? drawn + 1 : drawn
  }

  /// A register holds null at first, a key of a `kv` the empty string.
  private func value(_ number: Int64) -> Value { number == SimulatedCall.none ? initial : .int(number) }

  mutating func apply(_ call: inout SimulatedCall) -> Bool {
    if call.isViolation { return true }
    switch call.function {
    case names.read: call.output = value(state)
    case names.write:
      state = call.target
      call.acknowledge()
    default:
      call.acknowledge()
      if call.input.list?.first == value(state) { state = call.target } else { call.isFailed = true }
    }
    return true
  }

  mutating func returned(_ call: SimulatedCall, at event: Int) {
    if call.target != SimulatedCall.none {
      if call.target == stale { staleWriters -= 1 }
      if !call.isFailed { lastReturned = call.target }
    }
    switch phase {
    case .draining where staleWriters == 0: phase = .waiting(event)
    case .waiting(let since) where call.invocation > since && !call.isFailed && shows(call) != stale: phase = .ready
    case .reading where call.isViolation: phase = .done
    default: break
    }
  }

  /// The value that the register certainly held when the operation happened.
  private func shows(_ call: SimulatedCall) -> Int64 {
    call.target != SimulatedCall.none ? call.target : call.output.int ?? SimulatedCall.none
  }

  mutating func plant() {
    phase = .draining
    if isUnique { stale = lastReturned }
  }

  var isPlanting: Bool { phase != .unasked && phase != .done }
}
