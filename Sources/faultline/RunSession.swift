import Dispatch
import Foundation
import Histories
import Nemesis
import Plans
import Reports
import RunStore
import Runs
import Synchronization

/// One run as a person at a terminal (or a CI log) sees it.
struct RunSession {
  let plan: Plan
  let store: String
  let reproduce: String
  let output: RunCommand.OutputForm
  /// What the nemesis does; nil: what the plan's faults and the seed give.
  var schedule: FaultSchedule?
  /// Whether faults that this machine does not allow are left out.
  var skipsUnavailable = false

  /// Runs, reports, and returns the exit code.
  func run() -> Int32 {
    signal(SIGPIPE, SIG_IGN)  // a reader that has gone away must not cost the verdict
    let display = ProgressDisplay()
    let options = RunOptions(
      store: store, programs: Self.ownFolder, reproduce: reproduce, version: faultlineVersion,
      schedule: schedule, skipsUnavailable: skipsUnavailable, observe: { display.show($0) },
      announce: { display.note($0) },
      inspect: { cluster in
        display.note(Freezer.text(cluster))
        await Freezer.untilEnter()
      })
    for line in header { StandardError.print("faultline: \(line)") }
    let plan = plan
    let result = Interruptible.run { try await Run(plan: plan, options: options).execute() }
    display.clear()
    switch result {
    case .success(let outcome): return report(outcome)
    case .failure(is CancellationError):
      StandardError.print("faultline: interrupted before the first operation")
      return Runs.ExitCode.interrupted
    case .failure(let error):
      StandardError.print("faultline: \(error)")
      return Runs.ExitCode.environment
    }
  }

  /// What must be known before the run is worth waiting for.
  private var header: [String] {
    (plan.bug.map { ["\(plan.name) has the bug '\($0)' on purpose"] } ?? [])
      + [plan.misplacedBug].compactMap(\.self) + plan.notices
  }

  private func report(_ outcome: RunOutcome) -> Int32 {
    var report: String?
    do {
      report = try HTMLReport.write(runDirectory: outcome.directory.path)
    } catch {
      StandardError.print("faultline: the report could not be written: \(error)")
    }
    switch output {
    case .text:
      let style = TerminalStyle.detect(descriptor: STDOUT_FILENO, environment: ProcessInfo.processInfo.environment)
      if let drawing = drawing(outcome, style) { print(drawing) }
      print(VerdictSummary.text(outcome.results, report: report, style: style), terminator: "")
    case .json:
      let bytes = (try? RunFiles.read(outcome.directory.file(RunFile.results))) ?? []
      try? FileHandle.standardOutput.write(contentsOf: Data(bytes))
    }
    return outcome.results.exit
  }

  /// The first counterexample, or else the first cycle of transactions, drawn.
  private func drawing(_ outcome: RunOutcome, _ style: TerminalStyle) -> String? {
    guard let file = outcome.results.claims.flatMap(\.counterexamples).first else {
      let broken = outcome.results.claims.first { $0.verdict == .invalid && $0.isolation != nil }
      return broken?.isolation.flatMap { IsolationText.draw($0, style: style) }
    }
    let path = outcome.directory.file(RunFile.counterexamples) + "/" + file
    let counterexample = try? RunFiles.read(json: Counterexample.self, from: path)
    return counterexample.map { CounterexampleText.draw($0, style: style) }
  }

  /// The folder of this program: the bundled systems stand beside it.
  static var ownFolder: String {
    let path =
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
    return URL(fileURLWithPath: path).deletingLastPathComponent().path
  }
}

/// The progress line, fed from any thread.
final class ProgressDisplay: Sendable {
  private struct State {
    var writer: ProgressWriter
    var last: (ok: Int, seconds: Double) = (0, 0)
    var rate = 0.0
  }

  private let state: Mutex<State>

  init() {
    let style = TerminalStyle.detect(descriptor: STDERR_FILENO, environment: ProcessInfo.processInfo.environment)
    state = Mutex(State(writer: ProgressWriter(style: style)))
  }

  func show(_ progress: RunProgress) {
    state.withLock { state in
      let counts = progress.counts
      let total = counts.ok + counts.fail + counts.info
      if progress.seconds - state.last.seconds >= 0.5 {
        state.rate = Double(total - state.last.ok) / (progress.seconds - state.last.seconds)
        state.last = (total, progress.seconds)
      }
      let line = ProgressState(
        phase: progress.phase.rawValue, elapsedSeconds: progress.seconds, totalSeconds: progress.loadSeconds,
        ok: counts.ok, fail: counts.fail, info: counts.info, rate: state.rate, faults: progress.faults)
      if let text = state.writer.update(line, now: Int64(progress.seconds * 1e9)) { StandardError.write(text) }
    }
  }

  /// A line, or several, that stay.
  func note(_ text: String) {
    state.withLock { state in
      StandardError.write(state.writer.clear())
      StandardError.print(text)
    }
  }

  func clear() { state.withLock { StandardError.write($0.writer.clear()) } }
}

/// Runs async work from a synchronous command; SIGINT, SIGTERM and SIGHUP cancel it once, a second one kills.
enum Interruptible {
  /// From the first signal until another one kills.
  private static let graceSeconds = 1.0

  /// - Parameter told: what happens now, for whoever sent the signal.
  static func run<Success: Sendable>(
    told: String = "healing, and judging what was recorded (again to give that up)",
    _ work: @escaping @Sendable () async throws -> Success
  ) -> Result<Success, any Error> {
    let result = Mutex<Result<Success, any Error>?>(nil)
    let done = DispatchSemaphore(value: 0)
    let task = Task {
      let ended: Result<Success, any Error>
      do { ended = .success(try await work()) } catch { ended = .failure(error) }
      result.withLock { $0 = ended }
      done.signal()
    }
    let sources = [SIGINT, SIGTERM, SIGHUP].map { number in cancel(task, on: number, told) }
    done.wait()
    for source in sources { source.cancel() }
    return result.withLock { $0 } ?? .failure(CancellationError())
  }

  private static func cancel(
    _ task: Task<Void, Never>, on number: Int32, _ told: String
  ) -> any DispatchSourceSignal {
    signal(number, SIG_IGN)
    let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
    source.setEventHandler {
      guard !task.isCancelled else { return }
      task.cancel()
      StandardError.print("\nfaultline: interrupted; \(told)")
      // Not at once: two quick presses are one.
      DispatchQueue.global().asyncAfter(deadline: .now() + graceSeconds) { signal(number, SIG_DFL) }
    }
    source.resume()
    return source
  }
}
