/// A protocol core: a pure state machine that is fed with events and says what its shell is to do.
public protocol SimulatedCore: Sendable {
  /// What it is told.
  associatedtype Event: CoreEvent
  /// What it wants to be done.
  associatedtype Directive
  /// Handles an event; `now` is what the node's own clock shows.
  mutating func step(_ event: Event, at now: UInt64) -> [Directive]
}

/// What all cores are told. The cases of a core's own enumeration serve as most of these.
public protocol CoreEvent: Sendable {
  /// What peers send to each other.
  associatedtype Message: ByteCoded
  /// What clients ask for.
  associatedtype Operation: Sendable
  /// What is kept beside the write-ahead log.
  associatedtype Snapshot: Sendable

  /// The clock was read.
  static func timePassed(_ clock: UInt64) -> Self
  /// A message came in.
  static func received(_ message: Message, from node: UInt32) -> Self
  /// A client asks.
  static func request(_ operation: Operation, id: UInt64) -> Self
  /// All records up to this one are safe.
  static func persisted(_ sequence: UInt64) -> Self
  /// A snapshot is safe.
  static func saved(_ snapshot: Snapshot) -> Self
  /// No further event is waiting.
  static var endOfBatch: Self { get }
}

/// How a client's request ended.
public protocol ClientOutcome: Equatable, Sendable {
  /// The operation may have happened, or may happen later.
  static var unknown: Self { get }
  /// Certainly not begun: nobody was there who could. Whoever connects to a node that is down knows this at once.
  static var unreachable: Self { get }
  /// Whether nothing was done, for certain.
  var isRefusal: Bool { get }
  /// Whether nobody knows what was done.
  var isUnknown: Bool { get }
}

extension ClientOutcome {
  /// Only ``unknown``, unless the system has more such answers.
  public var isUnknown: Bool { self == .unknown }
}
