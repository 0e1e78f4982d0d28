import ArgumentParser
import Foundation
import Nemesis
import Plans
import RunStore
import Runs
import Synchronization

/// `faultline shrink RUN`.
struct ShrinkCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "shrink",
    abstract: "Find the fewest faults, the shortest load and the fewest clients that still break what a run broke.",
    discussion: """
      RUN is the directory of a run that broke a claim. Faults are left out, the load is shortened, clients are taken \
      away and faults made shorter, as long as at least half of --tries replays break a claim; loads below 2 s and faults \
      below 0.1 s are not tried. What is left is written \
      into the run's directory, as shrunk.json, replayed --times times, and shown with the command that replays it. Progress goes \
      to standard error. An interruption, or the end of the time, keeps what was reached.

      Examples:
        faultline shrink store/latest
        faultline shrink store/latest --tries 5 --time-budget 30m
      """)

  @Argument(help: ArgumentHelp("The directory of a run.", valueName: "run"))
  var directory: String

  @Option(help: ArgumentHelp("Replays of each smaller case, at most; half of them must break a claim.", valueName: "n"))
  var tries = 3

  @Option(help: ArgumentHelp("Replays of the smallest case, to tell how often it breaks a claim.", valueName: "n"))
  var times = 10

  @Option(
    help: ArgumentHelp("How long to go on searching: 90s, 10m, 1h.", valueName: "duration"),
    transform: DurationArgument.parse)
  var timeBudget = DurationArgument(seconds: 600)

  func validate() throws {
    guard (1...99).contains(tries) else { throw ValidationError("--tries must be from 1 to 99") }
    guard (1...ReplayCommand.timesMax).contains(times) else {
      throw ValidationError("--times must be from 1 to \(ReplayCommand.timesMax)")
    }
  }

  func run() throws {
    let (run, plan, schedule) = try ReplayChange.parse([]).readOrExit(directory)
    guard run.isJudged else {
      StandardError.print("faultline: \(run.path) has no results.json that can be read: nobody knows what it broke")
      throw ArgumentParser.ExitCode(Runs.ExitCode.usage)
    }
    guard !run.broken.isEmpty else {
      StandardError.print("faultline: \(run.path) broke no claim: there is nothing to shrink")
      throw ArgumentParser.ExitCode(Runs.ExitCode.usage)
    }
    let keeper = try RunKeeper(store: nil, purpose: "shrink")
    let start = ShrinkCase(
      actions: schedule.actions, load: Int64(plan.durationSeconds * 1e9), threads: plan.concurrency)
    let session = ShrinkSession(
      run: run, schedule: schedule, start: start, folder: keeper.path, tries: tries,
      deadline: .now + .seconds(timeBudget.seconds))
    let times = times
    let result = Interruptible.run(told: "keeping what was reached") { try await session.run(times: times) }
    keeper.close()
    switch result {
    case .success(let outcome):
      print(outcome.text)
      throw ArgumentParser.ExitCode(outcome.exit)
    case .failure(is CancellationError):
      StandardError.print("faultline: interrupted before anything smaller was found")
      throw ArgumentParser.ExitCode(Runs.ExitCode.interrupted)
    case .failure(let error):
      StandardError.print("faultline: \(error)")
      throw ArgumentParser.ExitCode(Runs.ExitCode.environment)
    }
  }
}

/// One search.
struct ShrinkSession: Sendable {
  /// The time is over.
  private struct IsOver: Error {}

  let run: ReplayableRun
  /// The run's own.
  let schedule: FaultSchedule
  let start: ShrinkCase
  /// For schedules and runs that are thrown away.
  let folder: String
  let tries: Int
  let deadline: ContinuousClock.Instant

  struct Outcome: Sendable {
    var text: String
    var exit: Int32
  }

  func run(times: Int) async throws -> Outcome {
    StandardError.print("the run again: \(Self.words(start)); is it broken again in half of \(tries) replays?")
    guard try await fails(start, "first") else {
      return Outcome(
        text: "The run is not broken again often enough to be shrunk: try more --tries, or look how often it is with\n"
          + command(["--times", "10", "--fail-fast"]), exit: ExitCode.unknown)
    }
    let number = Atomic(0)
    var search = ShrinkSearch(start) { candidate in
      guard ContinuousClock.now < deadline else { throw IsOver() }
      let place = number.add(1, ordering: .relaxed).newValue
      let isBroken = try await fails(candidate, "\(place)")
      StandardError.print("\(isBroken ? "broken" : "      ")  \(Self.words(candidate))")
      return isBroken
    }
    var ending = "Nothing more can go (loads below 2 s and faults below 0.1 s are not tried)."
    do {
      try await search.run()
    } catch is IsOver {
      ending = "The time is over."
    } catch is CancellationError {
      ending = "Interrupted."
    }
    let isInterrupted = Task.isCancelled
    var outcome = try await conclude(search, ending, times: isInterrupted ? 0 : times)
    if isInterrupted { outcome.exit = ExitCode.interrupted }
    return outcome
  }

  private func conclude(_ search: ShrinkSearch, _ ending: String, times: Int) async throws -> Outcome {
    let file = RunDirectory(path: run.path).file(RunFile.shrunk)
    try write(search.best, to: file)
    let words = ["--schedule", file] + Self.changes(search.best)
    var lines = [
      "\(ending) \(search.tried) smaller cases were tried.", "From: \(Self.words(start))",
      "To:   \(Self.words(search.best))",
    ]
    lines += search.best.actions.map { action in
      "  \(Self.seconds(action.at)) \(action.fault) \(action.target) for \(Self.seconds(action.hold))"
    }
    if times > 0 {
      let trials = ReplayTrials(words: ["replay", run.path, "--fail-fast"] + words, store: folder)
      let ends = try await trials.run(times: times, jobs: 1)
      lines.append("\(ends.count { $0.exit == ExitCode.violation }) of \(ends.count) replays of it broke a claim.")
    }
    return Outcome(text: (lines + ["Replay it with:", command(words)]).joined(separator: "\n"), exit: ExitCode.met)
  }

  private func fails(_ candidate: ShrinkCase, _ name: String) async throws -> Bool {
    let file = "\(folder)/\(name).json"
    try write(candidate, to: file)
    let words = ["replay", run.path, "--fail-fast", "--schedule", file] + Self.changes(candidate)
    return try await ReplayTrials(words: words, store: folder).failsMostly(tries: tries)
  }

  private func write(_ candidate: ShrinkCase, to file: String) throws {
    var smaller = schedule
    smaller.actions = candidate.actions
    smaller.durationNanoseconds = candidate.load
    try RunFiles.write(json: smaller, to: file)
  }

  private static func changes(_ candidate: ShrinkCase) -> [String] {
    ["--concurrency", "\(candidate.threads)"]
  }

  private func command(_ words: [String]) -> String {
    (["faultline", "replay", run.path] + words).map(ShellQuoting.quote).joined(separator: " ")
  }

  /// `7 faults (kill 3, partition 4), 10.0 s, 6 clients`.
  private static func words(_ candidate: ShrinkCase) -> String {
    let counts = Dictionary(grouping: candidate.actions, by: \.fault).sorted { $0.key < $1.key }
      .map { "\($0.key) \($0.value.count)" }
    let number = candidate.actions.count == 1 ? "1 fault" : "\(candidate.actions.count) faults"
    let faults = counts.isEmpty ? "no faults" : "\(number) (\(counts.joined(separator: ", ")))"
    let clients = candidate.threads == 1 ? "1 client" : "\(candidate.threads) clients"
    return "\(faults), \(seconds(candidate.load)), \(clients)"
  }

  private static func seconds(_ nanoseconds: Int64) -> String { MutantsText.duration(Double(nanoseconds) / 1e9) }
}
