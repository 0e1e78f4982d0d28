import Clusters
import Histories

/// What one node ran before and after it was changed.
struct VersionChange: Sendable {
  var node: String
  var version: String
  /// Empty where nothing ran.
  var before: [RunningProgram]
  var after: [RunningProgram]

  /// Whether the kernel says that other programs run now, or the same with other arguments, and none from before.
  var tookEffect: Bool {
    guard !before.isEmpty, !after.isEmpty else { return false }
    let isOther = after.contains { now in !before.contains { $0.isSame(as: now) } }
    return isOther && !after.contains { now in before.contains { $0.pid == now.pid } }
  }

  /// `n3: pid 25 runs what pid 17 did not: /usr/bin/kvd --format 2`.
  var summary: String {
    let pids = { (programs: [RunningProgram]) in programs.map { "\($0.pid)" }.joined(separator: " ") }
    if after.isEmpty { return "\(node): nothing runs" }
    let new = after.filter { now in !before.contains { $0.isSame(as: now) } }
    guard !new.isEmpty else { return "\(node): pid \(pids(after)) runs the same as before" }
    let lines = new.map { program in
      let differing = program.commandLine.filter { word in !before.contains { $0.commandLine.contains(word) } }
      return differing.isEmpty ? program.executable : differing.joined(separator: " ")
    }
    return "\(node): pid \(pids(new)) in place of \(pids(before)), now with \(lines.joined(separator: " and "))"
  }

  var detail: Value {
    let programs = { (programs: [RunningProgram]) -> Value in
      .list(
        programs.map {
          [
            "pid": .int(Int64($0.pid)), "executable": .string($0.executable),
            "commandLine": .list($0.commandLine.map { .string($0) }),
          ]
        })
    }
    return ["node": .string(node), "version": .string(version), "before": programs(before), "after": programs(after)]
  }
}

/// Proof of a change: it took effect where every targeted node ran something else.
func versionEvidence(_ changes: [VersionChange]) -> FaultEvidence {
  FaultEvidence(
    took: !changes.isEmpty && changes.allSatisfy(\.tookEffect),
    summary: changes.isEmpty ? "no node was to be changed" : changes.map(\.summary).joined(separator: "; "),
    detail: ["nodes": .list(changes.map(\.detail))])
}
