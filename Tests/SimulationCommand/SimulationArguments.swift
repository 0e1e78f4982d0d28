import ArgumentParser
import SimulationKit

/// What the commands of all simulations understand.
public struct SimulationArguments<Options: SimulationOptions>: ParsableArguments
where Options.Bug: ExpressibleByArgument, Options.Canary: ExpressibleByArgument {
  @Option(help: "How many seeds to run.")
  var seeds: UInt64 = 2000

  @Option(help: "The first seed.")
  var firstSeed: UInt64 = 1

  @Option(help: "Seeds to run at the same time.")
  var jobs = 2

  @Option(
    help: "Members of each cluster at its start; \(Options().cluster.nodes) if nothing else asks for another number.")
  var nodes: Int?

  @Option(help: "Plant a bug, and steer towards what it needs.")
  var bug: Options.Bug?

  @Flag(help: "Run all bugs, one after the other, and print how many seeds find each.")
  var allBugs = false

  @Option(help: "Break what safety rests on.")
  var canary: Options.Canary?

  @Flag(help: "Let each message and each record travel as bytes.")
  var encodes = false

  @Option(
    help: "The least progress that each seed must make; \(Options().cluster.progressMin) if nothing else asks for less."
  )
  var progressMin: Int?

  public init() {}

  public func validate() throws {
    guard (1...256).contains(jobs) else { throw ValidationError("--jobs must be from 1 to 256") }
    guard seeds > 0 else { throw ValidationError("--seeds must be at least 1") }
    guard !firstSeed.addingReportingOverflow(seeds).overflow else {
      throw ValidationError("--first-seed is too large for so many seeds")
    }
    guard nodes.map(Options.nodesAllowed.contains) ?? true else {
      throw ValidationError(
        "--nodes must be from \(Options.nodesAllowed.lowerBound) to \(Options.nodesAllowed.upperBound)")
    }
  }

  var range: Range<UInt64> { firstSeed..<firstSeed + seeds }

  /// What the arguments ask for, above what a bug needs and what the system's own arguments ask for.
  func options(bug: Options.Bug?, _ adjust: (inout Options) -> Void) -> Options {
    var options = Options()
    if let bug { options.plant(bug) }
    options.canary = canary
    options.cluster.encodes = encodes
    adjust(&options)
    if let nodes { options.cluster.nodes = nodes }
    if let progressMin { options.cluster.progressMin = progressMin }
    return options
  }
}
