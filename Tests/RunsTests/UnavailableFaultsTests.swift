import Clusters
import Nemesis
import Testing

@testable import Runs

/// Faults that a machine does not allow.
@Suite struct UnavailableFaultsTests {
  /// Three nodes whose processes can be started and killed, and nothing else.
  private struct BareCluster: ClusterControl, ProcessControl, PrimaryControl {
    let nodes = (1...3).map {
      Node(name: "n\($0)", number: $0, address: "198.18.0.1\($0)", ports: [:], dataDirectory: "/d", logFile: "/l")
    }
    var processes: (any ProcessControl)? { self }
    var network: (any NetworkControl)? { nil }
    var primaries: (any PrimaryControl)? { self }
    var membership: (any MembershipControl)? { nil }

    func primaries() async -> [String] { [] }
    func start(_ node: String) async throws {}
    func stop(_ node: String, graceSeconds: Double) async throws -> [ProcessEnd] { [] }
    func kill(_ node: String) async throws -> [ProcessEnd] { [] }
    func pause(_ node: String) async throws {}
    func resume(_ node: String) async throws {}
    func state(_ node: String) throws -> ProcessState { .notStarted }
  }

  private static func settings(_ name: String, _ targets: String...) -> FaultSettings {
    FaultSettings(name: name, targets: targets, every: 2, hold: 1)
  }

  @Test func `what can be done is kept, and the rest is told with its reason`() {
    let asked = [
      Self.settings("kill", "one", "primary"), Self.settings("partition", "halves"),
      Self.settings("packet-delay", "one", "all"),
    ]
    let faults = UnavailableFaults(asked, on: BareCluster()) { $0 == .packets ? "no queue here" : nil }
    #expect(faults.available == [asked[0]])
    #expect(
      faults.reasons == [
        "partition (halves): this kind of cluster cannot cut its network", "packet-delay (one): no queue here",
        "packet-delay (all): no queue here",
      ])
    #expect(faults.refusal.contains("--skip-unavailable") && faults.refusal.contains("no queue here"))
  }

  @Test func `a fault loses only the targets that are impossible`() {
    let faults = UnavailableFaults([Self.settings("kill", "one", "nobody")], on: BareCluster()) { _ in nil }
    #expect(faults.available == [Self.settings("kill", "one")])
    #expect(faults.reasons.count == 1 && faults.reasons[0].contains("has no target `nobody`"))
    #expect(UnavailableFaults([], on: BareCluster()) { _ in nil }.reasons.isEmpty)
  }
}
