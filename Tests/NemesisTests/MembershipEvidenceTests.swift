import Clusters
import Histories
import Testing

@testable import Nemesis

/// What proves that somebody left.
@Suite struct MembershipEvidenceTests {
  let cluster = FakeCluster(4)
  let fault = MembershipFault(clock: ManualClock().jumping)
  var membership: FakeMembership { cluster.fakeMembership }

  init() { cluster.fakePrimaries.answer([["n1"]]) }

  private func evidence(_ target: String) async throws -> FaultEvidence {
    _ = try await fault.inject(action("membership", target, order: ["n3", "n4", "n1", "n2"]), in: cluster)
    return try await fault.heal(in: cluster)
  }

  @Test func saysWhoListedWhomAndWhatWasAnswered() async throws {
    membership.configure { state in
      state.silent = ["n2"]
      state.stale["n3"] = state.nodes
    }
    let evidence = try await evidence("one")
    #expect(evidence.took)
    #expect(evidence.summary == "n3 left by the word of n1 n4; removals: n3 accepted; all back after 50 ms")
    let all: Value = ["n1", "n2", "n3", "n4"]
    let without: Value = ["n1", "n2", "n4"]
    #expect(
      evidence.detail == [
        "members": [
          ["node": "n1", "before": all, "during": [without, without], "after": all],
          ["node": "n2", "before": "timeout", "during": ["timeout", "timeout"], "after": "timeout"],
          ["node": "n3", "before": all, "during": [all, all], "after": all],
          ["node": "n4", "before": all, "during": [without, without], "after": all],
        ],
        "requests": [
          ["change": "remove", "node": "n3", "via": "n1", "answer": "accepted", "times": 1],
          ["change": "add", "node": "n3", "via": "n1", "answer": "accepted", "times": 1],
        ],
        "nanoseconds": 50_000_000, "missing": [],
      ])
  }

  @Test func onePartOfAShrinkingIsEnough() async throws {
    membership.configure { $0.script = [.unknown("timeout")] }
    let evidence = try await evidence("shrink")
    #expect(evidence.took)
    #expect(evidence.summary.contains(" left by the word of n1 n2 n3 n4; removals: n4 "))
    #expect(evidence.summary.contains("unknown (timeout)"))
  }

  @Test func anAcceptedChangeThatNobodyListsIsNone() async throws {
    membership.configure { $0.ignores = true }
    let evidence = try await evidence("minority")
    #expect(!evidence.took)
    #expect(evidence.summary == "no node was seen to leave; removals: n3 accepted; all back after 50 ms")
  }

  /// It lags behind an earlier homecoming: what it lacks did not leave now.
  @Test func whoWasNotListedBeforeDidNotLeave() async throws {
    membership.configure { state in
      state.stale["n2"] = ["n1", "n2"]
      state.ignores = true
    }
    #expect(try await !evidence("one").took)
  }

  @Test func healingNothingProvesNothing() async throws {
    #expect(try await !fault.heal(in: cluster).took)
  }
}
