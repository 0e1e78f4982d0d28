import ArgumentParser
import MessageQueue
import MessageQueueSimulationKit

/// Runs the message queue's core through many seeds of a simulated cluster.
@main
struct MessageQueueSimulationCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "message-queue-simulation",
    abstract:
      "Runs the message queue's core in a simulated cluster, one seed after the other, and checks its promises.",
    discussion: """
      Each seed is a cluster of its own with lost, late, repeated and reordered messages, partitions, pauses, skewed \
      clocks, and crashes that lose what was not synced. Exit code 1 means that a promise was broken, or that the seeds \
      did too little.
      """)

  @Option(help: "How many seeds to run.")
  var seeds: UInt64 = 2000

  @Option(help: "The first seed.")
  var firstSeed: UInt64 = 1

  @Option(help: "Nodes in each cluster, 3 to 9.")
  var nodes = 5

  @Option(help: "Plant a bug: \(MessageQueueBug.allCases.map(\.rawValue).joined(separator: ", ")).")
  var bug: MessageQueueBug?

  @Flag(help: "Run all bugs, one after the other, and print how many seeds find each.")
  var allBugs = false

  @Option(help: "Break what safety rests on: \(Canary.allCases.map(\.rawValue).joined(separator: ", ")).")
  var canary: Canary?

  @Flag(help: "Let each message and each record travel as bytes.")
  var encodes = false

  @Option(help: "Seeds to run at the same time.")
  var jobs = 2

  @Option(help: "The least number of records that must be committed in each seed.")
  var committedMin = 100

  func validate() throws {
    guard (3...9).contains(nodes) else { throw ValidationError("--nodes must be from 3 to 9") }
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
    options.encodes = encodes
    if allBugs { return await tabulateBugs(options) }
    let totals = await runSeeds(firstSeed..<firstSeed + seeds, jobs: jobs, options: options)
    describe(totals)
    if let (seed, violation) = totals.violations.min(by: { $0.seed < $1.seed }) {
      print("VIOLATION \(violation)")
      print("repeat: message-queue-simulation --seeds 1 --first-seed \(seed)\(flags)")
      throw ExitCode(1)
    }
    let vacuities = totals.vacuities(committedPerSeedMin: committedMin, leaderChangeAndCrashPercentMin: 80)
    // One seed cannot meet a percentage over many.
    guard seeds >= 20, !vacuities.isEmpty else { return }
    for vacuity in vacuities { print("TOO LITTLE HAPPENED: \(vacuity)") }
    throw ExitCode(1)
  }

  private func tabulateBugs(_ options: SimulationOptions) async {
    for bug in MessageQueueBug.allCases {
      var options = options
      options.bug = bug
      let totals = await runSeeds(firstSeed..<firstSeed + seeds, jobs: jobs, options: options)
      let byInvariant = Dictionary(grouping: totals.violations, by: \.violation.invariant)
      let causes = byInvariant.sorted { ($1.value.count, $0.key) < ($0.value.count, $1.key) }
      let listed = causes.map { "\($0.key) \($0.value.count)" }.joined(separator: ", ")
      print("\(bug.rawValue): \(totals.violations.count) of \(totals.seeds) (\(listed))")
    }
  }

  private var flags: String {
    var flags = nodes == 5 ? "" : " --nodes \(nodes)"
    if let bug { flags += " --bug \(bug.rawValue)" }
    if let canary { flags += " --canary \(canary.rawValue)" }
    if encodes { flags += " --encodes" }
    return flags
  }

  private func describe(_ totals: Totals) {
    let sums = totals.sums
    print("seeds                     \(totals.seeds)")
    print(
      "records committed         \(sums.committed) (least in a seed: \(sums.committed == 0 ? 0 : totals.committedMin))")
    print("leaders elected           \(sums.elections)")
    print("seeds with change, crash  \(totals.seedsWithLeaderChangeAndCrash)")
    print("crashes                   \(sums.crashes), unsynced batches lost: \(sums.lostBatches)")
    print("partitions, pauses        \(sums.partitions), \(sums.pauses)")
    print("snapshots                 \(sums.snapshots)")
    print("logs cut, replaced        \(sums.divergences), \(sums.installs)")
    print("messages                  \(sums.messages)")
    print("  lost                    \(sums.lost)")
    print("  duplicated              \(sums.duplicated)")
    print("  reordered               \(sums.reordered)")
    print("operations                answered \(sums.answers), refused \(sums.refusals), unknown \(sums.unknowns)")
    print("  sent again              \(sums.retries)")
    print("messages redelivered      \(sums.redeliveries), dead: \(sums.deadLetters)")
    print("generations of the group  \(sums.rebalances), records consumed: \(sums.consumed)")
    print("events                    \(sums.events)")
    print("violations                \(totals.violations.count)")
  }
}

extension MessageQueueBug: ExpressibleByArgument {}
extension Canary: ExpressibleByArgument {}
