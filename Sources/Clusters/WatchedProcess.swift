import CLinux
import Glibc
import Synchronization

/// A process whose end the kernel tells us through its pidfd: a child of ours, or one that a node left behind.
///
/// Signals and the reaping take one lock, so a signal can never hit a stranger that got the number meanwhile: until the
/// child is reaped its number, and that of its group, stay taken.
final class WatchedProcess: Sendable {
  private struct State {
    var end: ProcessEnd?
    var isEndExpected = false
    var waiters: [Int: CheckedContinuation<ProcessEnd?, Never>] = [:]
    var nextWaiter = 0
  }

  let pid: Int32
  /// Open until the end was collected.
  let pidfd: Int32
  /// Only a child's end has a code; of others the kernel tells us no more than that they ended.
  private let isChild: Bool
  private let onEnd: @Sendable (ProcessEnd, _ isExpected: Bool) -> Void
  private let state = Mutex(State())

  init(
    pid: Int32, pidfd: Int32, isChild: Bool,
    onEnd: @escaping @Sendable (ProcessEnd, _ isExpected: Bool) -> Void = { _, _ in }
  ) {
    self.pid = pid
    self.pidfd = pidfd
    self.isChild = isChild
    self.onEnd = onEnd
  }

  var end: ProcessEnd? { state.withLock { $0.end } }
  var isAlive: Bool { end == nil }

  /// From now on its end is what we asked for, and no news.
  func expectEnd() { state.withLock { $0.isEndExpected = true } }

  /// Signals its process group, of which it is the leader. Nothing happens after its end.
  func signalGroup(_ signal: Int32) {
    state.withLock { if $0.end == nil { _ = kill(-pid, signal) } }
  }

  func signal(_ signal: Int32) {
    state.withLock { if $0.end == nil { _ = fl_pidfd_signal(pidfd, signal) } }
  }

  /// Its end, as soon as the kernel tells; nil when that took longer.
  func end(withinSeconds seconds: Double) async -> ProcessEnd? {
    let id = state.withLock { state in
      defer { state.nextWaiter += 1 }
      return state.nextWaiter
    }
    // A task of its own: the wait must not be cut short by the cancellation of the one that asks.
    let timer = Task {
      try await Task.sleep(for: .seconds(seconds))
      let waiter = state.withLock { $0.waiters.removeValue(forKey: id) }
      waiter?.resume(returning: nil)
    }
    defer { timer.cancel() }
    return await withCheckedContinuation { continuation in
      let end = state.withLock { state in
        if state.end == nil { state.waiters[id] = continuation }
        return state.end
      }
      if let end { continuation.resume(returning: end) }
    }
  }

  /// Takes the end when the pidfd has become readable. False when it was a false alarm.
  func collect() -> Bool {
    let collected = state.withLock { state -> (ProcessEnd, Bool, [CheckedContinuation<ProcessEnd?, Never>])? in
      guard let end = reap() else { return nil }
      defer { state.waiters.removeAll() }
      state.end = end
      close(pidfd)
      return (end, state.isEndExpected, Array(state.waiters.values))
    }
    guard let (end, isExpected, waiters) = collected else { return false }
    onEnd(end, isExpected)
    for waiter in waiters { waiter.resume(returning: end) }
    return true
  }

  private func reap() -> ProcessEnd? {
    guard isChild else { return ProcessEnd(pid: pid, signal: nil, code: nil) }
    var code: Int32 = 0
    var signal: Int32 = 0
    let error = fl_reap(pidfd, &code, &signal)
    if error == EAGAIN { return nil }
    if error != 0 { return ProcessEnd(pid: pid, signal: nil, code: nil) }
    return ProcessEnd(pid: pid, signal: signal == 0 ? nil : signal, code: signal == 0 ? code : nil)
  }
}
