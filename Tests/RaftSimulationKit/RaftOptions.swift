import RaftKV
import SimulationKit

/// What shapes a simulated cluster of raft-kv besides its seed.
public struct RaftOptions: SimulationOptions {
  public var cluster = ClusterOptions()
  public var bug: RaftBug?
  public var canary: Canary?
  /// Servers that are no members, and may become some while operators add and remove servers at random; 0 for no changes.
  public var spares = 2
  /// How often an operator changes the membership.
  public var changePeriod: Nanoseconds = 300 * millisecond
  /// How often, in percent, another one asks for a change at the same time, before the first can be done.
  public var doubleChangePercent = 30
  /// Entries between two snapshots.
  public var snapshotEntries: UInt64 = 40
  /// Entries that stay in the log behind a snapshot.
  public var logTailEntries = 8
  /// Entries in one AppendEntries message. With 1, an old entry travels apart from the no-op of the new term.
  public var appendEntriesMax = Limits().appendEntriesMax
  public var keys = 3
  /// Whether clients with even numbers name their writes, and ask again when they get no answer.
  public var namesWrites = true
  /// How many of the clients' operations, in percent, are transactions.
  public var transactionPercent = 40
  /// What transactions are held to; less than the protocol promises only to see how far a bug goes.
  public var transactionPromise = TransactionPromise.strictSerializability

  public init() {
    cluster.clients = 4
    cluster.clientTimeout = 1_500 * millisecond
    // The write is often under way still when it is asked for again, and is committed twice.
    cluster.patience = millisecond..<20 * millisecond
    cluster.retriesMax = 4
    cluster.newLeaderLife = 0..<4 * millisecond
  }

  public enum Canary: String, SimulationCanary {
    case lyingDisk = "lying-disk"
    /// A restarted server remembers its log, but neither its term nor its vote.
    case forgottenTerm = "forgotten-term"
  }

  public var nodeCount: Int { cluster.nodes + spares }
  public var syncsLog: Bool { bug?.syncsLog ?? true }

  public mutating func steer(towards bug: RaftBug) {
    switch bug {
    case .retryAppliesTwice: favourSessions()
    case .leaseRead: favourStaleLeaders()
    case .snapshotInstalledOverNewerLog, .compactsBeforeSnapshotDurable, .truncatesOnStaleAppend: favourSnapshots()
    case .twoServerMembershipChange: favourChanges()
    case .commitEarlierTermByCounting: favourFigure8()
    case _ where bug.splitsTransactions: favourTransactions()
    default: break
    }
  }
}

/// What the Raft simulation counts.
public enum RaftCounter: Int, CounterName {
  /// Entries.
  case committed
  /// Terms that had one.
  case leaders
  /// Snapshots of leaders that followers went on from.
  case installs
  /// Changes of the membership that were acknowledged.
  case changes
  /// Named writes that were committed a second time.
  case repetitions
  /// Answers that say that a transaction took effect, or was aborted.
  case transactions, aborts
}
