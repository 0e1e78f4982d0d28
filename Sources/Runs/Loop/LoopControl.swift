import Generators
import Histories
import Synchronization
import Systems

/// How a run is going, for the progress line and for the phases that wait for something.
public struct LoopCounts: Sendable, Hashable {
  public var ok = 0
  public var fail = 0
  public var info = 0
  public var inFlight = 0
  /// Whatever their outcome.
  public var ended: Int { ok + fail + info }
  /// Responses that met no rule of the plan.
  public var unclassified = 0
  /// Requests that were sent once more.
  public var resent = 0
}

/// The line between the client loop's thread and everybody else.
///
/// Others post commands and read counts; the loop drains the commands between two waits.
package final class LoopControl: Sendable {
  package enum Command: Sendable {
    /// Put an event of the nemesis into the history.
    case record(Event)
    /// Go on with another generator, made from the history so far: the next phase.
    case replace(@Sendable (History) -> any Generator)
    /// Invoke nothing more; finish when nothing is in flight.
    case stop
  }

  private struct State {
    var commands: [Command] = []
    var wake: (@Sendable () -> Void)?
    var ended: Result<History, any Error>?
    var waitingForIdle: [CheckedContinuation<Void, Never>] = []
    var waitingForEnd: [CheckedContinuation<History, any Error>] = []
    var idle = false
  }

  private let state = Mutex(State())
  private let ok = Atomic<Int>(0)
  private let fail = Atomic<Int>(0)
  private let info = Atomic<Int>(0)
  private let inFlight = Atomic<Int>(0)
  private let unclassified = Atomic<Int>(0)
  private let resentCount = Atomic<Int>(0)

  package var counts: LoopCounts {
    LoopCounts(
      ok: ok.load(ordering: .relaxed), fail: fail.load(ordering: .relaxed), info: info.load(ordering: .relaxed),
      inFlight: inFlight.load(ordering: .relaxed), unclassified: unclassified.load(ordering: .relaxed),
      resent: resentCount.load(ordering: .relaxed))
  }

  /// For any thread: takes effect before the loop's next dispatch, and none once the loop has ended.
  package func post(_ command: Command) {
    let wake: (@Sendable () -> Void)? = state.withLock { state in
      guard state.ended == nil else { return nil }
      state.commands.append(command)
      if case .replace = command { state.idle = false }
      return state.wake
    }
    wake?()
  }

  /// Whether the loop's thread is through, for whatever reason.
  package var hasEnded: Bool { state.withLock { $0.ended != nil } }

  /// Returns when the current generator is exhausted and nothing is in flight, or when the loop has ended.
  package func untilIdle() async {
    await withCheckedContinuation { continuation in
      let already = state.withLock { state in
        if state.idle || state.ended != nil { return true }
        state.waitingForIdle.append(continuation)
        return false
      }
      if already { continuation.resume() }
    }
  }

  /// The history, when the loop has ended.
  ///
  /// - Throws: what ended the loop before its time.
  package func untilEnd() async throws -> History {
    try await withCheckedThrowingContinuation { continuation in
      let ended = state.withLock { state in
        if state.ended == nil { state.waitingForEnd.append(continuation) }
        return state.ended
      }
      if let ended { continuation.resume(with: ended) }
    }
  }
}

extension LoopControl {
  /// How many wait for the loop to be idle or to end.
  var waiting: Int { state.withLock { $0.waitingForIdle.count + $0.waitingForEnd.count } }
}

/// What only the loop's thread calls.
extension LoopControl {
  func attach(wake: @escaping @Sendable () -> Void) { state.withLock { $0.wake = wake } }

  func drain() -> [Command] {
    state.withLock { state in
      defer { state.commands.removeAll() }
      return state.commands
    }
  }

  func invoked() { inFlight.add(1, ordering: .relaxed) }

  func completed(_ outcome: OperationOutcome) {
    inFlight.subtract(1, ordering: .relaxed)
    if outcome.unclassified { unclassified.add(1, ordering: .relaxed) }
    switch outcome.type {
    case .ok: ok.add(1, ordering: .relaxed)
    case .fail: fail.add(1, ordering: .relaxed)
    default: info.add(1, ordering: .relaxed)
    }
  }

  /// - Parameter count: of all requests so far that were sent once more.
  func resent(_ count: Int) { resentCount.store(count, ordering: .relaxed) }

  /// The current generator has nothing more. Unless a command came in meanwhile, whoever waits goes on.
  func becameIdle() {
    let waiting: [CheckedContinuation<Void, Never>] = state.withLock { state in
      guard state.commands.isEmpty else { return [] }
      state.idle = true
      defer { state.waitingForIdle.removeAll() }
      return state.waitingForIdle
    }
    for continuation in waiting { continuation.resume() }
  }

  func end(_ result: Result<History, any Error>) {
    let (idle, end) = state.withLock { state in
      state.ended = result
      state.wake = nil
      state.commands.removeAll()
      defer {
        state.waitingForIdle.removeAll()
        state.waitingForEnd.removeAll()
      }
      return (state.waitingForIdle, state.waitingForEnd)
    }
    for continuation in idle { continuation.resume() }
    for continuation in end { continuation.resume(with: result) }
  }
}
