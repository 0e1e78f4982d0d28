import RaftKV
import SimulationKit

/// What one seed did, and the promise it found broken.
public struct SeedResult: Sendable {
  public let seed: UInt64
  public var events = 0
  public var messages = 0
  public var lost = 0
  public var duplicated = 0
  public var reordered = 0
  public var crashes = 0
  public var partitions = 0
  /// Batches that crashes took from disks before they were synced.
  public var lostBatches = 0
  public var committed = 0
  public var leaders = 0
  public var answers = 0
  /// Answers that say that a transaction took effect, or was aborted.
  public var transactions = 0
  public var aborts = 0
  public var refusals = 0
  public var unknowns = 0
  public var snapshots = 0
  /// Snapshots that a leader sent and a follower went on from.
  public var installs = 0
  /// Changes of the membership that were acknowledged.
  public var changes = 0
  /// Attempts of named writes after the first, and those of them that were committed a second time.
  public var retries = 0
  public var repetitions = 0
  public var violation: Violation?

  init(seed: UInt64) { self.seed = seed }

  mutating func count(_ outcome: Outcome) {
    switch outcome {
    case .unknown: unknowns += 1
    case .noLeader, .overloaded: refusals += 1
    case .committed:
      answers += 1
      transactions += 1
    case .aborted:
      answers += 1
      aborts += 1
    default: answers += 1
    }
  }

  mutating func add(_ other: SeedResult) {
    events += other.events
    messages += other.messages
    lost += other.lost
    duplicated += other.duplicated
    reordered += other.reordered
    crashes += other.crashes
    partitions += other.partitions
    lostBatches += other.lostBatches
    committed += other.committed
    answers += other.answers
    transactions += other.transactions
    aborts += other.aborts
    refusals += other.refusals
    unknowns += other.unknowns
    snapshots += other.snapshots
    installs += other.installs
    changes += other.changes
    retries += other.retries
    repetitions += other.repetitions
  }

  mutating func finish(_ observer: Observer, _ network: SimulatedNetwork) {
    committed = observer.committed.positions.count
    repetitions = observer.repetitions
    installs = observer.installs
    leaders = observer.elections.leaders.count
    lost = network.lost
    duplicated = network.duplicated
    reordered = network.reordered
  }
}

/// Sums over seeds.
public struct Totals: Sendable {
  public private(set) var seeds = 0
  public var committed: Int { sums.committed }
  /// The least of the seeds that ran to their end.
  public private(set) var committedMin = Int.max
  public private(set) var seedsWithLeaderChangeAndCrash = 0
  public private(set) var seedsWithLeaderChange = 0
  public private(set) var seedsWithCrash = 0
  public private(set) var sums = SeedResult(seed: 0)
  /// Broken promises, by seed.
  public private(set) var violations: [(seed: UInt64, violation: Violation)] = []

  public init() {}

  public mutating func add(_ result: SeedResult) {
    seeds += 1
    if result.violation == nil { committedMin = min(committedMin, result.committed) }
    if result.leaders > 1 { seedsWithLeaderChange += 1 }
    if result.crashes > 0 { seedsWithCrash += 1 }
    if result.leaders > 1, result.crashes > 0 { seedsWithLeaderChangeAndCrash += 1 }
    if let violation = result.violation { violations.append((result.seed, violation)) }
    sums.add(result)
  }

  public mutating func add(_ other: Totals) {
    seeds += other.seeds
    committedMin = min(committedMin, other.committedMin)
    seedsWithLeaderChange += other.seedsWithLeaderChange
    seedsWithCrash += other.seedsWithCrash
    seedsWithLeaderChangeAndCrash += other.seedsWithLeaderChangeAndCrash
    violations += other.violations
    sums.add(other.sums)
  }

  /// Where the seeds did too little to prove anything, in words; empty when they did enough.
  public func vacuities(committedPerSeedMin: Int, leaderChangeAndCrashPercentMin: Int) -> [String] {
    var found: [String] = []
    if seeds == 0 { found.append("no seed was run") }
    if seeds > 0, committedMin < committedPerSeedMin {
      found.append("a seed committed only \(committedMin) entries, wanted are \(committedPerSeedMin)")
    }
    if seedsWithLeaderChangeAndCrash * 100 < seeds * leaderChangeAndCrashPercentMin {
      found.append(
        "only \(seedsWithLeaderChangeAndCrash) of \(seeds) seeds saw a leader change and a crash, wanted are "
          + "\(leaderChangeAndCrashPercentMin) %")
    }
    return found
  }
}
