import Clusters
import Histories

/// How one node stood still.
struct Standstill: Sendable {
  var node: String
  /// Its state after SIGSTOP.
  var stopped: ProcessState
  /// Its state before SIGCONT.
  var beforeWaking: ProcessState
  /// Its state after SIGCONT.
  var after = ProcessState.notStarted

  /// Whether the kernel said that every process of the node stood still. That another fault killed it later takes
  /// nothing from that.
  var tookEffect: Bool { stopped.isPaused }

  /// `n3: pid 17 in state T, then running`.
  var summary: String {
    guard case .paused(let pid) = stopped else { return "\(node): not in state T" }
    let end = beforeWaking == stopped ? "then \(after.words)" : "ended before it was resumed"
    return "\(node): pid \(pid) in state T, \(end)"
  }

  var detail: Value {
    [
      "node": .string(node), "pid": stopped.pid.map { .int(Int64($0)) } ?? .null, "paused": .bool(tookEffect),
      "held": .bool(beforeWaking == stopped), "resumed": .bool(after.isRunning),
    ]
  }
}

/// Proof of a pause: it took effect where every targeted node's processes were in state T.
func pauseEvidence(_ standstills: [Standstill]) -> FaultEvidence {
  FaultEvidence(
    took: !standstills.isEmpty && standstills.allSatisfy(\.tookEffect),
    summary: standstills.isEmpty ? "no node was to be paused" : standstills.map(\.summary).joined(separator: "; "),
    detail: ["nodes": .list(standstills.map(\.detail))])
}

extension ProcessState {
  var isPaused: Bool { if case .paused = self { true } else { false } }

  fileprivate var isRunning: Bool { if case .running = self { true } else { false } }

  fileprivate var words: String {
    switch self {
    case .running: "running"
    case .paused: "still paused"
    case .notStarted: "not started"
    case .exited(let code): "ended with code \(code)"
    case .signaled(let signal): "ended by signal \(signal)"
    }
  }
}
