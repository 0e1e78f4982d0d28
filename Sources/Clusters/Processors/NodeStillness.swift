import Synchronization

/// Who may let a node's processes stand still, and who may let them go on: the pause of a node, and whoever writes to its
/// processes' memory, go before a squeeze.
final class NodeStillness: Sendable {
  private struct State {
    var isPaused = false
    var holders = 0
    var isSqueezed = false
  }

  private let state = Mutex(State())

  /// A pause began or ended.
  func setPaused(_ isPaused: Bool) { state.withLock { $0.isPaused = isPaused } }

  func setSqueezed(_ isSqueezed: Bool) { state.withLock { $0.isSqueezed = isSqueezed } }

  /// True where the processes stand still now and then, and nobody paused them for good.
  var isMereSqueeze: Bool { state.withLock { $0.isSqueezed && !$0.isPaused } }

  /// No squeeze signals the node's processes in the meantime.
  func whileHeld<Result>(_ body: () async throws -> Result) async rethrows -> Result {
    state.withLock { $0.holders += 1 }
    defer { state.withLock { $0.holders -= 1 } }
    return try await body()
  }

  /// A squeeze's signals, sent unless somebody else decides. False when not.
  func ifFree(_ signal: () -> Void) -> Bool {
    state.withLock { state in
      guard !state.isPaused, state.holders == 0 else { return false }
      signal()
      return true
    }
  }
}
