import Nemesis
import Synchronization

/// Time that moves only when a test says so.
final class ManualClock: Sendable {
  private struct Sleeper {
    var id: Int
    var until: Int64
    var wake: CheckedContinuation<Void, any Error>
  }

  private struct State {
    var now: Int64 = 0
    var idNext = 0
    var sleepers: [Sleeper] = []
    var cancelled: Set<Int> = []
    /// A test that waits until so many sleep.
    var watchers: [(count: Int, wake: CheckedContinuation<Void, Never>)] = []
    /// The test was cancelled at its time limit: nobody sleeps any more.
    var collapsed = false
  }

  private let state = Mutex(State())

  var now: Int64 { state.withLock { $0.now } }
  var clock: NemesisClock {
    NemesisClock(now: { self.now }, sleep: { try await self.sleep(until: $0) })
  }

  /// A clock that jumps to the end of every sleep: for a single fault, tested to its end at once.
  var jumping: NemesisClock {
    NemesisClock(
      now: { self.now },
      sleep: { until in
        try Task.checkCancellation()
        self.state.withLock { $0.now = max($0.now, until) }
      })
  }

  /// Returns when exactly `count` sleep; wakes everybody when the test is cancelled, so that it fails and does not hang.
  func whenAsleep(_ count: Int) async {
    await withTaskCancellationHandler {
      await withCheckedContinuation { wake in
        let ready = state.withLock { state in
          if state.collapsed || state.sleepers.count == count { return true }
          state.watchers.append((count, wake))
          return false
        }
        if ready { wake.resume() }
      }
    } onCancel: {
      collapse()
    }
  }

  private func collapse() {
    let (sleepers, watchers) = state.withLock { state in
      state.collapsed = true
      defer { (state.sleepers, state.watchers) = ([], []) }
      return (state.sleepers, state.watchers)
    }
    for sleeper in sleepers { sleeper.wake.resume(throwing: CancellationError()) }
    for watcher in watchers { watcher.wake.resume() }
  }

  /// Moves on to the earliest end of a sleep, wakes that sleeper alone, and returns the time.
  @discardableResult
  func wakeNext() -> Int64? {
    let next = state.withLock { state -> (Int64, Sleeper)? in
      guard let index = state.sleepers.indices.min(by: { state.sleepers[$0].until < state.sleepers[$1].until }) else {
        return nil
      }
      let sleeper = state.sleepers.remove(at: index)
      state.now = max(state.now, sleeper.until)
      return (state.now, sleeper)
    }
    next?.1.wake.resume()
    return next?.0
  }

  /// The time becomes this; nobody wakes.
  func set(_ time: Int64) { state.withLock { $0.now = time } }

  private func sleep(until: Int64) async throws {
    let id = state.withLock { state in
      state.idNext += 1
      return state.idNext
    }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { wake in add(Sleeper(id: id, until: until, wake: wake)) }
    } onCancel: {
      let sleeper = state.withLock { state -> Sleeper? in
        guard let index = state.sleepers.firstIndex(where: { $0.id == id }) else {
          state.cancelled.insert(id)
          return nil
        }
        return state.sleepers.remove(at: index)
      }
      sleeper?.wake.resume(throwing: CancellationError())
    }
  }

  private func add(_ sleeper: Sleeper) {
    let (cancelled, ready) = state.withLock { state -> (Bool, [CheckedContinuation<Void, Never>]) in
      if state.collapsed || state.cancelled.remove(sleeper.id) != nil { return (true, []) }
      state.sleepers.append(sleeper)
      let ready = state.watchers.filter { $0.count == state.sleepers.count }.map(\.wake)
      state.watchers.removeAll { $0.count == state.sleepers.count }
      return (false, ready)
    }
    if cancelled { sleeper.wake.resume(throwing: CancellationError()) }
    for watcher in ready { watcher.resume() }
  }
}
