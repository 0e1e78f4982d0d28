import Histories

/// A FIFO queue; a dequeue of the empty queue answers null.
///
/// The violation is two elements in the wrong order: a and b are enqueued once each; the enqueue of a returns before that
/// of b is invoked, and b is dequeued by an operation that returns before the one that dequeues a is invoked. In any
/// order a is in the queue before b and leaves it after, whatever the crashed operations did. Both values occur nowhere
/// else; small ones are followed by 5, 6, ….
struct SimulatedQueue: SimulatedObject {
  private enum Phase: Equatable {
    case unasked
    /// The next operation enqueues a.
    case first
    /// Until its return.
    case firstUnderWay
    /// The next operation enqueues b.
    case second
    /// Until it took effect.
    case secondUnderWay
    /// Whoever finds a gets b.
    case armed
    /// Until the dequeue of b returned.
    case swapped
    /// The next operation dequeues a.
    case ready
    case reading
    case done
  }

  private let isUnique: Bool
  private var elements: [Int64] = []
  private var head = 0
  private var lastValue: Int64
  /// The elements in the wrong order.
  private var a = SimulatedCall.none
  private var b = SimulatedCall.none
  private var phase = Phase.unasked

  init(_ options: SyntheticOptions) {
    isUnique = options.values == .unique
    lastValue = isUnique ? 0 : SimulatedRegister.smallCount - 1
  }

  mutating func draw(client: Int, _ random: inout RandomStream) -> SimulatedCall {
    switch phase {
    case .first:
      a = fresh()
      phase = .firstUnderWay
      return SimulatedCall("enqueue", a)
    case .second:
      b = fresh()
      phase = .secondUnderWay
      return SimulatedCall("enqueue", b)
    case .ready:
      phase = .reading
      var call = SimulatedCall("dequeue")
      call.isViolation = true
      call.output = .int(a)
      return call
    case .firstUnderWay, .secondUnderWay: return SimulatedCall("enqueue", value(&random))
    // More dequeues than enqueues, so that a is found soon.
    case .armed: return random.below(4) == 0 ? SimulatedCall("enqueue", value(&random)) : SimulatedCall("dequeue")
    default: return random.below(2) == 0 ? SimulatedCall("enqueue", value(&random)) : SimulatedCall("dequeue")
    }
  }

  /// A value that was never drawn.
  private mutating func fresh() -> Int64 {
    lastValue += 1
    return lastValue
  }

  private mutating func value(_ random: inout RandomStream) -> Int64 {
    isUnique ? fresh() : Int64(random.below(Int(SimulatedRegister.smallCount)))
  }

  mutating func apply(_ call: inout SimulatedCall) -> Bool {
    if call.isViolation { return true }
    if call.function == "enqueue" {
      elements.append(call.target)
      call.acknowledge()
      if phase == .secondUnderWay, call.target == b { phase = .armed }
      return true
    }
    guard head < elements.count else { return true }
    if elements[head] == a, isPlanting {
      if call.isGone { return false }
      meetFirst(&call)
    }
    call.output = .int(elements[head])
    removeHead()
    return true
  }

  /// A dequeue finds a: it gets b if b is there; if not, all begins again.
  private mutating func meetFirst(_ call: inout SimulatedCall) {
    guard phase == .armed else {
      phase = .first
      return
    }
    call.fate = .answers
    elements.removeAll { $0 == b }
    elements[head] = b
    phase = .swapped
  }

  private mutating func removeHead() {
    head += 1
    if head >= 1024, head * 2 > elements.count {
      elements.removeFirst(head)
      head = 0
    }
  }

  mutating func returned(_ call: SimulatedCall, at event: Int) {
    switch phase {
    case .firstUnderWay where call.target == a: phase = .second
    case .swapped where call.function == "dequeue" && call.output == .int(b): phase = .ready
    case .reading where call.isViolation: phase = .done
    default: break
    }
  }

  mutating func plant() { phase = .first }

  var isPlanting: Bool { phase != .unasked && phase != .done }
}
