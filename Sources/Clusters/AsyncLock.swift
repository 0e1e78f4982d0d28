import Synchronization

/// Mutual exclusion across suspension points, first come, first served.
///
/// An actor alone does not give it: at each `await` another caller may enter. A cancelled caller still gets its turn,
/// because a heal or a kill must be done even when the task that asks is being cancelled.
final class AsyncLock: Sendable {
  private struct State {
    var isHeld = false
    var waiting: [CheckedContinuation<Void, Never>] = []
  }

  private let state = Mutex(State())

  func with<Result: Sendable>(_ body: @Sendable () async throws -> Result) async rethrows -> Result {
    await acquire()
    defer { release() }
    return try await body()
  }

  private func acquire() async {
    await withCheckedContinuation { continuation in
      let isFree = state.withLock { state in
        if state.isHeld { state.waiting.append(continuation) }
        defer { state.isHeld = true }
        return !state.isHeld
      }
      if isFree { continuation.resume() }
    }
  }

  private func release() {
    let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
      if state.waiting.isEmpty {
        state.isHeld = false
        return nil
      }
      return state.waiting.removeFirst()
    }
    next?.resume()
  }
}

extension Result where Failure == any Error {
  /// What an asynchronous call gave or threw, for callers that go on either way.
  init(_ body: () async throws -> Success) async {
    do {
      self = .success(try await body())
    } catch {
      self = .failure(error)
    }
  }
}
