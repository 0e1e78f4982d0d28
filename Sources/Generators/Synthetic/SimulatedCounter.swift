import Histories

/// A counter that is only incremented, by one.
///
/// The violation is a read that is one lower than the increments that had returned when it was invoked: all of them come
/// before it in any order, and none takes anything away.
struct SimulatedCounter: SimulatedObject {
  private enum Phase { case unasked, ready, reading, done }

  private var total: Int64 = 0
  /// Increments that returned.
  private var returnedCount: Int64 = 0
  private var phase = Phase.unasked

  init(_ options: SyntheticOptions) {}

  mutating func draw(client: Int, _ random: inout RandomStream) -> SimulatedCall {
    if phase == .ready {
      phase = .reading
      var call = SimulatedCall("read")
      call.isViolation = true
      call.output = .int(returnedCount - 1)
      return call
    }
    return random.below(2) == 0 ? SimulatedCall("read") : SimulatedCall("add", 1)
  }

  mutating func apply(_ call: inout SimulatedCall) -> Bool {
    if call.isViolation { return true }
    if call.function == "read" {
      call.output = .int(total)
    } else {
      total += call.target
      call.acknowledge()
    }
    return true
  }

  mutating func returned(_ call: SimulatedCall, at event: Int) {
    if call.function == "add" { returnedCount += 1 }
    if call.isViolation { phase = .done }
  }

  mutating func plant() { phase = .ready }

  var isPlanting: Bool { phase == .ready || phase == .reading }
}
