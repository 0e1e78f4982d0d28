import Testing

@testable import PaxosLog

@Suite struct StateMachineTests {
  private func machine(_ adjust: (inout SessionLimits) -> Void = { _ in }) -> StateMachine {
    var limits = SessionLimits()
    adjust(&limits)
    return StateMachine(limits)
  }

  private func apply(_ machine: inout StateMachine, _ actions: [Action], client: UInt64 = 1) -> [Outcome] {
    actions.enumerated().map { position, action in
      let id = CommandID(client: client, sequence: UInt64(position) + 1)
      return machine.apply(Command(id: id, action: action), at: Slot(position) + 1)
    }
  }

  @Test func logsAndRegisters() {
    var machine = machine()
    let outcomes = apply(
      &machine,
      [
        .append(log: [1], value: [10]), .append(log: [2], value: [20]), .append(log: [1], value: [11]),
        .cas(key: [1], from: [9], to: [1]), .cas(key: [1], from: nil, to: [1]), .cas(key: [1], from: [9], to: [2]),
        .cas(key: [1], from: [1], to: [2]), .write(key: [3], value: []),
      ])
    let expected: [Outcome] = [
      .appended(index: 1), .appended(index: 1), .appended(index: 2), .notFound, .written, .compareFailed, .written,
      .written,
    ]
    #expect(outcomes == expected)
    #expect(machine.answer(to: .register(key: [1]), entriesMax: 9) == .value([2]))
    #expect(machine.answer(to: .register(key: [4]), entriesMax: 9) == .value(nil))
  }

  @Test func rangesOfALog() {
    var machine = machine()
    _ = apply(&machine, (1...5).map { .append(log: [0], value: [$0]) })
    func read(_ from: UInt64, _ through: UInt64, max: Int = 9) -> Outcome {
      machine.answer(to: .entries(log: [0], from: from, through: through), entriesMax: max)
    }
    #expect(read(2, 3) == .entries(first: 2, [[2], [3]]))
    #expect(read(0, .max) == .entries(first: 1, [[1], [2], [3], [4], [5]]))
    #expect(read(1, 2, max: 2) == .entries(first: 1, [[1], [2]]))
    #expect(read(1, .max, max: 4) == .tooManyEntries)
    #expect(read(1, .max, max: 5) == .entries(first: 1, [[1], [2], [3], [4], [5]]))
    #expect(read(6, 9) == .entries(first: 6, []))
    #expect(read(3, 2) == .entries(first: 3, []))
    #expect(read(.max, .max) == .entries(first: .max, []))
  }

  @Test func aRepetitionGetsTheFirstOutcome() {
    var machine = machine()
    #expect(machine.apply(command(1), at: 1) == .appended(index: 1))
    #expect(machine.apply(command(2, sequence: 2), at: 2) == .appended(index: 2))
    #expect(machine.apply(command(1), at: 3) == .appended(index: 1))
    #expect(machine.entryCount == 2)
  }

  @Test func commandsBelowTheWindowDoNothing() {
    var machine = machine { $0.clientWindow = 3 }
    for sequence in [2, 3, 4, 6] as [UInt64] { _ = machine.apply(command(1, sequence: sequence), at: sequence) }
    #expect(machine.apply(command(1, sequence: 3), at: 7) == .expired)
    #expect(machine.apply(command(1, sequence: 1), at: 7) == .expired)
    #expect(machine.apply(command(1, sequence: 4), at: 7) == .appended(index: 3))
    // In the window and never seen.
    #expect(machine.apply(command(1, sequence: 5), at: 7) == .appended(index: 5))
    #expect(machine.sessions.clients[7]?.outcomes.count == 3)
  }

  @Test func aHugeNumberForgetsWithoutWalkingThere() {
    var machine = machine()
    _ = machine.apply(command(1), at: 1)
    _ = machine.apply(command(1, sequence: 1 << 61), at: 2)
    #expect(machine.sessions.clients[7]?.outcomes.count == 1)
  }

  @Test func theClientSilentForTheLongestIsForgotten() {
    var machine = machine { $0.sessionsMax = 2 }
    _ = machine.apply(command(1, client: 1), at: 1)
    _ = machine.apply(command(2, client: 2), at: 2)
    _ = machine.apply(command(3, client: 1, sequence: 2), at: 3)
    _ = machine.apply(command(4, client: 3), at: 4)
    #expect(machine.sessions.clients.keys.sorted() == [1, 3])
  }

  @Test func snapshotsHoldEverything() throws {
    var machine = machine { $0.clientWindow = 5 }
    _ = apply(
      &machine, [.append(log: [1], value: [10]), .write(key: [3], value: [4]), .cas(key: [8], from: [1], to: [])])
    let snapshot = Snapshot(of: machine, through: 3)
    let restored = try snapshot.contents()
    #expect(restored.stateHash == machine.stateHash)
    #expect(Snapshot(of: restored, through: 3) == snapshot)
    var again = restored
    #expect(
      again.apply(Command(id: CommandID(client: 1, sequence: 3), action: .cas(key: [8], from: nil, to: [])), at: 4)
        == .notFound)
  }

  @Test func theDigestTellsStatesApart() {
    let histories: [[Action]] = [
      [], [.append(log: [1], value: [2])], [.append(log: [1], value: [])], [.append(log: [], value: [1, 2])],
      [.write(key: [1], value: [2])], [.append(log: [1], value: [2]), .append(log: [1], value: [2])],
    ]
    let hashes = histories.map { actions in
      var machine = machine()
      _ = apply(&machine, actions)
      return machine.stateHash
    }
    #expect(Set(hashes).count == histories.count)
  }
}
