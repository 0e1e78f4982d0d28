import Testing

@testable import MessageQueue

/// Names are cheap to send: many partitions that have nothing to do.
@Suite struct ManyPartitionsTests {
  @Test func anIdlePartitionIsNotLookedAtAgain() throws {
    var trio = try Trio()
    #expect(trio.produce(1, at: 1) == .appended(0))
    trio.run(for: 1_000)
    for id in Trio.members {
      var broker = try #require(trio.brokers[id])
      #expect(broker.partitionIDs == [Trio.partition])
      _ = broker.step(.tick, at: trio.now)
      #expect(broker.touched.isEmpty)
    }
  }

  @Test func messagesTravelInFullEnvelopesAndInOrder() throws {
    let trio = try Trio { $0.limits.envelopeMessagesMax = 3 }
    var broker = try #require(trio.brokers[1])
    let names = (0..<8 as Range<UInt8>).map { PartitionID(.topic, [$0]) }
    for (number, name) in names.enumerated() {
      _ = broker.step(.request(.fetch(name, from: 0, max: 1), id: RequestID(number)), at: trio.now)
    }
    let directives = broker.step(.endOfBatch, at: trio.now)
    for peer in [2, 3] as [NodeID] {
      let envelopes = directives.compactMap { directive in
        if case .send(let messages, to: peer) = directive { messages.map(\.partition) } else { nil }
      }
      #expect(envelopes.map(\.count) == [3, 3, 2])
      #expect(Array(envelopes.joined()) == names)
    }
  }

  @Test func aBrokerHasSoManyPartitionsAndNoMore() throws {
    var trio = try Trio { $0.limits.partitionsMax = 2 }
    for name in [1, 2, 3] as [UInt8] {
      let outcome = trio.ask(.produce(PartitionID(.queue, [name]), value: [name], nil), at: 1)
      #expect(outcome == (name < 3 ? .appended(0) : .noLeader))
    }
    #expect(trio.ask(.queue(name: [2], .drain), at: 2) == .values([[2]]))
  }
}
