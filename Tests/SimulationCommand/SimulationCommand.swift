import ArgumentParser
import SimulationKit

/// Runs a protocol core through many seeds of a simulated cluster. Exit code 1 means that a promise was broken, or that the
/// seeds did too little to prove anything.
public protocol SimulationCommand: AsyncParsableCommand
where System.Options.Bug: ExpressibleByArgument, System.Options.Canary: ExpressibleByArgument {
  /// What is simulated.
  associatedtype System: ClusterSimulation
  var shared: SimulationArguments<System.Options> { get }
  /// Does what the arguments ask for that only this system understands.
  func adjust(_ options: inout System.Options)
}

extension SimulationCommand {
  /// Nothing.
  public func adjust(_ options: inout System.Options) {}

  /// What `--help` says of each of them.
  public static func described(_ name: String, _ core: String) -> CommandConfiguration {
    CommandConfiguration(
      commandName: name,
      abstract: "Runs \(core) in a simulated cluster, one seed after the other, and checks what it promises.",
      discussion: """
        Each seed is a cluster of its own with lost, late, repeated and reordered messages, partitions, pauses, skewed \
        clocks, and crashes that lose what was not synced. Exit code 1 means that a promise was broken, or that the seeds \
        did too little.
        """)
  }

  public func run() async throws {
    if shared.allBugs { return await tabulateBugs() }
    let options = shared.options(bug: shared.bug, adjust)
    let totals = await Totals<System>.of(shared.range, options, jobs: shared.jobs)
    print(totals.table)
    if let (seed, violation) = totals.violations.first {
      print("VIOLATION \(violation)")
      print("repeat: \(repetition(of: seed))")
      throw ExitCode(1)
    }
    // One seed, or one node, cannot meet a percentage over many.
    guard shared.seeds >= 20, options.nodeCount > 1, !totals.vacuities.isEmpty else { return }
    for vacuity in totals.vacuities { print("TOO LITTLE HAPPENED: \(vacuity)") }
    throw ExitCode(1)
  }

  private func tabulateBugs() async {
    for bug in System.Options.Bug.allCases {
      let totals = await Totals<System>.of(shared.range, shared.options(bug: bug, adjust), jobs: shared.jobs)
      let causes = Dictionary(grouping: totals.violations, by: \.violation.invariant)
        .sorted { ($1.value.count, $0.key) < ($0.value.count, $1.key) }
        .map { "\($0.key) \($0.value.count)" }
      print("\(bug.rawValue): \(totals.violations.count) of \(totals.seeds) (\(causes.joined(separator: ", ")))")
    }
  }

  /// The command as it was given, for one seed only.
  private func repetition(of seed: UInt64) -> String {
    let kept = withoutSeeds(CommandLine.arguments.dropFirst())
    return ([Self._commandName] + kept + ["--seeds", "1", "--first-seed", "\(seed)"]).joined(separator: " ")
  }
}

/// Arguments without those that say which seeds to run.
func withoutSeeds(_ arguments: ArraySlice<String>) -> [String] {
  var kept: [String] = []
  var rest = arguments
  while let argument = rest.popFirst() {
    let name = argument.prefix { $0 != "=" }
    if !["--seeds", "--first-seed", "--jobs"].contains(name) {
      kept.append(argument)
    } else if name == argument {
      rest = rest.dropFirst()
    }
  }
  return kept
}
