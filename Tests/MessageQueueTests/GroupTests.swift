import Testing

@testable import MessageQueue

@Suite struct GroupTests {
  private let topic = Bytes("t".utf8)
  private let ann = Bytes("ann".utf8)
  private let bob = Bytes("bob".utf8)

  private func poll(_ member: Bytes, _ trio: inout Trio, max: Int = 10, at node: NodeID = 2) -> [UInt8]? {
    let outcome = trio.ask(.poll(group: [1], member: member, topic: topic, max: max), at: node)
    guard case .polled(_, let records) = outcome else { return nil }
    return records.flatMap(\.value)
  }

  @Test func everyPartitionBelongsToOneMember() {
    var group = ConsumerGroup()
    for member in [[1], [2], [3]] as [Bytes] {
      _ = group.apply(.poll(member: member, topic: topic, generation: group.generation, commits: []), partitions: 8)
    }
    #expect(group.generation == 3)
    let owned = group.members.flatMap { group.owned(by: $0, 8) }
    #expect(owned.sorted() == Array(0..<8))
  }

  @Test func aCommitOfAnEarlierGenerationIsRefused() {
    var group = ConsumerGroup()
    let commits = [GroupOffset(partition: 0, offset: 5)]
    _ = group.apply(.poll(member: ann, topic: topic, generation: 0, commits: []), partitions: 2)
    _ = group.apply(.poll(member: bob, topic: topic, generation: 0, commits: []), partitions: 2)
    let late = group.apply(.commit(member: ann, topic: topic, generation: 1, commits: commits), partitions: 2)
    guard case .outcome(.notMember) = late else { return #expect(Bool(false), "\(late)") }
    #expect(group.committed.isEmpty)
    _ = group.apply(.commit(member: ann, topic: topic, generation: 2, commits: commits), partitions: 2)
    #expect(group.committed[topic] == [0: 5])
  }

  @Test func aPollCommitsWhatThePollBeforeGot() throws {
    var trio = try Trio { $0.partitions = 1 }
    for value in 1...3 as ClosedRange<UInt8> {
      _ = trio.ask(.produce(PartitionID(.topic, topic), value: [value], nil), at: 1)
    }
    #expect(poll(ann, &trio, max: 2) == [1, 2])
    #expect(poll(ann, &trio, max: 2) == [3])
    // 1 and 2 are committed, 3 is not: whoever is next starts there.
    #expect(trio.ask(.leave(group: [1], member: ann), at: 3) == .done)
    #expect(poll(bob, &trio) == [3])
    #expect(trio.ask(.commit(group: [1], member: bob, topic: topic), at: 1) == .done)
    #expect(trio.ask(.commit(group: [1], member: ann, topic: topic), at: 1) == .notMember)
    #expect(poll(bob, &trio) == [])
  }

  @Test func aMemberCannotCommitWhatItGotBeforeARebalance() throws {
    var trio = try Trio { $0.partitions = 1 }
    _ = trio.ask(.produce(PartitionID(.topic, topic), value: [1], nil), at: 1)
    #expect(poll(bob, &trio) == [1])
    #expect(poll(ann, &trio) == [1])
    #expect(trio.ask(.commit(group: [1], member: bob, topic: topic), at: 2) == .notMember)
    #expect(trio.ask(.commit(group: [1], member: ann, topic: topic), at: 2) == .done)
  }

  @Test func aSilentMemberIsOut() throws {
    var trio = try Trio { $0.partitions = 1 }
    _ = trio.ask(.produce(PartitionID(.topic, topic), value: [1], nil), at: 1)
    #expect(poll(ann, &trio) == [1])
    #expect(poll(bob, &trio) == [])
    trio.run(for: 2_900)
    #expect(poll(bob, &trio) == [])
    trio.run(for: 200)
    #expect(poll(bob, &trio) == [1])
  }

  @Test func aDrainTakesWhatNobodyCommitted() throws {
    var trio = try Trio { $0.partitions = 2 }
    for value in 0..<4 as Range<UInt8> {
      _ = trio.ask(.produce(PartitionID(.topic, topic, UInt32(value % 2)), value: [value], nil), at: 1)
    }
    guard case .polled(_, let records) = trio.ask(.drain(group: [1], topic: topic), at: 3) else {
      return #expect(Bool(false))
    }
    #expect(records.map(\.value) == [[0], [2], [1], [3]])
    #expect(trio.ask(.drain(group: [1], topic: topic), at: 3) == .polled(generation: 1, []))
  }
}
