import Testing

@testable import PaxosLog

/// Phase 1(b) and phase 2(b), one node against hand-made messages.
@Suite struct AcceptorTests {
  private func prepare(_ round: UInt64, _ node: NodeID, from slot: Slot = 1) -> Event {
    .received(.prepare(Prepare(ballot: Ballot(round: round, node: node), firstSlot: slot)), from: node)
  }

  private func accept(_ round: UInt64, _ node: NodeID, slot: Slot = 1, _ values: [Value] = [.noop]) -> Event {
    let ballot = Ballot(round: round, node: node)
    return .received(.accept(Accept(ballot: ballot, firstSlot: slot, values: values, chosenThrough: 0)), from: node)
  }

  @Test func aPromiseWaitsForTheDisk() throws {
    var trio = try Trio()
    trio.disksAreFast = false
    trio.step(1, prepare(5, 2))
    #expect(trio.takeSent().isEmpty)
    #expect(trio.batches[1]?.last?.state?.promised == Ballot(round: 5, node: 2))
    trio.sync(1)
    #expect(trio.takeSent().map(\.message) == [.promise(Promise(ballot: Ballot(round: 5, node: 2), votes: []))])
  }

  @Test func anAcceptanceWaitsForTheDisk() throws {
    var trio = try Trio()
    trio.disksAreFast = false
    trio.step(1, accept(5, 2, slot: 3))
    #expect(trio.takeSent().isEmpty)
    #expect(trio.batches[1]?.last?.votes.map(\.slot) == [3])
    trio.sync(1)
    let expected = Accepted(ballot: Ballot(round: 5, node: 2), firstSlot: 3, count: 1)
    #expect(trio.takeSent().map(\.message) == [.accepted(expected)])
  }

  @Test func nothingBelowAPromiseIsPromisedOrAccepted() throws {
    var trio = try Trio()
    trio.step(1, prepare(5, 2))
    _ = trio.takeSent()
    trio.step(1, prepare(4, 3))
    trio.step(1, accept(4, 3))
    let promised = Ballot(round: 5, node: 2)
    let refusal = Message.refused(Refused(ballot: Ballot(round: 4, node: 3), promised: promised))
    #expect(trio.takeSent().map(\.message) == [refusal, refusal])
    #expect(trio[1]?.log[1] == nil)
    // Equal rounds are decided by the node.
    trio.step(1, prepare(5, 3))
    #expect(trio[1]?.promised == Ballot(round: 5, node: 3))
  }

  @Test func aPromiseTellsWhatWasAccepted() throws {
    var trio = try Trio()
    trio.step(1, accept(5, 2, slot: 2, [.command(command(1)), .noop]))
    _ = trio.takeSent()
    trio.step(1, prepare(6, 3, from: 3))
    let ballot = Ballot(round: 5, node: 2)
    let votes = [Vote(slot: 3, proposal: Proposal(ballot: ballot, value: .noop))]
    #expect(trio.takeSent().map(\.message) == [.promise(Promise(ballot: Ballot(round: 6, node: 3), votes: votes))])
  }

  @Test func aRestartForgetsNeitherPromiseNorProposal() throws {
    var trio = try Trio()
    trio.step(1, accept(5, 2, slot: 2, [.command(command(1))]))
    trio.step(1, prepare(6, 3))
    try trio.restart(1, trio.recovered(1))
    #expect(trio[1]?.promised == Ballot(round: 6, node: 3))
    #expect(trio[1]?.log[2]?.value == .command(command(1)))
    _ = trio.takeSent()
    trio.step(1, accept(5, 2, slot: 2, [.noop]))
    #expect(trio[1]?.log[2]?.value == .command(command(1)))
  }

  @Test func aBallotOfAnotherNodeIsIgnored() throws {
    var trio = try Trio()
    let ballot = Ballot(round: 5, node: 2)
    trio.step(1, .received(.prepare(Prepare(ballot: ballot, firstSlot: 1)), from: 3))
    trio.step(
      1, .received(.accept(Accept(ballot: ballot, firstSlot: 1, values: [.noop], chosenThrough: 0)), from: 3))
    #expect(trio[1]?.promised == .zero)
    #expect(trio[1]?.log.lastSlot == 0)
    // A stranger is no member.
    trio.step(1, .received(.prepare(Prepare(ballot: Ballot(round: 5, node: 9), firstSlot: 1)), from: 9))
    #expect(trio[1]?.promised == .zero)
  }

  @Test func aSlotTooFarAheadIsNotAccepted() throws {
    var trio = try Trio { $0.limits.logSlotsMax = 100 }
    trio.step(1, accept(5, 2, slot: 1 << 40))
    #expect(trio[1]?.log.lastSlot == 0)
    #expect(trio.takeSent().isEmpty)
  }

  @Test func aCandidateFarBehindMustCatchUpFirst() throws {
    var trio = try Trio { $0.limits.candidateLagSlotsMax = 2 }
    trio.elect(1)
    for value in 1...5 as ClosedRange<UInt8> { trio.append(value, at: 1, request: RequestID(value)) }
    #expect(trio[1]?.chosenThrough == 5)
    _ = trio.takeSent()
    let promised = trio[1]?.promised
    trio.step(1, prepare(50, 2, from: 1))
    #expect(trio.takeSent().map(\.message) == [.behind(Behind(ballot: Ballot(round: 50, node: 2), chosenThrough: 5))])
    #expect(trio[1]?.promised == promised)
  }

  @Test func anotherValueForAChosenSlotStopsTheNode() throws {
    var trio = try Trio()
    trio.elect(1)
    trio.append(1, at: 1, request: 1)
    #expect(trio[2]?.chosenThrough == 1)
    trio.step(2, accept(90, 3, slot: 1, [.command(command(9))]))
    #expect(trio.halts[2]?.contains("slot 1") == true)
    #expect(trio[2]?.isHalted == true)
  }
}
