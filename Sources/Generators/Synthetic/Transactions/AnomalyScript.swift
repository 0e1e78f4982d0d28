import Histories

/// The smallest transactions that show one anomaly, on keys that nobody else uses.
///
/// Names are those of Adya (1999), Elle and Bailis and others (2014), as the checker gives them.
public enum AnomalyScript: String, Hashable, Sendable, CaseIterable {
  case writeCycle = "G0"
  case writeCycleProcess = "G0-process"
  case writeCycleRealtime = "G0-realtime"
  case abortedRead = "G1a"
  case intermediateRead = "G1b"
  case informationCycle = "G1c"
  case informationCycleProcess = "G1c-process"
  case informationCycleRealtime = "G1c-realtime"
  case single = "G-single"
  case singleProcess = "G-single-process"
  case singleRealtime = "G-single-realtime"
  case nonadjacent = "G-nonadjacent"
  case nonadjacentProcess = "G-nonadjacent-process"
  case nonadjacentRealtime = "G-nonadjacent-realtime"
  case antiDependencyCycle = "G2-item"
  case antiDependencyCycleProcess = "G2-item-process"
  case antiDependencyCycleRealtime = "G2-item-realtime"
  case lostUpdate = "lost-update"
  case fracturedRead = "fractured-read"
  case observedTransactionVanishes = "observed-transaction-vanishes"
  case `internal`
  case futureRead = "future-read"
  case dirtyUpdate = "dirty-update"
  case duplicateElements = "duplicate-elements"
  case incompatibleOrder = "incompatible-order"
  case garbageRead = "garbage-read"
  case missingYourWrites = "missing-your-writes"
  case nonmonotonicReads = "non-monotonic-reads"
  case nonmonotonicWrites = "non-monotonic-writes"
  case missingReadWriteDependency = "missing-read-write-dependency"
  case missingCausalWrite = "missing-causal-write"

  /// Whether reads that show the last element only still show it, by this name: these are about an order of versions, of
  /// which registers tell none, and a list alone has an element twice.
  public var showsInRegisters: Bool {
    switch self {
    case .writeCycle, .writeCycleProcess, .writeCycleRealtime, .incompatibleOrder, .duplicateElements,
      .missingYourWrites, .nonmonotonicReads, .nonmonotonicWrites, .missingReadWriteDependency, .missingCausalWrite:
      false
    default: true
    }
  }

  /// One event of the script: processes and keys are numbered from 0, values of a key are its own.
  struct Step {
    var process: Int
    var type: EventType
    var micro: [Micro]
  }

  enum Micro: Hashable {
    case append(Int, Int)
    /// Nil as long as nothing was read.
    case read(Int, [Int]?)

    /// As the invocation has it.
    var invoked: Micro {
      if case .read(let key, _) = self { .read(key, nil) } else { self }
    }
  }

  /// Processes that take part, and keys that they use.
  static let (processes, keys) = (4, 2)

  /// The events in order. Keys 0 and 1 are x and y.
  var steps: [Step] {
    switch self {
    case .writeCycle:
      Self.concurrent([.append(0, 1), .append(1, 1)], [.append(0, 2), .append(1, 2)])
        + Self.alone(2, [.read(0, [1, 2]), .read(1, [2, 1])])
    case .writeCycleProcess:
      Self.alone(0, [.append(0, 1)]) + Self.alone(0, [.append(0, 2)]) + Self.alone(1, [.read(0, [2, 1])])
    case .writeCycleRealtime:
      Self.alone(0, [.append(0, 1)]) + Self.alone(1, [.append(0, 2)]) + Self.alone(2, [.read(0, [2, 1])])
    case .abortedRead: Self.alone(0, [.append(0, 1)], .fail) + Self.alone(1, [.read(0, [1])])
    case .intermediateRead:
      Self.concurrent([.append(0, 1), .append(0, 2)], [.read(0, [1])]) + Self.alone(2, [.read(0, [1, 2])])
    case .informationCycle: Self.concurrent([.append(0, 1), .read(1, [1])], [.append(1, 1), .read(0, [1])])
    case .informationCycleProcess: Self.alone(0, [.read(0, [1])]) + Self.alone(0, [.append(0, 1)])
    case .informationCycleRealtime: Self.alone(0, [.read(0, [1])]) + Self.alone(1, [.append(0, 1)])
    case .single:
      Self.concurrent([.append(0, 1)], [.read(0, [1]), .append(1, 1)], [.read(1, [1]), .read(0, [])])
    case .singleProcess: Self.alone(0, [.append(0, 1)]) + Self.alone(0, [.read(0, [])]) + Self.alone(1, [.read(0, [1])])
    case .singleRealtime:
      Self.alone(0, [.append(0, 1)]) + Self.alone(1, [.read(0, [])]) + Self.alone(2, [.read(0, [1])])
    case .nonadjacent:
      Self.concurrent(
        [.append(0, 1)], [.append(1, 1)], [.read(0, [1]), .read(1, [])], [.read(0, []), .read(1, [1])])
    case .nonadjacentProcess:
      Self.concurrent([.append(0, 1)], [.append(1, 1)]) + Self.concurrent([.read(1, [])], [.read(0, [])])
        + Self.alone(2, [.read(0, [1]), .read(1, [1])])
    case .nonadjacentRealtime:
      Self.during(
        [[.append(0, 1)], [.read(0, [1]), .read(1, [])]],
        Self.alone(2, [.append(1, 1)]) + Self.alone(3, [.read(0, [])])) + Self.alone(0, [.read(1, [1])])
    case .antiDependencyCycle:
      Self.concurrent([.read(0, []), .read(1, []), .append(0, 1)], [.read(0, []), .read(1, []), .append(1, 1)])
        + Self.alone(2, [.read(0, [1]), .read(1, [1])])
    case .antiDependencyCycleProcess:
      Self.during(
        [[.read(0, []), .append(1, 1)]], Self.alone(1, [.append(0, 1)]) + Self.alone(1, [.read(1, [])]))
        + Self.alone(2, [.read(0, [1]), .read(1, [1])])
    case .antiDependencyCycleRealtime:
      Self.during(
        [[.read(0, []), .append(1, 1)]], Self.alone(1, [.append(0, 1)]) + Self.alone(2, [.read(1, [])]))
        + Self.alone(3, [.read(0, [1]), .read(1, [1])])
    case .lostUpdate:
      Self.concurrent([.read(0, []), .append(0, 1)], [.read(0, []), .append(0, 2)]) + Self.alone(2, [.read(0, [1, 2])])
    case .fracturedRead: Self.concurrent([.append(0, 1), .append(1, 1)], [.read(0, []), .read(1, [1])])
    case .observedTransactionVanishes: Self.concurrent([.append(0, 1), .append(1, 1)], [.read(1, [1]), .read(0, [])])
    case .internal: Self.alone(0, [.append(0, 1), .read(0, [])]) + Self.alone(1, [.read(0, [1])])
    case .futureRead: Self.alone(0, [.read(0, [1]), .append(0, 1)]) + Self.alone(1, [.read(0, [1])])
    case .dirtyUpdate:
      Self.alone(0, [.append(0, 1)], .fail) + Self.alone(1, [.append(0, 2)]) + Self.alone(2, [.read(0, [1, 2])])
    case .duplicateElements: Self.alone(0, [.append(0, 1)]) + Self.alone(1, [.read(0, [1, 1])])
    case .incompatibleOrder:
      Self.concurrent([.append(0, 1)], [.append(0, 2)], [.read(0, [1, 2])], [.read(0, [2, 1])])
    case .garbageRead: Self.alone(0, [.read(0, [1])])
    case .missingYourWrites:
      Self.during([[.append(0, 1)]], Self.alone(1, [.append(0, 2)]) + Self.alone(1, [.read(0, [])]))
        + Self.alone(2, [.read(0, [1, 2])])
    case .nonmonotonicReads:
      Self.during([[.append(0, 1)]], Self.alone(1, [.read(0, [1])]) + Self.alone(1, [.read(0, [])]))
    case .nonmonotonicWrites:
      Self.during(
        [[.read(1, [1]), .read(0, [])]], Self.alone(1, [.append(0, 1)]) + Self.alone(1, [.append(1, 1)]))
    case .missingReadWriteDependency:
      Self.during(
        [[.append(0, 1)], [.read(1, [1]), .read(0, [])]],
        Self.alone(2, [.read(0, [1])]) + Self.alone(2, [.append(1, 1)]))
    case .missingCausalWrite:
      Self.during(
        [[.append(0, 1)]],
        Self.alone(1, [.read(0, [1])]) + Self.alone(1, [.append(1, 1)]) + Self.alone(2, [.read(1, [1])])
          + Self.alone(2, [.read(0, [])]))
    }
  }

  /// The events for registers, whose reads do not tell what a version was built on.
  var registerSteps: [Step] {
    switch self {
    case .dirtyUpdate: Self.alone(0, [.append(0, 1)], .fail) + Self.alone(1, [.read(0, [1]), .append(0, 2)])
    default: steps
    }
  }

  private static func invoke(_ process: Int, _ micro: [Micro]) -> Step {
    Step(process: process, type: .invoke, micro: micro.map(\.invoked))
  }

  /// A transaction during which no other of the script runs.
  private static func alone(_ process: Int, _ micro: [Micro], _ type: EventType = .ok) -> [Step] {
    [invoke(process, micro), Step(process: process, type: type, micro: type == .ok ? micro : micro.map(\.invoked))]
  }

  /// Transactions that all begin before any of them ends.
  private static func concurrent(_ transactions: [Micro]...) -> [Step] { during(transactions, []) }

  /// Transactions that all begin before these steps, and end after them.
  private static func during(_ transactions: [[Micro]], _ steps: [Step]) -> [Step] {
    transactions.enumerated().map { invoke($0, $1) } + steps
      + transactions.enumerated().map { Step(process: $0, type: .ok, micro: $1) }
  }
}
