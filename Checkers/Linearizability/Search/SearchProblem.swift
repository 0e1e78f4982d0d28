/// One operation as the search sees it: 16 bytes, no names.
@usableFromInline struct SearchOperation: Hashable, Sendable {
  /// "Never returned", or "may still happen".
  @usableFromInline static let never = UInt32.max

  /// Id of the model's operation in the `Automaton`.
  @usableFromInline var kind: UInt32
  /// Event index of the invocation: the event index is the clock.
  @usableFromInline var invocation: UInt32
  /// Event index of the completion, or `never`.
  @usableFromInline var completion: UInt32
  /// It happened, between its two events. Otherwise it may have happened, once, between them.
  @usableFromInline var isRequired: Bool

  @usableFromInline init(kind: UInt32, invocation: UInt32, completion: UInt32, isRequired: Bool) {
    self.kind = kind
    self.invocation = invocation
    self.completion = completion
    self.isRequired = isRequired
  }

  var isOptionalForever: Bool { !isRequired && completion == Self.never }
}

/// The question that the search answers: can these operations be put in one order that the model allows, starting in
/// one of these states, and that keeps the order of operations that did not overlap?
@usableFromInline struct SearchProblem: Sendable {
  /// State ids of the `Automaton`; at least one.
  @usableFromInline var initialStates: [UInt32]
  /// In order of invocation.
  @usableFromInline var operations: [SearchOperation]

  @usableFromInline init(initialStates: [UInt32], operations: [SearchOperation]) {
    self.initialStates = initialStates
    self.operations = operations
  }
}

/// What bounds a search. The core has no clock: whoever calls it decides when it is interrupted.
struct SearchLimits {
  /// Bytes of all that the search allocates.
  var bytesMax: Int
  /// Configurations expanded; for searches that must not depend on the speed of the machine.
  var configurationsMax = Int.max
  /// Crashed operations of a class never run out: a relaxation, so that "stuck" is an answer and an order is none.
  var isCrashUnlimited = false
  /// Say in which order the operations happened, where there is one.
  var wantsOrder = true
  /// Asked every `pollInterval` configurations; a reason ends the search.
  var interruption: () -> StopReason? = { nil }

  static let pollInterval = 1024
}

/// Why a search ended without an answer.
@usableFromInline enum StopReason: Hashable, Sendable {
  case time
  case memory
  case cancelled
  case work
}
