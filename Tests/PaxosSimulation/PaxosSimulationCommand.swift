import ArgumentParser
import PaxosLog
import PaxosSimulationKit

/// Runs the Paxos core through many seeds of a simulated cluster.
@main
struct PaxosSimulationCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "paxos-simulation",
    abstract: "Runs the Paxos core in a simulated cluster, one seed after the other, and checks its safety properties.",
    discussion: """
      Each seed is a cluster of its own with lost, late, repeated and reordered messages, partitions, pauses, skewed \
      clocks, and crashes that lose what was not synced. Exit code 1 means that a promise was broken, or that the seeds \
      did too little.
      """)

  @Option(help: "How many seeds to run.")
  var seeds: UInt64 = 2000

  @Option(help: "The first seed.")
  var firstSeed: UInt64 = 1

  @Option(help: "Nodes in each cluster, 1 to 9.")
  var nodes = 5

  @Option(help: "Plant a bug: \(PaxosBug.allCases.map(\.rawValue).joined(separator: ", ")).")
  var bug: PaxosBug?

  @Flag(help: "Run all bugs, one after the other, and print how many seeds find each.")
  var allBugs = false

  @Option(help: "Break what safety rests on: \(Canary.allCases.map(\.rawValue).joined(separator: ", ")).")
  var canary: Canary?

  @Option(help: "How often a new leader crashes within milliseconds, in percent.")
  var newLeaderCrashPercent = 0

  @Flag(help: "Check only what can be seen from outside: answers, states of nodes, recovery.")
  var blackBox = false

  @Option(help: "Seeds to run at the same time.")
  var jobs = 2

  @Option(help: "The least number of slots that must be chosen in each seed.")
  var chosenMin = 50

  func validate() throws {
    guard (1...9).contains(nodes) else { throw ValidationError("--nodes must be from 1 to 9") }
    guard (1...256).contains(jobs) else { throw ValidationError("--jobs must be from 1 to 256") }
    guard seeds > 0 else { throw ValidationError("--seeds must be at least 1") }
    guard !firstSeed.addingReportingOverflow(seeds).overflow else {
      throw ValidationError("--first-seed is too large for so many seeds")
    }
  }

  func run() async throws {
    var options = SimulationOptions()
    options.bug = bug
    options.canary = canary
    options.nodes = nodes
    options.newLeaderCrashPercent = newLeaderCrashPercent
    options.isBlackBox = blackBox
    if allBugs { return await tabulateBugs(options) }
    let totals = await runSeeds(firstSeed..<firstSeed + seeds, jobs: jobs, options: options)
    describe(totals)
    if let (seed, violation) = totals.violations.min(by: { $0.seed < $1.seed }) {
      print("VIOLATION \(violation)")
      print("repeat: paxos-simulation --seeds 1 --first-seed \(seed)\(flags)")
      throw ExitCode(1)
    }
    let vacuities = totals.vacuities(chosenPerSeedMin: chosenMin, leaderChangeAndCrashPercentMin: 80)
    // One seed, or one node, cannot meet a percentage over many.
    guard seeds >= 20, nodes > 1, !vacuities.isEmpty else { return }
    for vacuity in vacuities { print("TOO LITTLE HAPPENED: \(vacuity)") }
    throw ExitCode(1)
  }

  private func tabulateBugs(_ options: SimulationOptions) async {
    for bug in PaxosBug.allCases {
      var options = options
      options.bug = bug
      let totals = await runSeeds(firstSeed..<firstSeed + seeds, jobs: jobs, options: options)
      let byInvariant = Dictionary(grouping: totals.violations, by: \.violation.invariant)
      let causes = byInvariant.sorted { $0.value.count > $1.value.count }.map { "\($0.key) \($0.value.count)" }
      print("\(bug.rawValue): \(totals.violations.count) of \(totals.seeds) (\(causes.joined(separator: ", ")))")
    }
  }

  private var flags: String {
    var flags = nodes == 5 ? "" : " --nodes \(nodes)"
    if newLeaderCrashPercent > 0 { flags += " --new-leader-crash-percent \(newLeaderCrashPercent)" }
    if blackBox { flags += " --black-box" }
    if let bug { flags += " --bug \(bug.rawValue)" }
    if let canary { flags += " --canary \(canary.rawValue)" }
    return flags
  }

  private func describe(_ totals: Totals) {
    let sums = totals.sums
    print("seeds                     \(totals.seeds)")
    print("slots chosen              \(sums.chosen) (least in a seed: \(sums.chosen == 0 ? 0 : totals.chosenMin))")
    print("  no-ops                  \(sums.noops)")
    print("  commands chosen again   \(sums.repetitions)")
    print("leaders                   \(sums.leaders)")
    print("seeds with change, crash  \(totals.seedsWithLeaderChangeAndCrash)")
    print("crashes                   \(sums.crashes), unsynced batches lost: \(sums.lostBatches)")
    print("partitions, pauses        \(sums.partitions), \(sums.pauses)")
    print("snapshots                 \(sums.snapshots), parts sent: \(sums.snapshotParts)")
    print("catch-ups                 \(sums.catchUps)")
    print("messages                  \(sums.messages)")
    print("  lost                    \(sums.lost)")
    print("  duplicated              \(sums.duplicated)")
    print("  reordered               \(sums.reordered)")
    print("operations                answered \(sums.answers), refused \(sums.refusals), unknown \(sums.unknowns)")
    print("  asked again             \(sums.retries)")
    print("events                    \(sums.events)")
    print("violations                \(totals.violations.count)")
  }
}

extension PaxosBug: ExpressibleByArgument {}
extension Canary: ExpressibleByArgument {}
