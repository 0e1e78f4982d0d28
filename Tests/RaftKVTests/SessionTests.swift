import Testing

@testable import RaftKV

/// Client sessions (§8, thesis §6.3): a write with a name takes effect once.
@Suite struct SessionTests {
  private func put(_ value: String) -> Command { Bench.put("k", value) }

  private func id(_ client: UInt64, _ sequence: UInt64) -> CommandID { CommandID(client: client, sequence: sequence) }

  @Test func aRepetitionHasNoEffectAndTheSameAnswer() {
    var machine = StateMachine()
    let create = Command.cas(key: Bytes("k".utf8), from: nil, to: [1])
    #expect(machine.apply(create, id: id(1, 1), at: 1) == .written)
    #expect(machine.apply(put("other"), id: id(2, 1), at: 2) == .written)
    let before = machine.stateHash
    #expect(machine.apply(create, id: id(1, 1), at: 3) == .written)
    #expect(machine.stateHash == before)
    #expect(machine.apply(create, id: id(1, 2), at: 4) == .compareFailed)
  }

  @Test func whatComesAfterALaterCommandOfItsClientHasNoEffect() {
    var machine = StateMachine()
    #expect(machine.apply(put("later"), id: id(1, 9), at: 1) == .written)
    #expect(machine.apply(put("overtaken"), id: id(1, 8), at: 2) == .forgotten)
    #expect(machine.value(of: Bytes("k".utf8)) == .register(Bytes("later".utf8)))
    #expect(machine.apply(put("next"), id: id(1, 10), at: 3) == .written)
  }

  @Test func theClientThatWasSilentForTheLongestIsForgottenForGood() {
    var limits = SessionLimits()
    limits.sessionsMax = 2
    var machine = StateMachine(limits)
    #expect(machine.apply(put("a"), id: id(5, 1), at: 1) == .written)
    #expect(machine.apply(put("b"), id: id(6, 1), at: 2) == .written)
    #expect(machine.apply(put("c"), id: id(5, 2), at: 3) == .written)
    #expect(machine.apply(put("d"), id: id(7, 1), at: 4) == .written)
    #expect(machine.apply(put("b"), id: id(6, 1), at: 5) == .forgotten, "it may have taken effect, and it has")
    #expect(machine.apply(put("e"), id: id(6, 2), at: 6) == .forgotten)
    #expect(machine.apply(put("f"), id: id(4, 1), at: 7) == .forgotten, "nobody knows whether it is new")
    #expect(machine.apply(put("c"), id: id(5, 2), at: 8) == .written)
    #expect(machine.value(of: Bytes("k".utf8)) == .register(Bytes("d".utf8)))
    #expect(machine.sessions.forgottenClientMax == 6)
  }

  @Test func theBytesOfAnswersAreBounded() {
    var limits = SessionLimits()
    limits.answerBytesMax = 1_000
    var machine = StateMachine(limits)
    _ = machine.apply(.put(key: [1], value: Array(repeating: 7, count: 300)), at: 1)
    for client in 1...20 as ClosedRange<UInt64> {
      let step = Transaction([.read(key: [1]), .append(key: [2], element: [])])
      _ = machine.apply(.transaction(step), id: id(client, 1), at: client + 1)
    }
    #expect(machine.sessions.byClient.keys.sorted() == [19, 20])
    #expect(machine.sessions.forgottenClientMax == 18)
  }

  @Test func theStateHashTellsWhatIsRemembered() {
    var first = StateMachine()
    var second = StateMachine()
    _ = first.apply(put("v"), id: id(1, 1), at: 1)
    _ = second.apply(put("v"), id: nil, at: 1)
    #expect(first.stateHash != second.stateHash)
  }

  @Test func bothAttemptsAreAnsweredAlikeByTheLeader() throws {
    var bench = try Bench()
    bench.becomeLeader()
    let create = Operation.write(.cas(key: [1], from: nil, to: [2]), id: id(3, 4))
    bench.handle(.request(create, id: 1))
    bench.handle(.request(create, id: 2))
    #expect(bench.raft.log.lastIndex == 3)
    bench.acknowledge(3, from: 2)
    bench.acknowledge(3, from: 3)
    #expect(bench.answers == [1: .written, 2: .written])
  }

  @Test func aNameMakesNoEntryOfWhatOnlyReads() throws {
    var bench = try Bench()
    bench.becomeLeader()
    bench.handle(.request(.write(.transaction(Transaction([.read(key: [1])])), id: id(1, 1)), id: 1))
    #expect(bench.raft.log.lastIndex == 1)
  }

  @Test func applyingARepetitionIsTheBug() throws {
    var bench = try Bench(bug: .retryAppliesTwice)
    bench.becomeLeader()
    let create = Operation.write(.cas(key: [1], from: nil, to: [2]), id: id(3, 4))
    bench.handle(.request(create, id: 1))
    bench.handle(.request(create, id: 2))
    bench.acknowledge(3, from: 2)
    bench.acknowledge(3, from: 3)
    #expect(bench.answers == [1: .written, 2: .compareFailed])
  }
}
