import DynamoRing
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
  public var pauses = 0
  /// Batches that crashes took from disks before they were synced.
  public var lostBatches = 0
  public var snapshots = 0
  /// Logs that began anew behind a snapshot.
  public var newLogs = 0
  public var hints = 0
  public var handoffs = 0
  public var repairs = 0
  /// Objects that anti-entropy sent.
  public var exchanged = 0
  public var forwards = 0
  public var keys = 0
  public var reads = 0
  /// Reads that showed siblings.
  public var siblings = 0
  public var updates = 0
  public var refusals = 0
  public var unknowns = 0
  public var violation: BrokenInvariant?

  init(seed: UInt64) { self.seed = seed }

  mutating func count(_ outcome: Outcome) {
    switch outcome {
    case .reading(let reading):
      reads += 1
      if case .siblings(let values, _) = reading, values.count > 1 { siblings += 1 }
    case .put, .written, .counted, .inserted, .removed: updates += 1
    case .noQuorum, .overloaded, .tooLarge, .notReplica: refusals += 1
    case .unknown: unknowns += 1
    }
  }

  mutating func count(_ message: Message) {
    messages += 1
    switch message {
    case .hint: hints += 1
    case .handoff: handoffs += 1
    case .repair: repairs += 1
    case .exchange: exchanged += 1
    case .forward: forwards += 1
    default: break
    }
  }

  mutating func add(_ other: SeedResult) {
    for counter in Self.counters { self[keyPath: counter] += other[keyPath: counter] }
  }

  private static var counters: [WritableKeyPath<SeedResult, Int>] {
    [
      \.events, \.messages, \.lost, \.duplicated, \.reordered, \.crashes, \.partitions, \.pauses, \.lostBatches,
      \.snapshots, \.newLogs, \.hints, \.handoffs, \.repairs, \.exchanged, \.forwards, \.keys, \.reads, \.siblings,
      \.updates, \.refusals, \.unknowns,
    ]
  }

  mutating func finish(_ network: SimulatedNetwork, _ cores: [DynamoNode]) {
    lost = network.lost
    duplicated = network.duplicated
    reordered = network.reordered
    keys = Set(cores.flatMap(\.keys)).count
  }
}

/// Sums over seeds.
public struct Totals: SeedTotals {
  /// The seeds that ran.
  public private(set) var seeds = 0
  /// The least of the seeds that ran to their end.
  public private(set) var updatesMin = Int.max
  /// Seeds in which every way of bringing replicas together had something to do.
  public private(set) var seedsWithEverything = 0
  public private(set) var sums = SeedResult(seed: 0)
  /// Broken promises, by seed.
  public private(set) var violations: [(seed: UInt64, violation: BrokenInvariant)] = []

  /// See `SeedTotals`.
  public typealias OfSeed = SeedResult

  public init() {}

  public mutating func add(_ result: SeedResult) {
    seeds += 1
    if result.crashes > 0, result.repairs > 0, result.exchanged > 0, result.siblings > 0 { seedsWithEverything += 1 }
    if let violation = result.violation {
      violations.append((result.seed, violation))
    } else {
      updatesMin = min(updatesMin, result.updates)
    }
    sums.add(result)
  }

  public mutating func add(_ other: Totals) {
    seeds += other.seeds
    updatesMin = min(updatesMin, other.updatesMin)
    seedsWithEverything += other.seedsWithEverything
    violations += other.violations
    sums.add(other.sums)
  }

  /// Where the seeds did too little to prove anything, in words; empty when they did enough.
  public func vacuities(updatesPerSeedMin: Int) -> [String] {
    var found: [String] = []
    if seeds == 0 { found.append("no seed was run") }
    if seeds > 0, updatesMin < updatesPerSeedMin {
      found.append("in a seed only \(updatesMin) updates were acknowledged, wanted are \(updatesPerSeedMin)")
    }
    if seedsWithEverything * 100 < seeds * 80 {
      found.append("only \(seedsWithEverything) of \(seeds) seeds saw crashes, repairs, exchanges and siblings")
    }
    return found
  }
}

/// Runs seeds side by side, `jobs` at a time.
public func runSeeds(_ seeds: Range<UInt64>, jobs: Int, options: SimulationOptions) async -> Totals {
  await SimulationKit.runSeeds(seeds, jobs: jobs) { seed in
    var simulation = Simulation(seed: seed, options: options)
    return simulation.run()
  }
}
