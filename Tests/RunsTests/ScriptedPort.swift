import Foundation
import Generators
import Histories
import Synchronization
import Systems

@testable import RunStore
@testable import Runs

/// What a scripted client saw, and what it answers at each wait of the loop.
///
/// Loop, port and script share one thread, so that the order of events is the test's, not the scheduler's.
final class Script {
  struct Started: Equatable {
    var slot: Int
    var operation: PendingOperation
    var node: Int
    /// CLOCK_MONOTONIC, nanoseconds.
    var at: Int64
    /// Of its invocation in the history.
    var index: Int { operation.id - 1 }
  }

  /// A loop that waits more often than any script needs is stuck.
  static let waitsMax = 1000

  struct Stuck: Error {}

  let control = LoopControl()
  let clock = RunClock()
  private(set) var started: [Started] = []
  /// By slot.
  private(set) var running: [Int: Started] = [:]
  /// The deadlines that the loop gave.
  private(set) var deadlines: [Int64] = []
  /// Called in `start`, with the operation.
  var onStart: (Started) -> Void = { _ in }
  private var steps: [(Script) throws -> Void]
  private var answers: [PortCompletion] = []

  /// - Parameter steps: one for each wait; later waits complete all that runs as `ok`, and end the loop when nothing does.
  init(_ steps: ((Script) throws -> Void)...) { self.steps = steps }

  /// Completes the operation on the slot, at `time` of CLOCK_MONOTONIC (now, if nil).
  func finish(
    _ slot: Int, _ type: EventType = .ok, value: Value? = nil, error: String? = nil, unclassified: Bool = false,
    at time: Int64? = nil
  ) throws {
    guard let operation = running.removeValue(forKey: slot)?.operation else { throw Stuck() }
    let outcome = OperationOutcome(
      type: type, value: value ?? operation.value, error: error, unclassified: unclassified)
    answers.append(PortCompletion(slot: slot, outcome: outcome, time: time ?? RunClock.monotonic()))
  }

  fileprivate func start(_ operation: Started) {
    started.append(operation)
    running[operation.slot] = operation
    onStart(operation)
  }

  fileprivate func wait(until deadline: Int64) throws -> [PortCompletion] {
    deadlines.append(deadline)
    guard deadlines.count <= Self.waitsMax else { throw Stuck() }
    if !steps.isEmpty {
      try steps.removeFirst()(self)
    } else if running.isEmpty {
      control.post(.stop)
    } else {
      for slot in running.keys.sorted() { try finish(slot) }
    }
    defer { answers = [] }
    return answers
  }
}

/// A client in memory that does what a script says.
struct ScriptedPort: OperationPort, ~Copyable {
  var resent: Int { 0 }
  let script: Script

  mutating func start(slot: Int, _ operation: PendingOperation, node: Int) {
    script.start(.init(slot: slot, operation: operation, node: node, at: RunClock.monotonic()))
  }

  mutating func wait(until deadline: Int64, into completions: inout [PortCompletion]) throws {
    completions.append(contentsOf: try script.wait(until: deadline))
  }
}

/// A client that never answers: it waits until the deadline, or until it is woken.
struct SilentPort: OperationPort, ~Copyable {
  var resent: Int { 0 }
  let wake: DispatchSemaphore

  mutating func start(slot: Int, _ operation: PendingOperation, node: Int) {}

  mutating func wait(until deadline: Int64, into completions: inout [PortCompletion]) {
    let nanoseconds = max(0, deadline - RunClock.monotonic())
    _ = wake.wait(timeout: .now() + .nanoseconds(Int(nanoseconds)))
  }
}

/// A folder that ends with the test.
final class ScratchFolder: Sendable {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.appending(path: "runs-tests-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { path + "/" + name }

  func bytes(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: file(name))))
  }

  func write(_ text: String, to name: String) throws { try Data(text.utf8).write(to: URL(fileURLWithPath: file(name))) }
}

/// Runs a loop on this thread against a script; the history is left in the folder's `history.jsonl`, too.
func runLoop(
  _ generator: any Generator, _ script: Script, clients: Int = 2, nodes: [String] = ["n1", "n2", "n3"],
  placement: Placement = .roundRobin, keyed: Bool = false, folder: ScratchFolder
) throws -> History {
  let scheduler = Scheduler(generator: generator, clients: clients, nodes: nodes, placement: placement)
  let journal = Journal(writer: try HistoryWriter(path: folder.file("history.jsonl")), keyed: keyed)
  var loop = ClientLoop(
    scheduler: scheduler, port: ScriptedPort(script: script), journal: journal, clock: script.clock,
    control: script.control)
  return try loop.run()
}

/// The same, where nobody looks at the disk.
func runLoop(
  _ generator: any Generator, _ script: Script, clients: Int = 2, nodes: [String] = ["n1", "n2", "n3"],
  placement: Placement = .roundRobin, keyed: Bool = false
) throws -> History {
  try runLoop(
    generator, script, clients: clients, nodes: nodes, placement: placement, keyed: keyed, folder: ScratchFolder())
}

/// Starts a loop with a silent client on a thread of its own, which keeps the folder.
func startSilentLoop(_ generator: any Generator, folder: ScratchFolder) -> LoopControl {
  let control = LoopControl()
  let thread = Thread {
    control.end(
      Result {
        let wake = DispatchSemaphore(value: 0)
        control.attach { wake.signal() }
        var loop = ClientLoop(
          scheduler: Scheduler(generator: generator, clients: 2, nodes: ["n1"]), port: SilentPort(wake: wake),
          journal: Journal(writer: try HistoryWriter(path: folder.file("history.jsonl")), keyed: false),
          clock: RunClock(), control: control)
        return try loop.run()
      })
  }
  thread.start()
  return control
}

extension History {
  /// One word an event: process, type, function.
  var words: [String] { events.map { "\($0.process) \($0.type.name) \($0.function)" } }
}
