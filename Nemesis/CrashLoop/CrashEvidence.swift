import Clusters
import Histories

/// What one loop did to its node.
struct CrashRecord: Sendable {
  /// More pids are counted, not listed.
  static let pidsMax = 20

  var node: String
  /// How often all of the node's processes were ended by signal 9.
  var deaths = 0
  /// Of the processes that were killed, the first ones.
  var pids: [Int32] = []
  /// How often the node had ended by itself when it was to be killed: for `no-panic` to judge.
  var ownEnds = 0
  /// What the environment said when the loop could not go on.
  var problem: String?

  mutating func add(_ turn: CrashLoop.Turn) {
    if !turn.ends.isEmpty && turn.ends.allSatisfy({ $0.signal == 9 }) { deaths += 1 }
    if turn.hadEnded || turn.ends.contains(where: { $0.signal == nil }) { ownEnds += 1 }
    problem = turn.problem
    pids += turn.ends.filter { $0.signal == 9 }.map(\.pid).prefix(max(0, Self.pidsMax - pids.count))
  }
}

/// How one node died, over and over, and what became of it.
struct Crashes: Sendable {
  var record: CrashRecord
  /// Its state after healing.
  var after: ProcessState

  /// `n3: 7 deaths by signal 9, back as pid 25`.
  var summary: String {
    let deaths = "\(record.deaths) \(record.deaths == 1 ? "death" : "deaths") by signal 9"
    let own = record.ownEnds == 0 ? nil : "\(record.ownEnds) by itself"
    let words = [deaths, own, record.problem, after.pid.map { "back as pid \($0)" } ?? "not back"]
    return "\(record.node): \(words.compactMap { $0 }.joined(separator: ", "))"
  }

  var detail: Value {
    [
      "node": .string(record.node), "deaths": .int(Int64(record.deaths)), "own-ends": .int(Int64(record.ownEnds)),
      "killed": .list(record.pids.map { .int(Int64($0)) }), "problem": record.problem.map(Value.string) ?? .null,
      "pid": after.pid.map { .int(Int64($0)) } ?? .null,
    ]
  }
}

/// Proof of a crash loop: it took effect where every chosen node died at least `deathsMin` times by signal 9.
func crashEvidence(_ crashes: [Crashes], deathsMin: Int) -> FaultEvidence {
  FaultEvidence(
    took: !crashes.isEmpty && crashes.allSatisfy { $0.record.deaths >= deathsMin },
    summary: crashes.isEmpty ? "no node was to be killed" : crashes.map(\.summary).joined(separator: "; "),
    detail: ["deaths-min": .int(Int64(deathsMin)), "nodes": .list(crashes.map(\.detail))])
}
