/// The phase of an operation that an event records, with Jepsen's names.
public enum EventType: UInt8, Hashable, Sendable, CaseIterable {
  /// A process is about to send the operation.
  case invoke
  /// The operation certainly happened.
  case ok
  /// The operation certainly did not happen: it constrains nothing.
  case fail
  /// Unknown: it may have happened, may happen later, or never.
  case info

  public var name: String {
    switch self {
    case .invoke: "invoke"
    case .ok: "ok"
    case .fail: "fail"
    case .info: "info"
    }
  }

  public init?(name: String) {
    guard let type = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = type
  }
}

/// A logical, single-threaded process of a history: an integer for clients, one name for the nemesis.
///
/// A client process ends with its first `info`; its thread goes on under a new number.
public struct ProcessID: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// The client's number, or -1 for the nemesis.
  public let rawValue: Int32

  public init(_ number: Int32) { rawValue = number }

  public static let nemesis = ProcessID(-1)
  public var isNemesis: Bool { self == .nemesis }
  public var description: String { isNemesis ? "nemesis" : "\(rawValue)" }
  public static func < (left: ProcessID, right: ProcessID) -> Bool { left.rawValue < right.rawValue }
}

/// One line of a history (DESIGN 2).
public struct Event: Hashable, Sendable {
  /// Position in the history, dense from 0: the clock of every checker.
  public var index: Int
  /// Nanoseconds since the run's start on one monotonic clock.
  public var time: Int64
  public var process: ProcessID
  public var type: EventType
  /// The operation's name: Jepsen's `f`.
  public var function: String
  public var value: Value
  /// The node that the process talks to, where there is one.
  public var node: String?
  /// Why the operation failed or is unknown: `timeout`, `compare-failed`, …
  public var error: String?

  public init(
    index: Int, time: Int64, process: ProcessID, type: EventType, function: String, value: Value,
    node: String? = nil, error: String? = nil
  ) {
    self.index = index
    self.time = time
    self.process = process
    self.type = type
    self.function = function
    self.value = value
    self.node = node
    self.error = error
  }
}
