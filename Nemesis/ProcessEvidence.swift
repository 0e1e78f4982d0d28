import Clusters
import Histories

/// How one node died and came back.
struct Death: Sendable {
  var node: String
  /// What the kernel reported of its processes; empty where it reported nothing.
  var ends: [ProcessEnd]
  /// Its state after it was started again.
  var after: ProcessState

  /// Whether the kernel says that signal 9 ended every process of the node, and none of them runs on.
  var tookEffect: Bool {
    !ends.isEmpty && ends.allSatisfy { $0.signal == 9 && $0.pid != after.pid }
  }

  /// `n3: pid 17 ended by signal 9, back as pid 25`.
  var summary: String {
    let reports = ends.map { end in
      if let signal = end.signal { return "pid \(end.pid) ended by signal \(signal)" }
      return "pid \(end.pid) ended by itself with code \(end.code.map(String.init) ?? "unknown")"
    }
    let died = reports.isEmpty ? "no process ended" : reports.joined(separator: " and ")
    return "\(node): \(died), \(comeback)"
  }

  private var comeback: String {
    switch after {
    case .running(let pid): ends.contains { $0.pid == pid } ? "still there as pid \(pid)" : "back as pid \(pid)"
    case .paused(let pid): "paused as pid \(pid)"
    case .notStarted: "not started again"
    case .exited(let code): "down again with code \(code)"
    case .signaled(let signal): "down again by signal \(signal)"
    }
  }

  var detail: Value {
    ["node": .string(node), "ends": .list(ends.map(\.detail)), "pid": after.pid.map { .int(Int64($0)) } ?? .null]
  }
}

/// Proof of a kill: it took effect where every targeted node's processes were ended by signal 9.
func deathEvidence(_ deaths: [Death]) -> FaultEvidence {
  FaultEvidence(
    took: !deaths.isEmpty && deaths.allSatisfy(\.tookEffect),
    summary: deaths.isEmpty ? "no node was to be killed" : deaths.map(\.summary).joined(separator: "; "),
    detail: ["nodes": .list(deaths.map(\.detail))])
}

extension ProcessEnd {
  /// Its pid, and the signal or the code.
  var detail: Value {
    [
      "pid": .int(Int64(pid)), "signal": signal.map { .int(Int64($0)) } ?? .null,
      "code": code.map { .int(Int64($0)) } ?? .null,
    ]
  }
}

extension ProcessState {
  /// It ran and ended, by itself or not.
  var hasEnded: Bool {
    switch self {
    case .exited, .signaled: true
    case .notStarted, .running, .paused: false
    }
  }

  /// Signal 9 ended it: somebody's fault, or the kernel when memory was short.
  var isKilled: Bool { self == .signaled(signal: 9) }

  /// It does not exist: a paused process does.
  var isDown: Bool { hasEnded || self == .notStarted }

  /// Of the process that exists now.
  var pid: Int32? {
    switch self {
    case .running(let pid), .paused(let pid): pid
    case .notStarted, .exited, .signaled: nil
    }
  }
}
