import RaftKV

/// Proof that the invariants bite: ways to break what safety rests on, the simulated disk.
public enum Canary: String, CaseIterable, Sendable {
  /// The disk confirms at once and writes later; a crash loses what it confirmed.
  case lyingDisk = "lying-disk"
  /// A restarted server remembers its log, but neither its term nor its vote.
  case forgottenTerm = "forgotten-term"
}

/// Everything that shapes one simulated cluster besides its seed. Times are simulated nanoseconds.
public struct SimulationOptions: Sendable {
  /// Servers that are members at the beginning.
  public var nodes = 5
  /// Servers that are none, and may become members while an operator adds and removes servers at random.
  public var spares = 2
  /// By how much the servers' clocks may run fast or slow, in percent.
  public var clockSkewPercent = 25
  /// Entries between two snapshots.
  public var snapshotEntries: UInt64 = 40
  /// How often the operator changes the membership.
  public var changeInterval: Range<Nanoseconds> = 50_000_000..<600_000_000
  public var clients = 4
  public var keys = 3
  /// Whether clients with even numbers name their writes, and ask again when they get no answer.
  public var namesWrites = true
  /// How many of the clients' operations, in percent, are transactions.
  public var transactionPercent = 40
  /// What transactions are held to; less than the protocol promises only to see how far a bug goes.
  public var transactionPromise = TransactionPromise.strictSerializability
  public var bug: RaftBug?
  public var canary: Canary?
  /// Entries in one AppendEntries message. With 1, an old entry travels apart from the no-op of the new term.
  public var appendEntriesMax = Limits().appendEntriesMax
  /// Entries that stay in the log behind a snapshot.
  public var logTailEntries = 8
  /// How long a crashed server is down.
  public var restartDelay: Range<Nanoseconds> = 20_000_000..<600_000_000
  /// How many of the faults, in percent, cut a leader off from the other servers, but not from its clients.
  public var leaderIsolationPercent = 0
  /// Messages in percent that are lost from the beginning on; other weather comes and goes with the faults.
  public var lossPercent = 0
  /// Whether the network always repeats and reorders much.
  public var stormsOnly = false
  /// How often, in percent, a server that wins an election crashes within ``newLeaderLife``.
  public var newLeaderCrashPercent = 0
  /// A few message delays.
  public var newLeaderLife: Range<Nanoseconds> = 0..<4_000_000
  /// How often, in percent, the operator asks for one change before another can be done.
  public var doubleChangePercent = 30
  /// Faults strike during this time; then everything heals.
  public var faultTime: Nanoseconds = 3_500_000_000
  /// After the heal, all servers must have the same log within this time, while clients go on for the first half of it.
  public var recoveryTime: Nanoseconds = 3_000_000_000
  /// How often the shell of a server lets it look at the time.
  public var tickInterval: Nanoseconds = 10_000_000
  /// A client that named its write asks again after at most this time.
  public var patienceMax: Nanoseconds = 20_000_000
  /// A client gives up on an answer after this time.
  public var clientTimeout: Nanoseconds = 1_500_000_000
  /// Whether each message travels as bytes, to test the codec along the way.
  public var encodesMessages = false

  public init() {}

  /// Steers towards transactions that meet within the milliseconds that a commit takes.
  public mutating func favourTransactions() {
    clients = 12
    transactionPercent = 90
    namesWrites = false
  }

  /// Steers towards writes that are committed twice, with others of the same key in between.
  public mutating func favourSessions() {
    clients = 8
    transactionPercent = 0
    patienceMax = 8_000_000
  }

  /// Steers towards followers that need snapshots, over a network that repeats and reorders what it carries.
  public mutating func favourSnapshots() {
    snapshotEntries = 10
    logTailEntries = 1
    stormsOnly = true
  }

  /// Steers towards reads at leaders that were superseded and do not know it.
  public mutating func favourStaleLeaders() {
    clients = 16
    transactionPercent = 10
    namesWrites = false
    leaderIsolationPercent = 70
    spares = 0
  }

  /// Steers towards elections while changes of the membership follow each other.
  public mutating func favourChanges() {
    nodes = 3
    changeInterval = 10_000_000..<120_000_000
    newLeaderCrashPercent = 20
    doubleChangePercent = 70
  }

  /// Steers towards figure 8 of the paper: entries travel one by one and leaders seldom live to finish replicating them.
  /// With three servers a majority is two, which makes its chain of short leaderships shorter. Only sizes and the mix of
  /// faults change, so a right core keeps every promise under it too.
  public mutating func favourFigure8() {
    appendEntriesMax = 1
    lossPercent = 35
    newLeaderCrashPercent = 95
    newLeaderLife = 1_000_000..<60_000_000
    restartDelay = 5_000_000..<100_000_000
    nodes = 3
    spares = 0
    clockSkewPercent = 0
    snapshotEntries = .max
    transactionPercent = 0
    namesWrites = false
  }
}

let microsecond: Nanoseconds = 1_000
let millisecond: Nanoseconds = 1_000_000
