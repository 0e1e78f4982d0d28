import RaftKV

/// Proof that the invariants bite: ways to break what safety rests on, the simulated disk or a rule of the protocol.
public enum Canary: String, CaseIterable, Sendable {
  /// The disk confirms at once and writes later; a crash loses what it confirmed.
  case lyingDisk = "lying-disk"
  /// A restarted server remembers its log, but neither its term nor its vote.
  case forgottenTerm = "forgotten-term"
  /// Leaders commit entries of earlier terms by counting replicas, which figure 8 shows to be wrong (§5.4.2).
  case oldTermCommit = "old-term-commit"

  /// Whether the disks lie, so that what they hold proves nothing.
  var breaksDisks: Bool { self != .oldTermCommit }
}

/// Everything that shapes one simulated cluster besides its seed. Times are simulated nanoseconds.
public struct SimulationOptions: Sendable {
  public var nodes = 5
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
  /// How often, in percent, a server that wins an election crashes within ``newLeaderLifeMax``.
  public var newLeaderCrashPercent = 0
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

  /// Steers towards figure 8 of the paper: entries travel one by one and leaders seldom live to finish replicating them.
  /// With three servers a majority is two, which makes its chain of short leaderships shorter. Only sizes and the mix of
  /// faults change, so a right core keeps every promise under it too.
  public mutating func favourFigure8() {
    appendEntriesMax = 1
    newLeaderCrashPercent = 60
    nodes = 3
    transactionPercent = 0
    namesWrites = false
  }
}

/// A new leader that is to crash does so within this time: a few message delays.
let newLeaderLifeMax: Nanoseconds = 4 * millisecond

let microsecond: Nanoseconds = 1_000
let millisecond: Nanoseconds = 1_000_000
