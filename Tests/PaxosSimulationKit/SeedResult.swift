import SimulationKit
import PaxosLog

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
  /// Parts of snapshots sent to learners, and answers to them with values.
  public var snapshotParts = 0
  public var catchUps = 0
  public var chosen = 0
  public var noops = 0
  /// Commands that were chosen again.
  public var repetitions = 0
  public var leaders = 0
  public var answers = 0
  public var refusals = 0
  public var unknowns = 0
  /// Commands that clients asked for again.
  public var retries = 0
  public var violation: Violation?

  init(seed: UInt64) { self.seed = seed }

  mutating func count(_ outcome: Outcome) {
    switch outcome {
    case .unknown, .expired: unknowns += 1
    case .noLeader, .overloaded: refusals += 1
    default: answers += 1
    }
  }

  mutating func count(_ message: Message) {
    messages += 1
    if case .snapshot = message { snapshotParts += 1 }
    if case .values = message { catchUps += 1 }
  }

  mutating func add(_ other: SeedResult) {
    for counter in Self.counters { self[keyPath: counter] += other[keyPath: counter] }
  }

  private static var counters: [WritableKeyPath<SeedResult, Int>] {
    [
      \.events, \.messages, \.lost, \.duplicated, \.reordered, \.crashes, \.partitions, \.pauses, \.lostBatches,
      \.snapshots, \.snapshotParts, \.catchUps, \.chosen, \.noops, \.repetitions, \.leaders, \.answers, \.refusals,
      \.unknowns, \.retries,
    ]
  }

  mutating func finish(_ observer: Observer, _ network: SimulatedNetwork) {
    let reference = observer.applied.reference
    chosen = reference.slots.count
    noops = reference.slots.count { $0 == .noop }
    repetitions = reference.repetitions
    leaders = observer.leaders.count
    lost = network.lost
    duplicated = network.duplicated
    reordered = network.reordered
  }
}

/// Sums over seeds.
public struct Totals: Sendable {
  public private(set) var seeds = 0
  /// The least of the seeds that ran to their end.
  public private(set) var chosenMin = Int.max
  public private(set) var seedsWithLeaderChangeAndCrash = 0
  public private(set) var sums = SeedResult(seed: 0)
  /// Broken promises, by seed.
  public private(set) var violations: [(seed: UInt64, violation: Violation)] = []

  public init() {}

  public mutating func add(_ result: SeedResult) {
    seeds += 1
    if result.leaders > 1, result.crashes > 0 { seedsWithLeaderChangeAndCrash += 1 }
    if let violation = result.violation {
      violations.append((result.seed, violation))
    } else {
      chosenMin = min(chosenMin, result.chosen)
    }
    sums.add(result)
  }

  public mutating func add(_ other: Totals) {
    seeds += other.seeds
    chosenMin = min(chosenMin, other.chosenMin)
    seedsWithLeaderChangeAndCrash += other.seedsWithLeaderChangeAndCrash
    violations += other.violations
    sums.add(other.sums)
  }

  /// Where the seeds did too little to prove anything, in words; empty when they did enough.
  public func vacuities(chosenPerSeedMin: Int, leaderChangeAndCrashPercentMin: Int) -> [String] {
    var found: [String] = []
    if seeds == 0 { found.append("no seed was run") }
    if seeds > 0, chosenMin < chosenPerSeedMin {
      found.append("in a seed only \(chosenMin) slots were chosen, wanted are \(chosenPerSeedMin)")
    }
    if seedsWithLeaderChangeAndCrash * 100 < seeds * leaderChangeAndCrashPercentMin {
      found.append(
        "only \(seedsWithLeaderChangeAndCrash) of \(seeds) seeds saw a leader change and a crash, wanted are "
          + "\(leaderChangeAndCrashPercentMin) %")
    }
    return found
  }
}
