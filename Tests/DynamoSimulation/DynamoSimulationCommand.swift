import ArgumentParser
import DynamoRing
import DynamoSimulationKit
import SimulationKit

/// Runs the Dynamo core through many seeds of a simulated cluster.
@main
struct DynamoSimulationCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dynamo-simulation",
    abstract: "Runs the Dynamo core in a simulated cluster, one seed after the other, and checks what it promises.",
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

  @Option(help: "Plant a bug: \(DynamoBug.allCases.map(\.rawValue).joined(separator: ", ")).")
  var bug: DynamoBug?

  @Flag(help: "Run all bugs, one after the other, and print how many seeds find each.")
  var allBugs = false

  @Option(help: "Break what safety rests on: \(Canary.allCases.map(\.rawValue).joined(separator: ", ")).")
  var canary: Canary?

  @Option(help: "Seeds to run at the same time.")
  var jobs = 2

  @Option(help: "The least number of updates that must be acknowledged in each seed.")
  var updatesMin = 100

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
    if allBugs { return await tabulateBugs(options) }
    let totals = await runSeeds(firstSeed..<firstSeed + seeds, jobs: jobs, options: options)
    describe(totals)
    if let (seed, violation) = totals.violations.min(by: { $0.seed < $1.seed }) {
      print("VIOLATION \(violation)")
      print("repeat: dynamo-simulation --seeds 1 --first-seed \(seed)\(flags)")
      throw ExitCode(1)
    }
    let vacuities = totals.vacuities(updatesPerSeedMin: updatesMin)
    // One seed, or one node, cannot meet a percentage over many.
    guard seeds >= 20, nodes > 1, !vacuities.isEmpty else { return }
    for vacuity in vacuities { print("TOO LITTLE HAPPENED: \(vacuity)") }
    throw ExitCode(1)
  }

  private func tabulateBugs(_ options: SimulationOptions) async {
    for bug in DynamoBug.allCases {
      var options = options
      options.bug = bug
      let totals = await runSeeds(firstSeed..<firstSeed + seeds, jobs: jobs, options: options)
      let byInvariant = Dictionary(grouping: totals.violations, by: \.violation.invariant)
      let causes = byInvariant.sorted { ($1.value.count, $0.key) < ($0.value.count, $1.key) }
        .map { "\($0.key) \($0.value.count)" }
      print("\(bug.rawValue): \(totals.violations.count) of \(totals.seeds) (\(causes.joined(separator: ", ")))")
    }
  }

  private var flags: String {
    var flags = nodes == 5 ? "" : " --nodes \(nodes)"
    if let bug { flags += " --bug \(bug.rawValue)" }
    if let canary { flags += " --canary \(canary.rawValue)" }
    return flags
  }

  private func describe(_ totals: Totals) {
    let sums = totals.sums
    print("seeds                     \(totals.seeds)")
    print("updates acknowledged      \(sums.updates) (least in a seed: \(sums.updates == 0 ? 0 : totals.updatesMin))")
    print("reads                     \(sums.reads), with siblings: \(sums.siblings)")
    print("refused, unknown          \(sums.refusals), \(sums.unknowns)")
    print("keys                      \(sums.keys)")
    print("crashes                   \(sums.crashes), unsynced batches lost: \(sums.lostBatches)")
    print("partitions, pauses        \(sums.partitions), \(sums.pauses)")
    print("snapshots                 \(sums.snapshots), logs begun anew: \(sums.newLogs)")
    print("hints, handoffs           \(sums.hints), \(sums.handoffs)")
    print("repairs                   \(sums.repairs)")
    print("objects of anti-entropy   \(sums.exchanged)")
    print("forwarded                 \(sums.forwards)")
    print("messages                  \(sums.messages)")
    print("  lost                    \(sums.lost)")
    print("  duplicated              \(sums.duplicated)")
    print("  reordered               \(sums.reordered)")
    print("events                    \(sums.events)")
    print("violations                \(totals.violations.count)")
  }
}

extension DynamoBug: ExpressibleByArgument {}
extension Canary: ExpressibleByArgument {}
