/// Sums over seeds.
public struct Totals<System: ClusterSimulation>: Sendable {
  /// Those that ran.
  public private(set) var seeds = 0
  /// Of those that ran to their end, the one with the least of ``Sufficiency/progress``; nil if none did.
  public private(set) var progressMin: Int?
  /// Seeds that were as ``Sufficiency/usual`` wants most to be.
  public private(set) var usualSeeds = 0
  /// Broken promises, by seed.
  public private(set) var violations: [(seed: UInt64, violation: Violation)] = []
  private var sums = SeedResult<System.Counter>(seed: 0)
  private let options: System.Options

  /// Runs seeds one after the other.
  public init(_ seeds: some Sequence<UInt64>, _ options: System.Options) {
    self.options = options
    for seed in seeds { add(System.run(seed: seed, options: options)) }
  }

  /// Runs seeds one after the other with the usual options, somewhat adjusted.
  public init(_ seeds: Range<UInt64>, _ adjust: (inout System.Options) -> Void = { _ in }) {
    var options = System.Options()
    adjust(&options)
    self.init(seeds, options)
  }

  /// Runs seeds side by side, `jobs` at a time.
  public static func of(_ seeds: Range<UInt64>, _ options: System.Options, jobs: Int) async -> Self {
    await withTaskGroup(of: Self.self) { group in
      for job in 0..<UInt64(jobs) {
        group.addTask { Totals(seeds.lazy.filter { $0 % UInt64(jobs) == job }, options) }
      }
      return await group.reduce(into: Totals([], options)) { all, some in all.add(some) }
    }
  }

  /// How often something happened in all seeds.
  public subscript(counter: ClusterCounter) -> Int { sums[counter] }

  /// How often something of the system's own happened in all seeds.
  public subscript(counter: System.Counter) -> Int { sums[counter] }

  private mutating func add(_ result: SeedResult<System.Counter>) {
    seeds += 1
    usualSeeds += System.sufficiency.isUsual(result) ? 1 : 0
    sums.shared += result.shared
    sums.own += result.own
    if let violation = result.violation {
      violations.append((result.seed, violation))
    } else {
      let progress = result[System.sufficiency.progress]
      progressMin = min(progressMin ?? progress, progress)
    }
  }

  private mutating func add(_ other: Self) {
    seeds += other.seeds
    usualSeeds += other.usualSeeds
    sums.shared += other.sums.shared
    sums.own += other.sums.own
    violations = (violations + other.violations).sorted { $0.seed < $1.seed }
    progressMin = [progressMin, other.progressMin].compactMap { $0 }.min()
  }
}

extension ClusterSimulation {
  /// Whether one of the seeds finds a bug.
  public static func finds(_ bug: Options.Bug, in seeds: Range<UInt64>) -> Bool {
    seeds.contains { seed in !Totals<Self>(seed..<seed + 1) { $0.plant(bug) }.violations.isEmpty }
  }
}

extension Totals {
  /// Broken promises, and where the seeds did too little to prove anything, in words.
  public var problems: [String] { violations.map { "seed \($0.seed): \($0.violation)" } + vacuities }

  /// Where the seeds did too little to prove anything, in words; empty when they did enough.
  public var vacuities: [String] {
    let wanted = System.sufficiency
    var found: [String] = []
    if seeds == 0 { found.append("no seed was run") }
    let least = options.cluster.progressMin
    if let progressMin, progressMin < least {
      found.append("\(wanted.progress.label): only \(progressMin) in a seed, wanted are \(least)")
    }
    if usualSeeds * 100 < seeds * Sufficiency<System.Counter>.usualPercentMin {
      let usual = wanted.usual.map { "\($0.counter.label): \($0.min)" }.joined(separator: ", ")
      found.append("only \(usualSeeds) of \(seeds) seeds saw a crash and \(usual) or more")
    }
    return found + wanted.somewhere.filter { sums[$0] == 0 }.map { "\($0.label): none" }
  }

  /// All counts, a line each.
  public var table: String {
    let progress = System.sufficiency.progress
    var rows = [("seeds", "\(seeds)"), ("  as eventful as wanted", "\(usualSeeds)")]
    rows += System.Counter.allCases.map { counter in
      (counter.label, "\(sums[counter])" + (counter == progress ? ", at least \(progressMin ?? 0) a seed" : ""))
    }
    rows += ClusterCounter.allCases.map { ($0.label, "\(sums[$0])") }
    rows.append(("violations", "\(violations.count)"))
    let width = rows.map(\.0.count).max() ?? 0
    return rows.map { $0.0 + String(repeating: " ", count: width + 2 - $0.0.count) + $0.1 }.joined(separator: "\n")
  }
}
