import ArgumentParser
import Clusters
import Foundation
import Histories
import Nemesis
import Plans
import RunStore
import Runs

/// `faultline replay RUN`.
struct ReplayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Run again what a run did: the same plan, the same operations' seed, the very same faults.",
    discussion: """
      RUN is a run's directory (store/latest is the newest). Its plan.yaml, invocation.json and schedule.json are used, so \
      that neither a plan that was edited since nor another default changes the faults. Processes and networks keep \
      their own time all the same: --times tells how often a violation comes back.

      With --times above 1 each replay is a process of its own, a line each goes to standard error, and the runs are \
      thrown away unless --store names a folder. Exit code 1: a claim was broken again, at least once.

      Examples:
        faultline replay store/latest
        faultline replay store/latest --times 10 --fail-fast
        faultline replay store/latest --schedule store/latest/shrunk.json
      """)

  @Argument(help: ArgumentHelp("The directory of a run.", valueName: "run"))
  var directory: String

  @Option(help: ArgumentHelp("How often.", valueName: "n"))
  var times = 1

  @Option(
    help: ArgumentHelp(
      "Replays at a time; more than half as many as there are cores slow each other down.", valueName: "n"))
  var jobs = 1

  @OptionGroup var change: ReplayChange

  @Option(
    help: ArgumentHelp(
      "The folder that keeps runs: store, where nothing else is said of a single replay.", valueName: "folder")
  )
  var store: String?

  @Option(help: ArgumentHelp("text, or json for programs.", valueName: "form"))
  var output: RunCommand.OutputForm = .text

  /// The most replays of one command.
  static let timesMax = 1_000

  func validate() throws {
    guard (1...Self.timesMax).contains(times) else {
      throw ValidationError("--times must be from 1 to \(Self.timesMax)")
    }
    guard (1...MutantsCommand.jobsMax).contains(jobs) else {
      throw ValidationError("--jobs must be from 1 to \(MutantsCommand.jobsMax)")
    }
  }

  func run() throws {
    let (run, plan, schedule) = try change.readOrExit(directory)
    if times > 1 { try repeated(run) }
    try RunCommand.enterSandbox()
    let words = ["faultline", "replay", run.path] + change.words + (store.map { ["--store", $0] } ?? [])
    let session = RunSession(
      plan: plan, store: store ?? "store", reproduce: words.map(ShellQuoting.quote).joined(separator: " "),
      output: output, schedule: schedule, skipsUnavailable: change.skipUnavailable)
    RunCommand.end(session.run())
  }

  private func repeated(_ run: ReplayableRun) throws -> Never {
    let keeper = try RunKeeper(store: store, purpose: "replay")
    let trials = ReplayTrials(words: ["replay", run.path] + change.words, store: keeper.path)
    let (times, jobs) = (times, jobs)
    let result = Interruptible.run(told: "ending the replays that are under way (again to give that up)") {
      try await trials.run(times: times, jobs: jobs) { number, end in
        StandardError.print("replay \(number) of \(times): \(ReplayText.end(end))")
      }
    }
    keeper.close()
    let ends = try result.get()
    let report = ReplayReport(run: run.path, before: run.broken, times: times, ends: ends)
    switch output {
    case .text: print(ReplayText.text(report))
    case .json: print(report.value.json)
    }
    throw ArgumentParser.ExitCode(report.exit)
  }
}

/// What a replay is told to do otherwise than its run.
struct ReplayChange: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Other faults than the run's: a schedule.json, perhaps an edited one; the load is as long as it says.",
      valueName: "file"))
  var schedule: String?

  @Option(
    help: ArgumentHelp(
      "Another length of the load phase; faults that find no room are left out.", valueName: "duration"))
  var time: String?

  @Option(help: ArgumentHelp("Another number of client threads.", valueName: "threads"))
  var concurrency: String?

  @Option(help: ArgumentHelp("Another rate of operations.", valueName: "rate"))
  var rate: String?

  @Flag(inversion: .prefixedNo, help: "End the load at the first violation, or not, whatever the run did.")
  var failFast: Bool?

  @Flag(help: "Leave out, with a word on it, the faults that this machine does not allow.")
  var skipUnavailable = false

  /// As they were given.
  var words: [String] {
    var words: [String] = []
    for (name, value) in [
      ("--schedule", schedule), ("--time", time), ("--concurrency", concurrency), ("--rate", rate),
    ] {
      if let value { words += [name, value] }
    }
    if skipUnavailable { words.append("--skip-unavailable") }
    if let failFast { words.append(failFast ? "--fail-fast" : "--no-fail-fast") }
    return words
  }

  /// The run and what is to be done; what is wrong with either goes to standard error, exit 64.
  func readOrExit(_ directory: String) throws -> (run: ReplayableRun, plan: Plan, schedule: FaultSchedule) {
    do {
      let run = try ReplayableRun(at: directory)
      let other = try schedule.map { try RunFiles.read(json: FaultSchedule.self, from: $0) }
      let (plan, schedule) = try run.plan(
        .init(schedule: other, time: time, concurrency: concurrency, rate: rate, failFast: failFast))
      return (run, plan, schedule)
    } catch {
      StandardError.print("faultline: \(error)")
      throw ArgumentParser.ExitCode(Runs.ExitCode.usage)
    }
  }
}
