import SimulationKit

// Only sizes and the mix of faults and operations change, so a right core keeps every promise under each of these too.
extension RaftOptions {
  /// Steers towards transactions that meet within the milliseconds that a commit takes.
  public mutating func favourTransactions() {
    cluster.clients = 12
    transactionPercent = 90
    namesWrites = false
  }

  /// Steers towards writes that are committed twice, with others of the same key in between.
  public mutating func favourSessions() {
    cluster.clients = 8
    transactionPercent = 0
    cluster.patience = millisecond..<8 * millisecond
  }

  /// Steers towards followers that need snapshots, over a network that repeats and reorders what it carries.
  public mutating func favourSnapshots() {
    snapshotEntries = 10
    logTailEntries = 1
    cluster.stormsOnly = true
  }

  /// Steers towards reads at leaders that were superseded and do not know it.
  public mutating func favourStaleLeaders() {
    cluster.clients = 16
    transactionPercent = 10
    namesWrites = false
    cluster.leaderIsolationPercent = 70
    spares = 0
  }

  /// Steers towards elections while changes of the membership follow each other.
  public mutating func favourChanges() {
    cluster.nodes = 3
    changePeriod = 35 * millisecond
    cluster.newLeaderCrashPercent = 20
    doubleChangePercent = 90
  }

  /// Steers towards figure 8 of the paper: entries travel one by one and leaders seldom live to finish replicating them.
  /// With three servers a majority is two, which makes its chain of short leaderships shorter.
  public mutating func favourFigure8() {
    appendEntriesMax = 1
    cluster.nodes = 3
    spares = 0
    cluster.lossPercent = 35
    cluster.newLeaderCrashPercent = 95
    cluster.newLeaderLife = millisecond..<60 * millisecond
    cluster.restartDelay = 5 * millisecond..<100 * millisecond
    cluster.bendsTime = false
    cluster.progressMin = 10
    snapshotEntries = .max
    transactionPercent = 0
    namesWrites = false
  }
}
