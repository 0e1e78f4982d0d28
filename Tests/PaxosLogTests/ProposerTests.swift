import Testing

@testable import PaxosLog

/// Phase 1(a) and phase 2(a): elections, takeovers, counting.
@Suite struct ProposerTests {
  private func promise(_ trio: Trio, _ votes: [Vote]) -> Message {
    .promise(Promise(ballot: trio[1]?.phaseOne.ballot ?? .zero, votes: votes))
  }

  private func vote(_ slot: Slot, round: UInt64, _ value: UInt8) -> Vote {
    let ballot = Ballot(round: round, node: 2)
    return Vote(slot: slot, proposal: Proposal(ballot: ballot, value: .command(command(value))))
  }

  /// Node 1 in phase 1, with nobody's promise but its own.
  private func candidate() throws -> Trio {
    var trio = try Trio()
    trio.now = 400_000_000
    trio.step(1, .tick)
    _ = trio.takeSent()
    return trio
  }

  @Test func aBallotIsOnDiskBeforeItIsUsed() throws {
    var trio = try Trio()
    trio.disksAreFast = false
    trio.now = 400_000_000
    trio.step(1, .tick)
    #expect(trio[1]?.role == .candidate)
    #expect(trio.takeSent().isEmpty)
    trio.sync(1)
    let ballot = Ballot(round: 1, node: 1)
    #expect(
      trio.takeSent().map(\.message) == Array(repeating: .prepare(Prepare(ballot: ballot, firstSlot: 1)), count: 2))
  }

  @Test func aMajorityOfPromisesMakesALeader() throws {
    var trio = try candidate()
    #expect(trio[1]?.role == .candidate)
    trio.step(1, .received(promise(trio, []), from: 3))
    #expect(trio[1]?.role == .leader)
  }

  @Test func thePromiseOfOneAcceptorCountsOnce() throws {
    var trio = try Trio()
    trio.disksAreFast = false
    trio.now = 400_000_000
    trio.step(1, .tick)
    // Its own promise is not on disk, so two promises of node 3 are one of three.
    trio.step(1, .received(promise(trio, []), from: 3))
    trio.step(1, .received(promise(trio, []), from: 3))
    #expect(trio[1]?.role == .candidate)
    trio.sync(1)
    #expect(trio[1]?.role == .leader)
  }

  @Test func theHighestNumberedProposalIsAdoptedAndGapsAreFilled() throws {
    var trio = try candidate()
    // Two ballots in slot 1, nothing in slot 2, one in slot 3.
    trio.cores[1]?.phaseOne.accepted[1] = vote(1, round: 1, 9).proposal
    trio.step(1, .received(promise(trio, [vote(1, round: 2, 8), vote(3, round: 1, 7)]), from: 3))
    #expect(trio[1]?.role == .leader)
    let values = (1...3).map { trio[1]?.log[$0]?.value }
    #expect(values == [.command(command(8)), .noop, .command(command(7))])
  }

  @Test func aHigherBallotTakesOver() throws {
    var trio = try Trio()
    trio.elect(1)
    trio.elect(2)
    #expect(trio[1]?.role == .follower)
    #expect(trio[2]?.role == .leader)
    #expect(trio[1]?.leader == 2)
  }

  @Test func aRefusalEndsACandidacy() throws {
    var trio = try candidate()
    let ballot = trio[1]?.phaseOne.ballot ?? .zero
    trio.step(1, .received(.refused(Refused(ballot: ballot, promised: Ballot(round: 40, node: 2))), from: 2))
    #expect(trio[1]?.role == .follower)
    trio.now += 400_000_000
    trio.step(1, .tick)
    #expect(trio[1]?.phaseOne.ballot == Ballot(round: 41, node: 1))
  }

  @Test func oneAcceptorTwiceIsNoMajority() throws {
    var trio = try Trio()
    trio.elect(1)
    trio.disksAreFast = false
    trio.delivers = { _, _, _ in false }
    trio.append(5, at: 1, request: 1)
    let accepted = Message.accepted(Accepted(ballot: trio[1]?.promised ?? .zero, firstSlot: 1, count: 1))
    trio.step(1, .received(accepted, from: 2))
    trio.step(1, .received(accepted, from: 2))
    #expect(trio[1]?.chosenThrough == 0)
    trio.sync(1)
    #expect(trio[1]?.chosenThrough == 1)
    #expect(trio.answers[1] == .appended(index: 1))
  }

  @Test func slotsAreAppliedInOrderThoughChosenInAnother() throws {
    var trio = try Trio { $0.limits.messageSlotsMax = 1 }
    trio.elect(1)
    trio.delivers = { message, _, _ in if case .accept(let accept) = message { accept.firstSlot != 1 } else { true } }
    trio.append(1, at: 1, request: 1)
    trio.append(2, at: 1, request: 2)
    #expect(trio[1]?.chosenThrough == 0)
    trio.delivers = { _, _, _ in true }
    trio.now += 60_000_000
    trio.step(1, .tick)
    trio.settle()
    #expect(trio[1]?.chosenThrough == 2)
    #expect(trio.log(1) == [[1], [2]])
  }

  @Test func aLeaderWithoutAMajorityGivesUp() throws {
    var trio = try Trio()
    trio.elect(1)
    trio.delivers = { _, _, _ in false }
    trio.now += 2_000_000_000
    trio.step(1, .tick)
    #expect(trio[1]?.role == .follower)
    #expect(trio[1]?.leader == nil)
  }

  @Test func whatWasChosenSurvivesATakeover() throws {
    var trio = try Trio()
    trio.elect(1)
    // Node 3 hears nothing; node 2 accepts, but is not told that the value is chosen.
    trio.delivers = { message, _, to in
      if case .chosen = message { return false }
      return to != 3
    }
    trio.append(5, at: 1, request: 1)
    #expect(trio.answers[1] == .appended(index: 1))
    #expect(trio[2]?.chosenThrough == 0)
    trio.delivers = { _, from, to in from != 1 && to != 1 }
    trio.elect(3)
    #expect(trio[3]?.role == .leader)
    #expect(trio.log(3) == [[5]])
  }
}
