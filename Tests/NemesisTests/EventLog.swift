import Histories
import Nemesis
import Synchronization

/// What the runner emitted, in order; a test can wait for an event.
final class EventLog: Sendable {
  private struct State {
    var events: [NemesisEvent] = []
    var watchers: [(text: String, wake: CheckedContinuation<Void, Never>)] = []
    /// The test was cancelled at its time limit: nobody waits any more.
    var collapsed = false
  }

  private let state = Mutex(State())

  var events: [NemesisEvent] { state.withLock { $0.events } }
  var lines: [String] { events.map(\.line) }

  func append(_ event: NemesisEvent) {
    let ready = state.withLock { state in
      state.events.append(event)
      let ready = state.watchers.filter { $0.text == event.line }.map(\.wake)
      state.watchers.removeAll { $0.text == event.line }
      return ready
    }
    for watcher in ready { watcher.resume() }
  }

  /// Returns when an event with this line was emitted, or the test is cancelled.
  func when(_ line: String) async {
    await withTaskCancellationHandler {
      await withCheckedContinuation { wake in
        let ready = state.withLock { state in
          if state.collapsed || state.events.contains(where: { $0.line == line }) { return true }
          state.watchers.append((line, wake))
          return false
        }
        if ready { wake.resume() }
      }
    } onCancel: {
      let watchers = state.withLock { state in
        state.collapsed = true
        defer { state.watchers = [] }
        return state.watchers
      }
      for watcher in watchers { watcher.wake.resume() }
    }
  }
}

extension NemesisEvent {
  /// `1500 healed partition#2`: milliseconds, what, which action.
  var line: String {
    let name = action.map { "\($0.fault)#\($0.id)" } ?? ""
    let what =
      switch self {
      case .injecting: "injecting \(name)"
      case .injected(_, let targets, _): "injected \(name) on \(targets)"
      case .skipped(_, let reason, _): "skipped \(name): \(reason)"
      case .healing: "healing \(name)"
      case .healed(_, let evidence, _): "healed \(name) \(evidence.took ? "took" : "did nothing")"
      case .failed(_, let step, let message, _): "failed to \(step.rawValue) \(name): \(message)"
      case .restoreFailed(let fault, let message, _): "failed to restore \(fault): \(message)"
      }
    return "\(time / 1_000_000) \(what)"
  }
}
