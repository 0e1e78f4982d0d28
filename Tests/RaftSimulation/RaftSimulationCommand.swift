import ArgumentParser
import RaftKV
import RaftSimulationKit

/// Runs the Raft core through many seeds of a simulated cluster.
@main
struct RaftSimulationCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "raft-simulation",
    abstract: "Runs the Raft core in a simulated cluster, one seed after the other, and checks its safety properties.",
    discussion: """
      Each seed is a cluster of its own with lost, late, repeated and reordered messages, partitions, and crashes that \
      lose what was not synced. Exit code 1 means that a promise was broken, or that the seeds did too little.
      """)

  @Option(help: "How many seeds to run.")
  var seeds: UInt64 = 2000

  @Option(help: "The first seed.")
  var firstSeed: UInt64 = 1

  @Option(help: "Members of each cluster at its start, 1 to 9; 5, or 3 with --figure-8 and --changes, if not given.")
  var nodes: Int?

  @Option(
    help: "Servers that may be added to them, 0 to 9; 2, or 0 with --figure-8, if not given. 0: no changes at all.")
  var spares: Int?

  @Option(help: "Plant a bug: \(RaftBug.allCases.map(\.rawValue).joined(separator: ", ")).")
  var bug: RaftBug?

  @Option(help: "Break what safety rests on: \(Canary.allCases.map(\.rawValue).joined(separator: ", ")).")
  var canary: Canary?

  @Flag(name: .customLong("figure-8"), help: "Crash most new leaders and send entries one by one.")
  var figure8 = false

  @Flag(help: "More clients, and nearly all of their operations are transactions.")
  var transactions = false

  @Flag(help: "Short logs, many snapshots, and a network that repeats and reorders much.")
  var snapshots = false

  @Flag(help: "Leaders are often cut off from the others, and many clients read.")
  var staleLeaders = false

  @Flag(help: "Changes of the membership follow each other fast, and some new leaders crash.")
  var changes = false

  @Flag(help: "More clients, and half of them ask for their writes again and again.")
  var sessions = false

  @Option(
    help: "What transactions are held to: \(TransactionPromise.allCases.map(\.argument).joined(separator: ", ")).")
  var promise = TransactionPromise.strictSerializability

  @Option(help: "Seeds to run at the same time.")
  var jobs = 2

  @Option(help: "The least number of entries that each seed must commit; 50, or 10 with --figure-8, if not given.")
  var committedMin: Int?

  func validate() throws {
    guard (1...9).contains(nodes ?? 5) else { throw ValidationError("--nodes must be from 1 to 9") }
    guard (0...9).contains(spares ?? 2) else { throw ValidationError("--spares must be from 0 to 9") }
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
    if figure8 || bug == .commitEarlierTermByCounting { options.favourFigure8() }
    if changes { options.favourChanges() }
    if snapshots { options.favourSnapshots() }
    if staleLeaders { options.favourStaleLeaders() }
    if transactions { options.favourTransactions() }
    if sessions { options.favourSessions() }
    options.transactionPromise = promise
    if let nodes { options.nodes = nodes }
    if let spares { options.spares = spares }
    let totals = await runSeeds(firstSeed..<firstSeed + seeds, jobs: jobs, options: options)
    describe(totals)
    if let (seed, violation) = totals.violations.min(by: { $0.seed < $1.seed }) {
      print("VIOLATION \(violation)")
      print("repeat: raft-simulation --seeds 1 --first-seed \(seed)\(flags)")
      throw ExitCode(1)
    }
    let vacuities = totals.vacuities(
      committedPerSeedMin: committedMin ?? (figure8 ? 10 : 50), leaderChangeAndCrashPercentMin: 80)
    // One seed, or one server, cannot meet a percentage over many.
    guard seeds >= 20, options.nodes > 1, !vacuities.isEmpty else { return }
    for vacuity in vacuities { print("TOO LITTLE HAPPENED: \(vacuity)") }
    throw ExitCode(1)
  }

  private var flags: String {
    var flags = nodes.map { " --nodes \($0)" } ?? ""
    if let spares { flags += " --spares \(spares)" }
    if figure8 { flags += " --figure-8" }
    if changes { flags += " --changes" }
    if snapshots { flags += " --snapshots" }
    if staleLeaders { flags += " --stale-leaders" }
    if transactions { flags += " --transactions" }
    if sessions { flags += " --sessions" }
    if promise != .strictSerializability { flags += " --promise \(promise.argument)" }
    if let bug { flags += " --bug \(bug.rawValue)" }
    if let canary { flags += " --canary \(canary.rawValue)" }
    return flags
  }

  private func describe(_ totals: Totals) {
    let sums = totals.sums
    print("seeds                     \(totals.seeds)")
    print(
      "entries committed         \(totals.committed) (least in a seed: \(totals.committed == 0 ? 0 : totals.committedMin))"
    )
    print("seeds with leader change  \(totals.seedsWithLeaderChange)")
    print("seeds with crash          \(totals.seedsWithCrash)")
    print("seeds with both           \(totals.seedsWithLeaderChangeAndCrash)")
    print("crashes                   \(sums.crashes), unsynced batches lost: \(sums.lostBatches)")
    print("partitions                \(sums.partitions)")
    print("messages                  \(sums.messages)")
    print("  lost                    \(sums.lost)")
    print("  duplicated              \(sums.duplicated)")
    print("  reordered               \(sums.reordered)")
    print("operations                answered \(sums.answers), refused \(sums.refusals), unknown \(sums.unknowns)")
    print("snapshots                 taken \(sums.snapshots), of leaders installed \(sums.installs)")
    print("membership changes        \(sums.changes)")
    print("named writes              asked again \(sums.retries), committed again \(sums.repetitions)")
    print("transactions              committed \(sums.transactions), aborted \(sums.aborts)")
    print("events                    \(sums.events)")
    print("violations                \(totals.violations.count)")
  }
}

extension RaftBug: ExpressibleByArgument {}
extension Canary: ExpressibleByArgument {}

extension TransactionPromise: ExpressibleByArgument {
  /// The words of the promise, lowercased, with hyphens between.
  var argument: String { rawValue.lowercased().replacing(" ", with: "-") }

  /// As ``argument`` writes it.
  public init?(argument: String) {
    guard let promise = Self.allCases.first(where: { $0.argument == argument }) else { return nil }
    self = promise
  }
}
