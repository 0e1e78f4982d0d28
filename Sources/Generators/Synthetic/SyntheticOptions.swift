/// What a synthetic history looks like; `SyntheticHistory` makes it.
public struct SyntheticOptions: Hashable, Sendable {
  /// The objects that can be simulated, by the names of the models that judge them.
  public enum Model: String, Hashable, Sendable, CaseIterable {
    case casRegister = "cas-register"
    case register
    /// `get` and `put` on many keys.
    case kv
    case fifoQueue = "fifo-queue"
    case counter
    case growSet = "grow-set"
    case mutex

    /// The values that one expects of it: a register is hard with few, a queue only where each has its own.
    public var usualValues: Values {
      switch self {
      case .casRegister, .register, .kv: .small
      case .fifoQueue, .counter, .growSet, .mutex: .unique
      }
    }
  }

  /// Which values are written, enqueued or added; a counter and a mutex have none to choose.
  public enum Values: String, Hashable, Sendable, CaseIterable {
    /// 0…4 again and again: many orders explain what is seen.
    case small
    /// Every value once for each key.
    case unique
  }

  /// Operations of one history.
  public static let operationsMax = 100_000_000
  /// Clients of all keys together.
  public static let clientsMax = 1_000_000
  /// Keys of a `kv` whose number is not said.
  public static let keysOfKVDefault = 10
  /// The part of the operations, in percent, after which a violation is planted.
  static let violationPercent = 97

  public var model: Model
  /// Invocations of all clients together. A few more where the violation needs them, and where a lock is still held.
  public var operations: Int
  /// Clients of each key: all of them are in flight at all times.
  public var clients: Int
  public var values: Values
  /// Of 100 operations, how many are never answered: their process ends.
  public var crashedPercent: Double
  /// Independent objects, each with its own clients; values are `[key, v]` then. 0: one object, and no keys.
  public var keys: Int
  /// One violation, after 97 % of the operations.
  public var hasViolation: Bool

  public init(
    model: Model = .casRegister, operations: Int, clients: Int, values: Values = .small, crashedPercent: Double = 0,
    keys: Int = 0, hasViolation: Bool = false
  ) {
    self.model = model
    self.operations = operations
    self.clients = clients
    self.values = values
    self.crashedPercent = crashedPercent
    self.keys = model == .kv && keys == 0 ? Self.keysOfKVDefault : keys
    self.hasViolation = hasViolation
  }

  /// Everything that is wrong, in sentences; none if histories can be made.
  public var problems: [String] {
    var problems: [String] = []
    if !(1...Self.operationsMax).contains(operations) {
      problems.append("operations must be 1…\(Self.operationsMax), not \(operations)")
    }
    if clients < 1 || keys < 0 || objects.multipliedReportingOverflow(by: max(1, clients)).overflow
      || objects * max(1, clients) > Self.clientsMax
    {
      problems.append("clients of all keys together must be 1…\(Self.clientsMax), not \(clients) of \(keys) keys")
    } else if operations >= 1, operations < objects * clients {
      problems.append("operations must be at least the \(objects * clients) clients, not \(operations)")
    }
    if !(0...100).contains(crashedPercent) { problems.append("crashed must be 0…100 percent, not \(crashedPercent)") }
    if model == .mutex, hasViolation, clients < 2 {
      problems.append("a mutex is held twice by two clients: the violation needs at least 2, not \(clients)")
    }
    return problems
  }

  /// At least one.
  var objects: Int { max(1, keys) }
}

/// Options of which no history can be made: all the problems at once.
public struct SyntheticProblem: Error, Hashable, Sendable, CustomStringConvertible {
  public let problems: [String]

  public var description: String { problems.joined(separator: "\n") }
}
