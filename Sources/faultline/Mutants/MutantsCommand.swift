import ArgumentParser
import Foundation
import Generators
import Histories
import Plans
import Runs
import Systems

/// `faultline mutants SYSTEM|PLAN.yaml`.
struct MutantsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mutants",
    abstract: "Run a system with each of its named bugs, and without, and count which are caught.",
    discussion: """
      A plan's `mutants:` block names the parameter of the system whose choices are the bugs. Each is run with the \
      plan's own workload (or the one that the block names for it) and faults, on fresh seeds, until a claim is found \
      broken or the time is over; so is the system without a bug. A bug counts as caught when at least 9 of 10 of its \
      runs find a violation. The table goes to standard output, a line for each run to standard error.

      Exit code 0: every bug was caught and no run without a bug raised an alarm; 1: one was missed, or there was a \
      false alarm; 75: a run failed.

      Examples:
        faultline mutants paxos-log
        faultline mutants raft-kv --bugs stale-read,short-quorum --runs 3 --time 20s
      """)

  @Argument(help: "A bundled system, or a plan file.")
  var target: String

  @Option(
    help: ArgumentHelp("Only these bugs, separated by commas; none: only runs without a bug.", valueName: "names"))
  var bugs: String?

  @Option(help: ArgumentHelp("Runs of each bug, and without one.", valueName: "n"))
  var runs = 10

  @Option(
    help: ArgumentHelp("Length of the load phase of each run, unless a violation ends it.", valueName: "duration"))
  var time = "40s"

  @Option(help: ArgumentHelp("Faults in place of the plan's.", valueName: "faults"))
  var faults: String?

  @Option(help: ArgumentHelp("Workload of every bug in place of the plan's.", valueName: "name"))
  var workload: String?

  @Option(help: ArgumentHelp("The seed that the runs' seeds are drawn from; without it one is drawn.", valueName: "n"))
  var seed: UInt64?

  @Option(help: ArgumentHelp("The folder that keeps the runs; without it they are thrown away.", valueName: "folder"))
  var store: String?

  @Option(help: ArgumentHelp("text, or json for programs.", valueName: "form"))
  var output: RunCommand.OutputForm = .text

  /// The most runs of one bug.
  private static let runsMax = 1_000

  func validate() throws {
    guard (1...Self.runsMax).contains(runs) else { throw ValidationError("--runs must be from 1 to \(Self.runsMax)") }
  }

  func run() throws {
    let (description, plan, choices) = try planOrExit()
    let drawn = seed ?? UInt64.random(in: 1...999_999)
    var seeds = RandomStreams(seed: drawn).stream("mutants/seeds")
    let keeper = try RunKeeper(store: store)
    defer { keeper.close() }
    var rows: [MutantRow] = []
    for bug in choices {
      let workload = workload ?? bug.flatMap { description.workloads[$0] } ?? plan.workload.name
      var row = MutantRow(bug: bug, workload: workload, runs: [])
      for _ in 0..<runs {
        let arguments = arguments(bug, description, workload, seed: UInt64(1 + seeds.below(999_999)))
        let run = try MutantProcess.run(arguments, store: keeper.path)
        row.runs.append(run)
        StandardError.print(progress(row, run))
      }
      rows.append(row)
    }
    let report = MutantReport(system: plan.name, seed: drawn, rows: rows)
    switch output {
    case .text: print(MutantsText.text(report) + "\nRepeat with:\n" + reproduce(seed: drawn))
    case .json: print(report.value.json)
    }
    throw ArgumentParser.ExitCode(report.exit)
  }

  /// The plan, its bugs, and those that are asked for, none first: nil.
  private func planOrExit() throws -> (MutantsDescription, Plan, [String?]) {
    let plan: Plan
    do {
      let builder = PlanBuilder(defaultSeed: 1, currentDirectory: FileManager.default.currentDirectoryPath)
      plan = try builder.plan(
        target, PlanOverrides(workload: workload, faults: faults, time: time))
    } catch {
      StandardError.print("\(error)")
      throw ArgumentParser.ExitCode(Runs.ExitCode.usage)
    }
    guard let description = plan.mutants,
      let parameter = plan.system.parameters.first(where: { $0.name == description.parameter }),
      case .choice(let names) = parameter.kind
    else {
      throw ValidationError("the plan of '\(target)' has no mutants: block, which names the parameter with its bugs")
    }
    let known = names.filter { .string($0) != parameter.defaultValue }
    guard let wanted = bugs?.split(separator: ",").map(String.init) else { return (description, plan, [nil] + known) }
    let none = parameter.defaultValue.string ?? ""
    for name in wanted where !known.contains(name) && name != none {
      throw ValidationError(UnknownName.message("bug", name, known: known))
    }
    return (description, plan, [nil] + wanted.filter { $0 != none })
  }

  /// Of `faultline run`, without the store.
  private func arguments(_ bug: String?, _ description: MutantsDescription, _ workload: String, seed: UInt64)
    -> [String]
  {
    var words = ["run", target, "--workload", workload]
    if let bug { words += ["--set", "\(description.parameter)=\(bug)"] }
    if let faults { words += ["--faults", faults] }
    return words + ["--time", time, "--fail-fast", "--seed", "\(seed)"]
  }

  /// The same command with the seed filled in.
  private func reproduce(seed: UInt64) -> String {
    var words = ["faultline", "mutants", target, "--runs", "\(runs)", "--time", time, "--seed", "\(seed)"]
    for (name, value) in [("--bugs", bugs), ("--faults", faults), ("--workload", workload), ("--store", store)] {
      if let value { words += [name, value] }
    }
    return words.map(ShellQuoting.quote).joined(separator: " ")
  }

  private func progress(_ row: MutantRow, _ run: MutantRun) -> String {
    let found = run.isCaught ? run.broken.joined(separator: ", ") : "exit \(run.exit)"
    return "\(row.bug ?? "(none)") \(row.runs.count)/\(runs): \(found) after \(MutantsText.duration(run.seconds))"
  }
}

/// The folder of the runs: one that stays, or one that goes with the command.
private struct RunKeeper {
  let path: String
  private let isTemporary: Bool

  init(store: String?) throws {
    isTemporary = store == nil
    path = store ?? FileManager.default.temporaryDirectory.path + "/faultline-mutants-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  func close() {
    if isTemporary { try? FileManager.default.removeItem(atPath: path) }
  }
}
