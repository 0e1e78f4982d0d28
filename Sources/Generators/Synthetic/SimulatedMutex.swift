import Histories

/// A lock that its holder releases: `acquire` waits until it is free.
///
/// All clients but the holder wait, and the holder releases at once. A crashed acquire never took effect, and a crashed
/// release always does, sooner or later: else all would wait forever.
///
/// The violation is a second acquire that returns while the first holder has not even invoked its release. By then one
/// release fewer was invoked than an alternation of acquires and releases needs.
struct SimulatedMutex: SimulatedObject {
  private enum Phase { case unasked, ready, done }

  private var isLocked = false
  /// Clients that acquired and have not begun to release; more than one after the violation.
  private var holders: [Int] = []
  private var phase = Phase.unasked

  init(_ options: SyntheticOptions) {}

  mutating func draw(client: Int, _ random: inout RandomStream) -> SimulatedCall {
    guard let place = holders.firstIndex(of: client) else {
      var call = SimulatedCall("acquire")
      call.crash = .withoutEffect
      return call
    }
    holders.remove(at: place)
    var call = SimulatedCall("release")
    call.crash = .withEffect
    return call
  }

  mutating func apply(_ call: inout SimulatedCall) -> Bool {
    if call.function == "release" {
      isLocked = false
      return true
    }
    if isLocked && !call.isViolation { return false }
    isLocked = true
    holders.append(call.client)
    return true
  }

  mutating func returned(_ call: SimulatedCall, at event: Int) {
    if call.isViolation { phase = .done }
  }

  mutating func plant() { phase = .ready }

  var isPlanting: Bool { phase == .ready }

  func owes(client: Int) -> Bool { holders.contains(client) }

  func makesViolation(with other: SimulatedCall, after returned: SimulatedCall) -> Bool {
    returned.function == "acquire" && other.function == "acquire"
  }
}
