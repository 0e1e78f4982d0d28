import Histories
import RunStore
import Testing

/// Workloads of transactions on a real cluster, one after the other.
@Suite(.serialized) struct TransactionRunTests {
  /// A bug and exactly what it is to be found as.
  struct Planted: Sendable, CustomTestStringConvertible {
    var bug: String
    var workload: String
    /// nil for the workload's own. What breaks the claim comes first among the findings, which are limited.
    var claim: String?
    /// The strongest level that certainly holds, and the weakest that do not; nil where the workload knows no levels.
    /// What sessions are guaranteed beside them is left to chance.
    var holds: String?
    var broken: Set<String> = []
    /// One that is among the findings.
    var anomaly: String

    var testDescription: String { "\(bug) on \(workload)" }
  }

  static let planted = [
    Planted(
      bug: "txn-snapshot", workload: "list-append", holds: "strong-snapshot-isolation",
      broken: ["repeatable-read", "update-serializable"], anomaly: "G2-item"),
    Planted(
      bug: "txn-snapshot", workload: "write-skew", holds: "strong-snapshot-isolation",
      broken: ["repeatable-read", "update-serializable"], anomaly: "G2-item"),
    Planted(
      // A read after an own append shows what was committed meanwhile: mostly monotonic atomic view is broken too.
      bug: "txn-read-committed", workload: "list-append", holds: "read-committed",
      broken: ["read-atomic", "cursor-stability"], anomaly: "internal"),
    Planted(
      bug: "txn-dirty", workload: "list-append", holds: "read-uncommitted", broken: ["read-committed"],
      anomaly: "G1b"),
    Planted(
      bug: "txn-lost-update", workload: "list-append", claim: "cursor-stability", holds: "read-committed",
      broken: ["read-atomic", "cursor-stability"], anomaly: "lost-update"),
    Planted(bug: "txn-lost-update", workload: "bank", anomaly: "wrong-total"),
    Planted(bug: "txn-read-committed", workload: "long-fork", anomaly: "long-fork"),
  ]

  @Test(arguments: planted)
  func `a bug of transactions is caught as what it is`(_ planted: Planted) async throws {
    // Caught on at least nine of ten seeds (`make soak` counts): three fresh ones must not all miss it.
    for attempt in 1...3 {
      let folder = try Folder()
      let ended = try await Command.run(
        ["run", "raft-kv", "--workload", planted.workload, "--set", "bug=\(planted.bug)", "--time", "10s"]
          + (planted.claim.map { ["--claim", $0] } ?? []), in: folder.path)
      if ended.exit != 1, attempt < 3 { continue }
      #expect(ended.exit == 1, "\(ended.output)\n\(ended.errors)")
      let claim = try #require(folder.results().claims.first)
      #expect(claim.verdict == .invalid)
      #expect(claim.findings.contains { $0.anomaly == planted.anomaly }, "\(claim.findings.map(\.anomaly))")
      #expect(claim.isolation.map { _ in true } == planted.holds.map { _ in true })
      guard let levels = claim.isolation, let holds = planted.holds else { return }
      let verdicts = Dictionary(uniqueKeysWithValues: levels.ladder.map { ($0.level, $0.verdict) })
      #expect(verdicts[holds] == .valid, "\(levels.strongestSatisfied)")
      for level in planted.broken { #expect(verdicts[level] == .invalid, "\(level)") }
      return
    }
  }

  @Test(arguments: [
    ("list-append", "strict-serializable"), ("rw-register", "strict-serializable"),
    ("write-skew", "strict-serializable"), ("long-fork", "no-long-fork"), ("bank", "total-conserved"),
  ])
  func `a correct cluster keeps its transactions apart under partitions and kills`(
    workload: String, claim: String
  ) async throws {
    let folder = try Folder()
    let ended = try await Command.run(
      ["run", "raft-kv", "--workload", workload, "--faults", "partition,kill", "--time", "10s"], in: folder.path)
    #expect(ended.exit == 0, "\(ended.output)\n\(ended.errors)")
    let results = try folder.results()
    #expect(results.claims.map(\.claim) == [claim, "recovers", "no-panic"])
    #expect(results.claims.allSatisfy { $0.verdict == .valid })
    #expect(results.minimums.filter { !$0.reached }.isEmpty, "\(results.minimums)")
    let checked = try await Command.run(["check", folder.latest], in: folder.path)
    #expect(checked.exit == 0 && checked.output.contains("valid"), "\(checked.output)\n\(checked.errors)")
    #expect(checked.output.contains("workload \(workload) of raft-kv, seed "), "\(checked.output)")
    #expect(checked.output.contains("\(claim) holds"), "\(checked.output)")
  }

  @Test func `any level can be claimed, and one that does not hold is found`() async throws {
    let folder = try Folder()
    let arguments = [
      "run", "raft-kv", "--workload", "write-skew", "--set", "bug=txn-snapshot", "--time", "8s", "--faults", "none",
      "--claim", "snapshot-isolation",
    ]
    let weak = try await Command.run(arguments, in: folder.path)
    #expect(weak.exit == 0, "\(weak.output)\n\(weak.errors)")
    let strong = try await Command.run(arguments + ["--claim", "serializable"], in: folder.path)
    #expect(strong.exit == 1, "\(strong.output)\n\(strong.errors)")
    let verdicts = try folder.results().claims.prefix(2).map { "\($0.claim) \($0.verdict.rawValue)" }
    #expect(verdicts == ["snapshot-isolation valid", "serializable invalid"])
  }
}
