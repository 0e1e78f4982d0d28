import Histories

/// A set that only grows; reads answer all of it.
///
/// The violation is a read without an element whose add had returned when it was invoked: in any order the add comes
/// first, and nothing takes elements away. Reads become rare as the set grows, so that the history stays linear in size.
struct SimulatedSet: SimulatedObject {
  private enum Phase { case unasked, waiting, ready, reading, done }
  /// Elements that reads answer, on average, for one operation.
  private static let elementsPerOperation = 8

  private let isUnique: Bool
  /// In the order in which they came in.
  private var elements: [Value] = []
  private var isPresent = [Bool](repeating: false, count: Int(SimulatedRegister.smallCount))
  private var lastUnique: Int64 = 0
  /// The newest element whose add returned.
  private var lastReturned: Int64?
  private var missing = SimulatedCall.none
  private var phase = Phase.unasked

  init(_ options: SyntheticOptions) { isUnique = options.values == .unique }

  mutating func draw(client: Int, _ random: inout RandomStream) -> SimulatedCall {
    if phase == .ready, let lastReturned {
      (phase, missing) = (.reading, lastReturned)
      var call = SimulatedCall("read")
      call.isViolation = true
      return call
    }
    if phase != .waiting, random.below(max(2, elements.count / Self.elementsPerOperation)) == 0 {
      return SimulatedCall("read")
    }
    lastUnique += 1
    return SimulatedCall("add", isUnique ? lastUnique : Int64(random.below(Int(SimulatedRegister.smallCount))))
  }

  mutating func apply(_ call: inout SimulatedCall) -> Bool {
    if call.function == "add" {
      add(call.target)
      call.acknowledge()
    } else {
      call.output = .list(call.isViolation ? elements.filter { $0 != .int(missing) } : elements)
    }
    return true
  }

  private mutating func add(_ element: Int64) {
    if !isUnique {
      if isPresent[Int(element)] { return }
      isPresent[Int(element)] = true
    }
    elements.append(.int(element))
  }

  mutating func returned(_ call: SimulatedCall, at event: Int) {
    if call.function == "add" {
      lastReturned = call.target
      if phase == .waiting { phase = .ready }
    }
    if call.isViolation { phase = .done }
  }

  mutating func plant() { phase = lastReturned == nil ? .waiting : .ready }

  var isPlanting: Bool { phase != .unasked && phase != .done }
}
