/// The names that the field has for violations of single objects.
///
/// A violation gets one only if its pattern is there in the history; else it is `nonlinearizable`. Docs/checkers.md lists
/// them.
@frozen public enum AnomalyName: String, CaseIterable, Hashable, Sendable {
  // Registers.
  case staleRead = "stale-read"
  case newOldInversion = "new-old-inversion"
  case abortedRead = "aborted-read"
  case thinAirRead = "thin-air-read"
  case lostUpdate = "lost-update"
  // Containers, sets and logs.
  case phantom
  case duplicateRemoval = "duplicate-dequeue"
  case lostElement = "lost-element"
  case outOfOrder = "out-of-order"
  case falseEmpty = "false-empty"
  case duplicateElement = "duplicate-element"
  case incomparableReads = "incomparable-reads"
  case conflictingEntries = "conflicting-entries"
  // Counters.
  case outOfBounds = "out-of-bounds"
  // Locks.
  case doubleGrant = "double-grant"
  case releaseWhileFree = "release-while-free"
  case tokenNotIncreasing = "token-not-increasing"
  case staleToken = "stale-token"
  /// Anything else.
  case nonlinearizable

  /// The name as words: `stale read`.
  public var words: String {
    switch self {
    case .newOldInversion: "new/old inversion"
    case .nonlinearizable: "not linearizable"
    default: String(rawValue.map { $0 == "-" ? " " : $0 })
    }
  }

  /// What the name says, in one sentence.
  public var meaning: String {
    switch self {
    case .staleRead: "An overwritten value was seen again, and nobody had written it anew."
    case .newOldInversion: "Of two reads, one after the other, the first saw the new value and the second the old one."
    case .abortedRead: "A value was seen that only failed operations wrote (Adya's G1a)."
    case .thinAirRead: "A value was seen that no operation ever wrote."
    case .lostUpdate:
      "An acknowledged update left no trace: two updates built on one value, or a read misses increments."
    case .phantom: "A value was seen or taken that nobody had added by then."
    case .duplicateRemoval: "One value was taken out more often than it was put in."
    case .lostElement: "A value that was certainly added is missing, and nobody took it away."
    case .outOfOrder: "A value was taken out although another one had to come out before it."
    case .falseEmpty: "A removal found nothing although something was there all the time."
    case .duplicateElement: "A read of a set shows an element twice."
    case .incomparableReads: "Two reads of a set that only grows each show an element that the other one lacks."
    case .conflictingEntries: "One index of a log holds two different values."
    case .outOfBounds: "A counter shows a number that the additions so far cannot make."
    case .doubleGrant: "A lock, or one permit more than there are, was granted while it was held."
    case .releaseWhileFree: "A release succeeded though nothing was held that it could give back."
    case .tokenNotIncreasing: "A fencing token is not greater than one that was handed out before it."
    case .staleToken: "The resource accepted a write with a token below that of an earlier write."
    case .nonlinearizable: "No order of the operations explains every answer; no simpler pattern was found."
    }
  }
}

/// A sentence about operations of an `ObjectHistory`: whoever prints it knows their names.
///
///     "\(operation: 3) finished before \(operation: 5) began, and nobody released in between"
@frozen public struct AnomalySentence: ExpressibleByStringInterpolation, Sendable {
  @frozen public enum Part: Sendable {
    case text(String)
    /// By position in the `ObjectHistory`.
    case operation(UInt32)
  }

  public struct StringInterpolation: StringInterpolationProtocol {
    var parts: [Part] = []

    public init(literalCapacity: Int, interpolationCount: Int) {}

    public mutating func appendLiteral(_ literal: String) { parts.append(.text(literal)) }
    public mutating func appendInterpolation(_ value: some CustomStringConvertible) {
      parts.append(.text("\(value)"))
    }
    public mutating func appendInterpolation(operation: UInt32) { parts.append(.operation(operation)) }
  }

  public let parts: [Part]

  public init(stringLiteral value: String) { parts = [.text(value)] }
  public init(stringInterpolation: StringInterpolation) { parts = stringInterpolation.parts }

  private init(_ parts: [Part]) { self.parts = parts }

  public static func + (first: AnomalySentence, second: AnomalySentence) -> AnomalySentence {
    AnomalySentence(first.parts + second.parts)
  }

  /// The operations that it names, each once.
  var operations: [UInt32] {
    var seen: Set<UInt32> = []
    return parts.compactMap { part in
      guard case .operation(let position) = part, seen.insert(position).inserted else { return nil }
      return position
    }
  }

  func text(naming name: (UInt32) -> String) -> String {
    parts.map { part in
      switch part {
      case .text(let text): text
      case .operation(let position): name(position)
      }
    }.joined()
  }
}

/// A violation that its model could name, and the operations that show it.
@frozen public struct NamedAnomaly: Sendable {
  public var name: AnomalyName
  /// What went wrong, without a full stop. The operations that it names are drawn.
  public var sentence: AnomalySentence

  @inlinable public init(_ name: AnomalyName, _ sentence: AnomalySentence) {
    self.name = name
    self.sentence = sentence
  }
}

/// The operations around a violation, as the patterns ask for them.
struct ViolatedHistory<Operation: Sendable> {
  let history: ObjectHistory<Operation>
  /// The operation whose return proves that there is no order.
  let violation: UInt32

  var begin: UInt32 { history.invocations[Int(violation)] }
  var end: UInt32 { history.completions[Int(violation)] }
  var operation: Operation { history.operations[Int(violation)] }

  subscript(position: UInt32) -> Operation { history.operations[Int(position)] }

  /// It returned before the violating operation began.
  func isBefore(_ position: UInt32) -> Bool { history.completions[Int(position)] < begin }

  func precedes(_ first: UInt32, _ second: UInt32) -> Bool {
    history.completions[Int(first)] < history.invocations[Int(second)]
  }

  /// It had returned when the violating operation did, or is that operation.
  func isDone(_ position: UInt32) -> Bool { history.completions[Int(position)] <= end }

  /// The operations that may have happened when the violating one returned, in order of invocation.
  var begun: Range<UInt32> { 0..<UInt32(history.invocations.partitioningIndex { $0 >= end }) }

  /// The others of those, with this property.
  func others(where isWanted: (UInt32, Operation) -> Bool) -> [UInt32] {
    begun.filter { $0 != violation && isWanted($0, history.operations[Int($0)]) }
  }
}
