import Testing

@testable import MessageQueue

/// Names are cheap to send: partitions that nobody made, and many that have nothing to do.
@Suite struct ManyPartitionsTests {
  private static let name = Bytes("nobody".utf8)
  private static let nowhere = PartitionID(.topic, name, 3)

  private static let readsOfNothing: [(MessageQueue.Operation, Outcome)] = [
    (.fetch(nowhere, from: 0, max: 9), .records([], end: 0)),
    (.queue(name: name, .expire), .dead([])),
    (.queue(name: name, .receive(visibility: 1, deliveriesMax: 1)), .delivery(nil)),
    (.queue(name: name, .ack(DeliveryID(message: 1, attempt: 1))), .notHeld),
    (.queue(name: name, .nack(DeliveryID(message: 1, attempt: 1))), .notHeld),
    (.queue(name: name, .drain), .values([])),
  ]

  @Test func toLookForWhatNobodyMadeMakesNothing() throws {
    var trio = try Trio()
    for (operation, outcome) in Self.readsOfNothing {
      for id in Trio.members { #expect(trio.ask(operation, at: id) == outcome) }
    }
    for id in Trio.members { #expect(trio.brokers[id]?.partitionIDs == []) }
  }

  @Test func aReplicaThatNeverHeardOfAPartitionDoesNotSpeakForTheMajority() throws {
    var trio = try Trio()
    trio.delivers = isolating(3)
    #expect(trio.produce(1, at: 1) == .appended(0))
    #expect(trio.replica(3) == nil)
    // Only node 2 can tell node 3, and it does not lead.
    trio.delivers = isolating(1)
    #expect(trio.ask(.fetch(Trio.partition, from: 0, max: 9), at: 3) != .records([], end: 0))
    trio.run(for: 2_000)
    #expect(trio.fetch(at: 3) == [1])
  }

  @Test func onePartOfTheReplicasIsNotEnoughToSayThatNothingIsThere() throws {
    var trio = try Trio()
    trio.delivers = isolating(3)
    #expect(trio.ask(.fetch(Self.nowhere, from: 0, max: 9), at: 3) == .noLeader)
  }

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
