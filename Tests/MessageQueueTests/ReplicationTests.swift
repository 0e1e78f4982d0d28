import Testing

@testable import MessageQueue

@Suite struct ReplicationTests {
  @Test func aRecordIsCommittedOnAllReplicas() throws {
    var trio = try Trio()
    #expect(trio.produce(7, at: 2) == .appended(0))
    #expect(trio.produce(8, at: 3) == .appended(1))
    #expect(trio.fetch(at: 2) == [7, 8])
    trio.run(for: 200)
    for id in Trio.members {
      #expect(trio.log(id) == [7, 8])
      #expect(trio.replica(id)?.highWatermark == 2)
    }
  }

  @Test func thePreferredReplicaLeadsFirst() throws {
    var trio = try Trio()
    _ = trio.produce(1, at: 3)
    #expect(trio.leaders() == [1])
    #expect(trio.replica(1)?.epoch == 1)
    #expect(trio.replica(1)?.isr == [1, 2, 3])
  }

  @Test func nothingIsAcknowledgedThatADiskDoesNotHave() throws {
    var trio = try Trio()
    _ = trio.produce(1, at: 1)
    trio.disksAreFast = [1, 2]
    // Node 3 is still in sync, so its disk counts, until it has lagged for too long.
    let outcome = trio.ask(.produce(Trio.partition, value: [2], nil), at: 1)
    #expect(outcome == .appended(1))
    #expect(trio.replica(1)?.isr == [1, 2])
  }

  /// A ballot that a crash made its node forget would be used again, for another value.
  @Test func nobodyHearsOfABallotThatIsNotOnItsNodesDisk() throws {
    var trio = try Trio()
    trio.disksAreFast = [2, 3]
    var isToldOf = false
    trio.delivers = { message, from, _ in
      if from == 1, case .prepare = message.body { isToldOf = true }
      return true
    }
    _ = trio.produce(1, at: 1)
    trio.run(for: 1_000)
    #expect(!isToldOf)
    trio.disksAreFast = [1, 2, 3]
    trio.delivers = { _, _, _ in true }
    #expect(trio.produce(2, at: 2) != nil)
  }

  @Test func aReplicaThatLagsLeavesTheSetAndComesBackWhenItCaughtUp() throws {
    var trio = try Trio()
    _ = trio.produce(1, at: 1)
    trio.delivers = isolating(3)
    trio.run(for: 1_000)
    #expect(trio.replica(1)?.isr == [1, 2])
    #expect(trio.produce(2, at: 2) == .appended(1))
    trio.delivers = { _, _, _ in true }
    trio.run(for: 1_000)
    #expect(trio.leaders().count == 1)
    #expect(trio.leaders().first.flatMap { trio.replica($0)?.isr } == [1, 2, 3])
    #expect(trio.log(3) == [1, 2])
  }

  @Test func tooFewReplicasRefuse() throws {
    var trio = try Trio()
    _ = trio.produce(1, at: 1)
    trio.stop(2)
    trio.stop(3)
    trio.run(for: 1_000)
    #expect(trio.produce(2, at: 1) == .notEnoughReplicas)
    #expect(trio.log(1) == [1])
    #expect(trio.replica(1)?.isr?.count ?? 0 >= 2)
  }

  @Test func aDeposedLeaderNeitherAcknowledgesNorServes() throws {
    var trio = try Trio()
    _ = trio.produce(1, at: 1)
    trio.delivers = isolating(1)
    trio.run(for: 2_000)
    #expect(trio.leaders().count == 2)
    #expect(trio.produce(2, at: 2) == .appended(1))
    #expect(trio.produce(3, at: 1) == .notEnoughReplicas)
    #expect(trio.fetch(at: 1) == nil)
    trio.delivers = { _, _, _ in true }
    trio.run(for: 1_000)
    #expect(trio.leaders().count == 1)
    #expect(trio.fetch(at: 1) == [1, 2])
  }

  @Test func whatADeposedLeaderAppendedAloneIsCut() throws {
    var trio = try Trio()
    _ = trio.produce(1, at: 1)
    trio.delivers = isolating(1)
    #expect(trio.produce(9, at: 1) == .unknown)
    #expect(trio.log(1) == [1, 9])
    trio.run(for: 2_000)
    #expect(trio.produce(2, at: 2) == .appended(1))
    trio.delivers = { _, _, _ in true }
    trio.run(for: 1_000)
    #expect(trio.log(1) == [1, 2])
  }

  /// KIP-101, scenario 1: a follower restarts that does not know yet that its last record is committed, and leads next.
  @Test(arguments: [nil, MessageQueueBug.truncatesToHighWatermark])
  func aRestartedFollowerKeepsWhatItAcknowledged(bug: MessageQueueBug?) throws {
    var trio = try Trio { $0.bug = bug }
    _ = trio.produce(1, at: 1)
    trio.run(for: 200)
    trio.delivers = isolating(3)
    trio.run(for: 1_000)
    #expect(trio.produce(2, at: 1) == .appended(1))
    // Node 2 has the record, and is told nothing more.
    trio.delivers = { _, _, _ in false }
    try trio.restart(2)
    trio.stop(1)
    trio.delivers = { _, _, _ in true }
    trio.run(for: 2_000)
    #expect(trio.leaders() == [2])
    #expect(trio.log(2) == (bug == nil ? [1, 2] : [1]))
  }

  @Test(arguments: [nil, MessageQueueBug.producerStateLost])
  func aRecordSentAgainStandsThereOnce(bug: MessageQueueBug?) throws {
    var trio = try Trio { $0.bug = bug }
    let name = ProducerSequence(producer: 5, sequence: 1)
    #expect(trio.produce(1, at: 1, name) == .appended(0))
    #expect(trio.produce(1, at: 2, name) == .appended(0))
    trio.stop(1)
    trio.run(for: 2_000)
    #expect(trio.produce(1, at: 2, name) == .appended(bug == nil ? 0 : 1))
    let later = ProducerSequence(producer: 5, sequence: 4)
    #expect(trio.produce(2, at: 3, later) == .appended(bug == nil ? 1 : 2))
    #expect(trio.produce(3, at: 3, ProducerSequence(producer: 5, sequence: 3)) == .outOfOrderSequence)
  }

  @Test(arguments: [nil, MessageQueueBug.uncleanLeaderElection])
  func onlyWhoIsInSyncMayLead(bug: MessageQueueBug?) throws {
    var trio = try Trio { $0.bug = bug }
    _ = trio.produce(1, at: 1)
    trio.delivers = isolating(3)
    trio.run(for: 1_000)
    #expect(trio.produce(2, at: 1) == .appended(1))
    trio.delivers = { _, _, _ in true }
    // Nodes 1 and 2 are gone before 3 hears from them; node 2 comes back.
    trio.stop(1)
    trio.stop(2)
    try trio.restart(2)
    trio.delivers = { message, from, _ in
      if case .lead = message.body, from == 2 { false } else { true }
    }
    trio.run(for: 3_000)
    #expect(trio.leaders().contains(3) == (bug != nil))
  }

  @Test func aSnapshotTakesThePlaceOfTheLogOnDisk() throws {
    var trio = try Trio { $0.snapshotBytes = 2_000 }
    for value in 0..<60 as Range<UInt8> { #expect(trio.produce(value, at: 1) == .appended(Offset(value))) }
    trio.run(for: 500)
    #expect(trio.snapshots.count == 3)
    #expect(trio.batches.values.allSatisfy { $0.first?.isWhole == true })
    for id in Trio.members { try trio.restart(id) }
    trio.run(for: 2_000)
    #expect(trio.fetch(at: 2) == Array(0..<60))
  }

  @Test func aLogWithoutItsSnapshotIsRefused() throws {
    var trio = try Trio { $0.snapshotBytes = 2_000 }
    for value in 0..<60 as Range<UInt8> { _ = trio.produce(value, at: 1) }
    var recovered = RecoveredState()
    for batch in trio.batches[1] ?? [] { recovered.replay(batch) }
    #expect(throws: RecoveredState.SnapshotMissing.self) {
      try Broker(Configuration(id: 1, members: [1, 2, 3]), recovered: recovered, at: 0)
    }
  }
}
