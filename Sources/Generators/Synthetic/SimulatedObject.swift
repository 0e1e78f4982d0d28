import Histories

/// An atomic object as its clients see it: it draws what they do next, applies it, and plants its violation.
protocol SimulatedObject {
  init(_ options: SyntheticOptions)

  /// What this client does next.
  mutating func draw(client: Int, _ random: inout RandomStream) -> SimulatedCall

  /// Takes effect, and fills in the answer; false if it has to wait (or, for a call whose process has ended, if it is
  /// better that it never happens).
  mutating func apply(_ call: inout SimulatedCall) -> Bool

  /// The call completed with `ok` or `fail` at this event.
  mutating func returned(_ call: SimulatedCall, at event: Int)

  /// From now on, lead to the violation: a call with `isViolation` that returns.
  mutating func plant()

  /// The violation was asked for and has not returned yet. What is invoked meanwhile does not crash.
  var isPlanting: Bool { get }

  /// The client must go on even if all operations are spent.
  func owes(client: Int) -> Bool

  /// This return makes the violation if another call returns with it: which of those under way could.
  func makesViolation(with other: SimulatedCall, after returned: SimulatedCall) -> Bool
}

extension SimulatedObject {
  func owes(client: Int) -> Bool { false }
  func makesViolation(with other: SimulatedCall, after returned: SimulatedCall) -> Bool { false }
}

/// An operation under way.
struct SimulatedCall {
  /// How it ends.
  enum Fate {
    /// With `ok`, or `fail`.
    case answers
    /// Its process ends after it took effect.
    case crashesAfter
    /// Its process ends, and it takes effect some time later, or never if nothing else happens any more.
    case crashesBefore
    /// Its process ends, and it never takes effect.
    case neverHappens
  }

  /// What its process may do instead of waiting for the answer.
  enum Crash {
    case never
    /// End, and the operation happens or not.
    case any
    /// End, and the operation happens.
    case withEffect
    /// End, and the operation does not happen.
    case withoutEffect
  }

  var function: String
  var input: Value
  /// Filled in when it takes effect.
  var output: Value = .null
  /// What it would leave, where the object wants to know: the value written, enqueued, added.
  var target: Int64 = SimulatedCall.none
  var client = 0
  var fate = Fate.answers
  /// It did not happen, and its client is told so.
  var isFailed = false
  /// Event index of the invocation.
  var invocation = 0
  /// Its process has ended.
  var isGone = false
  /// Its return proves the violation.
  var isViolation = false
  var crash = Crash.any

  /// No value.
  static let none: Int64 = -1

  /// A call that takes no value.
  init(_ function: String) {
    self.function = function
    input = .null
  }

  init(_ function: String, _ target: Int64) {
    self.function = function
    self.target = target
    input = .int(target)
  }

  /// An answer that says nothing new.
  mutating func acknowledge() { output = input }
}
