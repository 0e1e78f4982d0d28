import MessageQueue
import SimulationKit

/// A broken promise, and what was seen.
public struct Violation: Error, Sendable, CustomStringConvertible {
  public let invariant: String
  public let detail: String
  public var description: String { "\(invariant): \(detail)" }

  init(_ invariant: String, _ detail: String) {
    self.invariant = invariant
    self.detail = detail
  }
}

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
  public var pauses = 0
  /// Batches that crashes took from disks before they were synced.
  public var lostBatches = 0
  public var snapshots = 0
  public var committed = 0
  public var elections = 0
  public var isrChanges = 0
  /// Logs that a follower had to cut (KIP-101), and that it had to replace.
  public var divergences = 0
  public var installs = 0
  public var answers = 0
  public var refusals = 0
  public var unknowns = 0
  /// Records that producers sent again.
  public var retries = 0
  /// Messages that were delivered more than once, or became dead letters.
  public var redeliveries = 0
  public var deadLetters = 0
  public var rebalances = 0
  public var consumed = 0
  public var violation: Violation?

  init(seed: UInt64) { self.seed = seed }

  mutating func count(_ outcome: Outcome) {
    switch outcome {
    case .unknown, .expired: unknowns += 1
    case .noLeader, .overloaded, .notEnoughReplicas: refusals += 1
    default: answers += 1
    }
  }

  mutating func count(_ message: Message) {
    messages += 1
    switch message.body {
    case .accept: isrChanges += 1
    case .diverging: divergences += 1
    case .install: installs += 1
    default: break
    }
  }

  mutating func add(_ other: SeedResult) {
    for counter in Self.counters { self[keyPath: counter] += other[keyPath: counter] }
  }

  private static var counters: [WritableKeyPath<SeedResult, Int>] {
    [
      \.events, \.messages, \.lost, \.duplicated, \.reordered, \.crashes, \.partitions, \.pauses, \.lostBatches,
      \.snapshots, \.committed, \.elections, \.isrChanges, \.divergences, \.installs, \.answers, \.refusals,
      \.unknowns, \.retries, \.redeliveries, \.deadLetters, \.rebalances, \.consumed,
    ]
  }
}

/// Sums over seeds.
public struct Totals: SeedTotals {
  /// See ``SeedTotals``.
  public typealias OfSeed = SeedResult

  public private(set) var seeds = 0
  /// The least of the seeds that ran to their end.
  public private(set) var committedMin = Int.max
  public private(set) var seedsWithLeaderChangeAndCrash = 0
  public private(set) var sums = SeedResult(seed: 0)
  /// Broken promises, by seed.
  public private(set) var violations: [(seed: UInt64, violation: Violation)] = []

  public init() {}

  public mutating func add(_ result: SeedResult) {
    seeds += 1
    if result.elections > Int(partitionCount) + 2, result.crashes > 0 { seedsWithLeaderChangeAndCrash += 1 }
    if let violation = result.violation {
      violations.append((result.seed, violation))
    } else {
      committedMin = min(committedMin, result.committed)
    }
    sums.add(result)
  }

  public mutating func add(_ other: Totals) {
    seeds += other.seeds
    committedMin = min(committedMin, other.committedMin)
    seedsWithLeaderChangeAndCrash += other.seedsWithLeaderChangeAndCrash
    violations += other.violations
    sums.add(other.sums)
  }

  /// Where the seeds did too little to prove anything, in words; empty when they did enough.
  public func vacuities(committedPerSeedMin: Int, leaderChangeAndCrashPercentMin: Int) -> [String] {
    var found: [String] = []
    if seeds == 0 { found.append("no seed was run") }
    if seeds > 0, committedMin < committedPerSeedMin {
      found.append("in a seed only \(committedMin) records were committed, wanted are \(committedPerSeedMin)")
    }
    if seedsWithLeaderChangeAndCrash * 100 < seeds * leaderChangeAndCrashPercentMin {
      found.append(
        "only \(seedsWithLeaderChangeAndCrash) of \(seeds) seeds saw a leader change and a crash, wanted are "
          + "\(leaderChangeAndCrashPercentMin) %")
    }
    let wanted: [(String, Int)] = [
      ("log was cut", sums.divergences), ("log was replaced", sums.installs),
      ("message was delivered again", sums.redeliveries),
      ("message became a dead letter", sums.deadLetters), ("group was rebalanced", sums.rebalances),
    ]
    for (what, count) in wanted where count == 0 { found.append("no \(what)") }
    return found
  }
}

/// Runs seeds side by side, `jobs` at a time.
public func runSeeds(_ seeds: Range<UInt64>, jobs: Int, options: SimulationOptions) async -> Totals {
  await runSeeds(seeds, jobs: jobs) { seed in
    var simulation = Simulation(seed: seed, options: options)
    return simulation.run()
  }
}
