import Histories

/// A history of one of the workloads with an invariant (bank, long-fork, causal-reverse, set-full, adya-g2), kept by
/// construction, and with one anomaly where that is asked for.
///
/// Clients always have an operation under way, which takes effect at one random moment of it; a planted anomaly comes
/// after 97 % of the operations, as a few events of processes of its own. Everything is drawn from one named stream of
/// the seed.
public struct SyntheticInvariants: Sendable {
  /// By the names of the models that judge them.
  public enum Workload: String, Hashable, Sendable, CaseIterable {
    case bank
    case longFork = "long-fork"
    case causalReverse = "causal-reverse"
    case setFull = "set-full"
    case insertPairs = "adya-g2"

    /// The anomalies that can be planted.
    public var anomalies: [Anomaly] {
      switch self {
      case .bank: [.wrongType, .nilBalance, .unexpectedKey, .missingKey, .wrongTotal, .negativeValue, .unknownAccount]
      case .longFork: [.longFork, .abortedRead, .thinAirRead]
      case .causalReverse: [.causalReverse, .abortedRead, .thinAirRead]
      case .setFull: [.lostElement, .duplicateElement, .staleRead, .abortedRead, .thinAirRead]
      case .insertPairs: [.doubleInsert]
      }
    }
  }

  /// What a checker of the workload must find, by the name that it gives it.
  public enum Anomaly: String, Hashable, Sendable, CaseIterable {
    case wrongType = "wrong-type"
    case nilBalance = "nil-balance"
    case unexpectedKey = "unexpected-key"
    case missingKey = "missing-key"
    case wrongTotal = "wrong-total"
    case negativeValue = "negative-value"
    case unknownAccount = "unknown-account"
    case longFork = "long-fork"
    case causalReverse = "causal-reverse"
    case doubleInsert = "G2"
    case lostElement = "lost-element"
    case duplicateElement = "duplicate-element"
    case staleRead = "stale-read"
    case abortedRead = "aborted-read"
    case thinAirRead = "thin-air-read"
  }

  public struct Options: Hashable, Sendable {
    public static let operationsMax = 100_000_000
    public static let clientsMax = 10_000
    public static let accountsMax = 1_000
    public static let groupKeysMax = 1_000

    public var workload: Workload
    /// Invocations; the planted anomaly and the last reads come on top.
    public var operations: Int
    public var clients: Int
    /// Of 100 operations, how many are reads. An insert is never one.
    public var readPercent: Double
    /// Of 100 operations, how many are never answered; half of them take place.
    public var crashedPercent: Double
    /// Of 100 operations, how many fail and do not take place.
    public var failedPercent: Double
    /// Accounts of a bank.
    public var accounts: Int
    /// Keys of a group of `long-fork`; a group is replaced when all of its keys are written.
    public var groupKeys: Int
    /// Operations on one object of `causal-reverse` and `set-full`, after which a new one takes its place: values are
    /// `[key, v]` then. 0: one object, and no keys.
    public var operationsPerKey: Int
    public var planted: Anomaly?

    public init(
      workload: Workload, operations: Int, clients: Int = 10, readPercent: Double = 50, crashedPercent: Double = 0,
      failedPercent: Double = 0, accounts: Int = 8, groupKeys: Int = 3, operationsPerKey: Int = 0,
      planted: Anomaly? = nil
    ) {
      self.workload = workload
      self.operations = operations
      self.clients = clients
      self.readPercent = readPercent
      self.crashedPercent = crashedPercent
      self.failedPercent = failedPercent
      self.accounts = accounts
      self.groupKeys = groupKeys
      self.operationsPerKey = operationsPerKey
      self.planted = planted
    }

    /// Everything that is wrong, in sentences; none if histories can be made.
    public var problems: [String] {
      var problems: [String] = []
      func require(_ name: String, _ value: Int, _ range: ClosedRange<Int>) {
        if !range.contains(value) {
          problems.append("\(name) must be \(range.lowerBound)…\(range.upperBound), not \(value)")
        }
      }
      require("operations", operations, 1...Self.operationsMax)
      require("clients", clients, 1...Self.clientsMax)
      require("accounts", accounts, 2...Self.accountsMax)
      require("keys of a group", groupKeys, 2...Self.groupKeysMax)
      require("operations of a key", operationsPerKey, 0...Self.operationsMax)
      if !(0...100).contains(readPercent) { problems.append("reads must be 0…100 percent, not \(readPercent)") }
      if crashedPercent < 0 || failedPercent < 0 || !(crashedPercent + failedPercent <= 100) {
        problems.append("crashed and failed must be 0…100 percent together, not \(crashedPercent) and \(failedPercent)")
      }
      if let planted, !workload.anomalies.contains(planted) {
        let names = workload.anomalies.map(\.rawValue).joined(separator: ", ")
        problems.append("\(workload.rawValue) can have \(names), not \(planted.rawValue)")
      }
      return problems
    }
  }

  public let options: Options
  public let seed: UInt64

  /// - Throws: `SyntheticProblem` with all that is wrong with the options.
  public init(_ options: Options, seed: UInt64) throws(SyntheticProblem) {
    let problems = options.problems
    if !problems.isEmpty { throw SyntheticProblem(problems: problems) }
    self.options = options
    self.seed = seed
  }

  /// Whether values are `[key, v]`.
  public var isKeyed: Bool {
    options.operationsPerKey > 0 && (options.workload == .causalReverse || options.workload == .setFull)
  }

  /// Makes the history, event by event; it ends with reads of everything, where the workload has such.
  public func forEach<Failure: Error>(_ body: (Event) throws(Failure) -> Void) throws(Failure) {
    let random = RandomStreams(seed: seed).stream("synthetic/\(options.workload.rawValue)")
    switch options.workload {
    case .bank: try run(SimulatedBank(options), random, body)
    case .longFork: try run(SimulatedGroups(options), random, body)
    case .causalReverse, .setFull: try run(SimulatedElements(options), random, body)
    case .insertPairs: try run(SimulatedInserts(options), random, body)
    }
  }

  /// The history in memory.
  public func history() -> History {
    var history = History(keyed: isKeyed)
    forEach { history.append($0) }
    return history
  }

  private func run<Failure: Error>(
    _ workload: some SimulatedWorkload, _ random: RandomStream, _ body: (Event) throws(Failure) -> Void
  ) throws(Failure) {
    var clients = WorkloadClients(options, workload, random)
    try clients.run(body)
  }
}
