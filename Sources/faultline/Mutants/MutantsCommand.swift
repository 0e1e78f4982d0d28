import ArgumentParser
import Foundation
import Generators
import Histories
import Plans
import Runs
import Synchronization
import Systems

/// `faultline mutants SYSTEM|PLAN.yaml`.
struct MutantsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mutants",
    abstract: "Run a system with each of its named bugs, and without, and count which are caught.",
    discussion: """
      A plan's `mutants:` block names the parameter of the system whose choices are the bugs. Each is tried with the \
      plan's own workload and faults (or those that the block names for it), on fresh seeds; so is the system without a \
      bug, on each of these workloads in turn. A try of a bug is a row of runs, ever longer, until a claim is found broken \
      or the time is over. A bug counts as caught when at least 9 of 10 of its tries find a violation. The table goes to \
      standard output, a line for each try to standard error.

      Exit code 0: every bug was caught and no run without a bug raised an alarm; 1: one was missed, or there was a \
      false alarm; 75: a run failed.

      Examples:
        faultline mutants paxos-log
        faultline mutants raft-kv --bugs stale-read,short-quorum --runs 3 --time 20s
        faultline mutants message-queue --bugs none --runs 50
      """)

  @Argument(help: "A bundled system, or a plan file.")
  var target: String

  @Option(
    help: ArgumentHelp("Only these bugs, separated by commas; none: runs without a bug.", valueName: "names"))
  var bugs: String?

  @Option(help: ArgumentHelp("Tries of each bug, and runs without one.", valueName: "n"))
  var runs = 10

  @Option(help: ArgumentHelp("Load of each try in all, unless a violation ends it.", valueName: "duration"))
  var time = "45s"

  @Option(
    help: ArgumentHelp(
      "Tries at a time. Each has a cluster of its own; more than half as many as there are cores slow each other down.",
      valueName: "n"))
  var jobs = 1

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
  /// The most tries at a time: each is a cluster of processes.
  static let jobsMax = 64

  func validate() throws {
    guard (1...Self.runsMax).contains(runs) else { throw ValidationError("--runs must be from 1 to \(Self.runsMax)") }
    guard (1...Self.jobsMax).contains(jobs) else { throw ValidationError("--jobs must be from 1 to \(Self.jobsMax)") }
  }

  func run() throws {
    let (description, plan, choices) = try planOrExit()
    let drawn = seed ?? UInt64.random(in: 1...999_999)
    let keeper = try RunKeeper(store: store, purpose: "mutants")
    defer { keeper.close() }
    let campaign = campaign(description, plan, choices, seed: drawn)
    let trials = MutantTrials(
      campaign: campaign, arguments: { [self] in arguments(description, $0, $1) }, store: keeper.path,
      progress: { StandardError.print(MutantsText.progress($0, $1)) })
    let jobs = jobs
    let cancelled = Mutex(false)
    let rows = try Interruptible.run(told: "ending the runs that are under way (again to give that up)") {
      let rows = try await trials.run(jobs: jobs)
      cancelled.withLock { $0 = Task.isCancelled }
      return rows
    }.get()
    let report = MutantReport(
      system: plan.name, seed: drawn, rows: rows, isInterrupted: cancelled.withLock { $0 })
    switch output {
    case .text: print(MutantsText.text(report) + "\nRepeat with:\n" + reproduce(seed: drawn))
    case .json: print(report.value.json)
    }
    throw ArgumentParser.ExitCode(report.exit)
  }

  /// What to run: nil among the choices stands for no bug.
  private func campaign(
    _ description: MutantsDescription, _ plan: Plan, _ choices: [String?], seed: UInt64
  ) -> MutantCampaign {
    let rows = choices.compactMap(\.self).map { bug in
      MutantCampaign.Row(bug: bug, workload: workload ?? description.workloads[bug] ?? plan.workload.name)
    }
    var workloads: [String] = []
    if choices.contains(nil) {
      workloads = [plan.workload.name]
      for name in description.workloads.sorted(by: { $0.key < $1.key }).map(\.value)
      where workload == nil && !workloads.contains(name) {
        workloads.append(name)
      }
    }
    return MutantCampaign(
      bugs: rows, workloads: workloads, runs: runs, load: Int64(plan.durationSeconds * 1_000),
      seeds: RandomStreams(seed: seed).stream("mutants/seeds"))
  }

  /// The plan, its bugs, and those that are asked for, none, if it is among them, first: nil.
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
    guard !wanted.isEmpty else {
      throw ValidationError("--bugs names no bug; it may be: \(([none] + known).joined(separator: ", "))")
    }
    for name in wanted where !known.contains(name) && name != none {
      throw ValidationError(UnknownName.message("bug", name, known: known))
    }
    return (description, plan, (wanted.contains(none) ? [nil] : []) + known.filter { wanted.contains($0) })
  }

  /// Of `faultline run`, without the store.
  private func arguments(
    _ description: MutantsDescription, _ row: MutantCampaign.Row, _ round: MutantCampaign.Round
  ) -> [String] {
    var words = ["run", target, "--workload", row.workload]
    if let bug = row.bug { words += ["--set", "\(description.parameter)=\(bug)"] }
    let named = row.bug.flatMap { description.faults[$0]?.joined(separator: ",") }
    if let faults = faults ?? named { words += ["--faults", faults] }
    return words + ["--time", "\(round.load)ms", "--fail-fast", "--seed", "\(round.seed)"]
  }

  /// The same command with the seed filled in.
  private func reproduce(seed: UInt64) -> String {
    var words = ["faultline", "mutants", target, "--runs", "\(runs)", "--time", time, "--seed", "\(seed)"]
    if jobs > 1 { words += ["--jobs", "\(jobs)"] }
    for (name, value) in [("--bugs", bugs), ("--faults", faults), ("--workload", workload), ("--store", store)] {
      if let value { words += [name, value] }
    }
    return words.map(ShellQuoting.quote).joined(separator: " ")
  }
}
