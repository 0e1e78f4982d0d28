import Histories

/// A history of transactions on lists or registers of a simulated database, with an isolation level that holds by construction,
/// and with one anomaly where that is asked for.
///
/// Clients always have a transaction under way. Each micro-operation takes place at a random moment of it, at which the
/// database does what its level says; a planted anomaly comes after 97 % of the transactions, on keys of its own.
/// Everything is drawn from one named stream of the seed.
public struct SyntheticTransactions: Sendable {
  /// How the simulated database runs a transaction.
  public enum Level: String, Hashable, Sendable, CaseIterable {
    /// All of it at one moment.
    case strictSerializable = "strict-serializable"
    /// Reads from a snapshot of the start; of two writers of one key under way together the later one fails.
    case snapshotIsolation = "snapshot-isolation"
    /// Each read sees what is committed at its moment. An append locks its key until the end; who meets another's lock
    /// fails.
    case readCommitted = "read-committed"
  }

  /// What a key holds.
  public enum Objects: String, Hashable, Sendable, CaseIterable {
    /// A list: `["append", key, element]`, and reads of the whole list.
    case lists = "list-append"
    /// One value: `["w", key, value]`, and reads of the last one, null before the first.
    case registers = "rw-register"
  }

  public struct Options: Hashable, Sendable {
    public static let transactionsMax = 10_000_000
    public static let clientsMax = 10_000

    public var objects: Objects
    public var level: Level
    public var transactions: Int
    public var clients: Int
    /// Keys in use at one time; the first half of the transactions goes to the first of them, and so on.
    public var activeKeys: Int
    /// Appends after which a key is replaced by a fresh one.
    public var appendsPerKey: Int
    /// Micro-operations of a transaction are 1 to this many.
    public var microMax: Int
    /// Of 100 transactions, how many are never answered; half of them take place.
    public var crashedPercent: Double
    public var planted: AnomalyScript?

    public init(
      objects: Objects = .lists, level: Level = .strictSerializable, transactions: Int, clients: Int = 10,
      activeKeys: Int = 10,
      appendsPerKey: Int = 64, microMax: Int = 7, crashedPercent: Double = 0, planted: AnomalyScript? = nil
    ) {
      self.objects = objects
      self.level = level
      self.transactions = transactions
      self.clients = clients
      self.activeKeys = activeKeys
      self.appendsPerKey = appendsPerKey
      self.microMax = microMax
      self.crashedPercent = crashedPercent
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
      require("transactions", transactions, 1...Self.transactionsMax)
      require("clients", clients, 1...Self.clientsMax)
      require("active keys", activeKeys, 1...1_000_000)
      require("appends per key", appendsPerKey, 1...1_000_000)
      require("micro-operations", microMax, 1...1_000)
      if !(0...100).contains(crashedPercent) { problems.append("crashed must be 0…100 percent, not \(crashedPercent)") }
      if let planted, objects == .registers, !planted.showsInRegisters {
        problems.append("\(planted.rawValue) cannot be planted in registers: reads of single values do not show it")
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

  /// Makes the history, event by event; it ends with a read of every key.
  public func forEach<Failure: Error>(_ body: (Event) throws(Failure) -> Void) throws(Failure) {
    var database = SimulatedDatabase(options, RandomStreams(seed: seed).stream("synthetic/transactions"))
    try database.run(body)
  }

  /// The history in memory.
  public func history() -> History {
    var history = History(keyed: false)
    forEach { history.append($0) }
    return history
  }
}
