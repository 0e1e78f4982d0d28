import ProtocolKit
import Testing

@testable import PaxosLog

/// Catching up, snapshots and truncation.
@Suite struct LearnerTests {
  private func passTime(_ trio: inout Trio, ticks: Int = 12) {
    for _ in 0..<ticks {
      trio.now += 10_000_000
      for id in Trio.members { trio.step(id, .tick) }
      trio.settle()
    }
  }

  @Test func aGapIsAskedForAndNotSkipped() throws {
    var trio = try Trio()
    trio.elect(1)
    trio.delivers = { message, _, to in
      if case .accept(let accept) = message, to == 3 { accept.firstSlot != 1 } else { true }
    }
    trio.append(1, at: 1, request: 1)
    trio.append(2, at: 1, request: 2)
    #expect(trio[3]?.log[1] == nil)
    #expect(trio[3]?.log[2] != nil)
    #expect(trio[3]?.chosenThrough == 0)
    passTime(&trio)
    #expect(trio.log(3) == [[1], [2]])
  }

  @Test func aProposalOfAnotherBallotIsNotTakenForChosen() throws {
    var trio = try Trio()
    let old = Ballot(round: 1, node: 2)
    let proposed = Accept(ballot: old, firstSlot: 1, values: [.command(command(9))], chosenThrough: 0)
    trio.step(3, .received(.accept(proposed), from: 2))
    let chosen = Chosen(ballot: Ballot(round: 2, node: 1), chosenThrough: 1)
    trio.step(3, .received(.chosen(chosen), from: 1))
    #expect(trio[3]?.chosenThrough == 0)
    let values = [Proposal(ballot: Ballot(round: 2, node: 1), value: .command(command(4)))]
    trio.step(3, .received(.values(ChosenValues(firstSlot: 1, proposals: values, chosenThrough: 1)), from: 1))
    #expect(trio.log(3) == [[4]])
  }

  /// Node 1 led and snapshotted `count` appends; node 3 heard nothing of them.
  private func snapshotted(_ count: UInt8, adjust: @escaping (inout Configuration) -> Void = { _ in }) throws -> Trio {
    var trio = try Trio {
      $0.snapshotInterval = 4
      $0.logTailSlots = 0
      $0.limits.snapshotChunkBytesMax = 50
      adjust(&$0)
    }
    trio.elect(1)
    trio.delivers = { _, _, to in to != 3 }
    for value in 1...count { trio.append(value, at: 1, request: RequestID(value)) }
    return trio
  }

  @Test func theLogIsTruncatedOnlyWhenTheSnapshotIsOnDisk() throws {
    var trio = try snapshotted(4)
    #expect(trio.snapshots[1]?.map(\.through) == [4])
    #expect(trio[1]?.log.base == 0)
    #expect(trio.batches[1]?.allSatisfy { $0.truncatedThrough == nil } == true)
    trio.step(1, .snapshotSaved(through: 4))
    #expect(trio[1]?.log.base == 4)
    #expect(trio.batches[1]?.last?.truncatedThrough == 4)
  }

  @Test func aTailOfTheLogStays() throws {
    var trio = try snapshotted(4) { $0.logTailSlots = 3 }
    trio.step(1, .snapshotSaved(through: 4))
    #expect(trio[1]?.log.base == 1)
  }

  @Test func aLearnerWithoutTheLogGetsASnapshotInParts() throws {
    var trio = try snapshotted(5)
    trio.step(1, .snapshotSaved(through: 4))
    trio.delivers = { _, _, _ in true }
    passTime(&trio)
    #expect(trio[3]?.chosenThrough == 5)
    #expect(trio[3]?.stateHash == trio[1]?.stateHash)
    #expect(trio.snapshots[3]?.map(\.through) == [4])
    // Its disk has neither the snapshot nor the slots, so the slots must not be taken for chosen there.
    #expect(trio.batches[3]?.last?.chosenThrough == 0)
    trio.step(3, .snapshotSaved(through: 4))
    #expect(trio.batches[3]?.last?.truncatedThrough == 4)
    #expect(trio.batches[3]?.last?.chosenThrough == 5)
  }

  @Test func aRestartContinuesFromSnapshotAndLog() throws {
    var trio = try snapshotted(6)
    trio.step(1, .snapshotSaved(through: 4))
    let hash = trio[1]?.stateHash
    trio.append(7, at: 1, request: 7)
    let recovered = trio.recovered(1, snapshot: trio.snapshots[1]?.first)
    try trio.restart(1, recovered)
    #expect(trio[1]?.chosenThrough == 6)
    #expect(trio[1]?.stateHash == hash)
    #expect(trio[1]?.log[7] != nil)
  }

  @Test func aMissingSnapshotIsNoticed() throws {
    var trio = try snapshotted(4)
    trio.step(1, .snapshotSaved(through: 4))
    #expect(throws: RecoveredState.SnapshotMissing.self) { try trio.restart(1, trio.recovered(1)) }
  }

  @Test func aDamagedSnapshotIsNoticed() throws {
    var trio = try snapshotted(4)
    var snapshot = try #require(trio.snapshots[1]?.first)
    snapshot.bytes[snapshot.bytes.count / 2] ^= 1
    #expect(throws: MalformedBytes.self) { try trio.restart(1, trio.recovered(1, snapshot: snapshot)) }
  }

  @Test func compactedStateReplaysToTheSame() throws {
    var trio = try snapshotted(6)
    trio.step(1, .snapshotSaved(through: 4))
    let recovered = trio.recovered(1, snapshot: trio.snapshots[1]?.first)
    var again = RecoveredState(snapshot: recovered.snapshot)
    again.replay(recovered.compacted)
    #expect(again.compacted == recovered.compacted)
    #expect(again.state == recovered.state)
    #expect(again.log.base == recovered.log.base)
  }
}
