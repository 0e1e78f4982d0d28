import Clusters
import Histories

/// How one node ended when it was asked to, and came back.
struct Restart: Sendable {
  var node: String
  /// What the kernel reported of its processes; empty where it reported nothing.
  var ends: [ProcessEnd]
  /// Its state right after it was started again.
  var back: ProcessState
  /// Its state when the fault was healed.
  var after = ProcessState.notStarted

  /// Whether every process ended, none because time was up, and others run in their place.
  var tookEffect: Bool {
    guard let pid = back.pid else { return false }
    return !ends.isEmpty && ends.allSatisfy { $0.signal != 9 && $0.pid != pid }
  }

  /// `n3: pid 17 ended with code 0, back as pid 25`.
  var summary: String {
    let reports = ends.map { end in
      if end.signal == 9 { return "pid \(end.pid) had to be killed, as its time to end was up" }
      if let signal = end.signal { return "pid \(end.pid) ended by signal \(signal)" }
      return "pid \(end.pid) ended with code \(end.code.map(String.init) ?? "unknown")"
    }
    let ended = reports.isEmpty ? "no process ended" : reports.joined(separator: " and ")
    let pid = back.pid.map { "back as pid \($0)" } ?? "not back"
    return "\(node): \(ended), \(pid)" + (back.pid != nil && after.isDown ? ", down again" : "")
  }

  var detail: Value {
    [
      "node": .string(node), "ends": .list(ends.map(\.detail)), "pid": back.pid.map { .int(Int64($0)) } ?? .null,
      "running": .bool(!after.isDown),
    ]
  }
}

/// Proof of a restart: it took effect where every targeted node ended without being killed, and came back.
func restartEvidence(_ restarts: [Restart]) -> FaultEvidence {
  FaultEvidence(
    took: !restarts.isEmpty && restarts.allSatisfy(\.tookEffect),
    summary: restarts.isEmpty ? "no node was to be restarted" : restarts.map(\.summary).joined(separator: "; "),
    detail: ["nodes": .list(restarts.map(\.detail))])
}
