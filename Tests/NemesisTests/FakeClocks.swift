import Clusters
import Synchronization

/// Clocks of nodes with one process each, on a true time that only `now` moves.
final class FakeClocks: ClockControl {
  struct State {
    /// By node, then by owner: the skew, and when it was set.
    var skews: [String: [String: (skew: ClockSkew, since: Int64)]] = [:]
    var now: @Sendable () -> Int64 = { 0 }
    /// `set` answers as if all were well, and sets nothing.
    var ignores = false
    var fails: Set<String> = []
    /// No process runs there.
    var down: Set<String> = []
    /// `n1 clock-bump 5000000000 0`, …
    var calls: [String] = []

    func ahead(_ node: String) -> Int64 {
      (skews[node] ?? [:]).values.reduce(0) { total, entry in
        total + entry.skew.offsetNanoseconds + (now() - entry.since) * entry.skew.ratePPM / 1_000_000
      }
    }
  }

  let state = Mutex(State())

  func configure(_ change: @Sendable (inout State) -> Void) { state.withLock { change(&$0) } }
  func ahead(_ node: String) -> Int64 { state.withLock { $0.ahead(node) } }
  var calls: [String] { state.withLock { $0.calls } }
  var skewed: [String] { state.withLock { $0.skews.filter { !$0.value.isEmpty }.keys.sorted() } }

  func set(_ node: String, _ skew: ClockSkew, by owner: String) async throws -> [ClockStep] {
    try Task.checkCancellation()
    return try state.withLock { state in
      state.calls.append("\(node) \(owner) \(skew.offsetNanoseconds) \(skew.ratePPM)")
      if state.fails.contains(node), skew != .none { throw Planned() }
      let before = state.ahead(node)
      let had = state.skews[node]?[owner] != nil
      if !state.ignores { state.skews[node, default: [:]][owner] = skew == .none ? nil : (skew, state.now()) }
      let isDone = (skew == .none && !had) || state.down.contains(node)
      return isDone ? [] : [ClockStep(pid: 201, before: before, after: state.ahead(node))]
    }
  }

  func measure(_ node: String) async throws -> [ClockReading] {
    [ClockReading(pid: 201, aheadNanoseconds: ahead(node))]
  }
}
