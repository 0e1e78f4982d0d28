import Testing

@testable import MessageQueue

@Suite struct WorkQueueTests {
  private func filled(_ count: UInt8) -> WorkQueue {
    var queue = WorkQueue()
    for value in 0..<count { queue.enqueue([value], at: Offset(value)) }
    return queue
  }

  private func receive(_ queue: inout WorkQueue, at time: Nanoseconds, max: UInt32 = 0) -> DeliveryID? {
    guard case .delivery(let delivery) = queue.apply(.receive(visibility: 10, deliveriesMax: max), at: time, nil) else {
      return nil
    }
    return delivery?.id
  }

  private func id(_ message: Offset, _ attempt: UInt32) -> DeliveryID { DeliveryID(message: message, attempt: attempt) }

  @Test func aLentMessageIsNotLentAgainBeforeItsTime() {
    var queue = filled(1)
    #expect(receive(&queue, at: 100) == id(0, 1))
    #expect(receive(&queue, at: 109) == nil)
    #expect(receive(&queue, at: 110) == id(0, 2))
  }

  @Test func anAcknowledgedMessageIsGone() {
    var queue = filled(2)
    #expect(receive(&queue, at: 1) == id(0, 1))
    #expect(queue.apply(.ack(id(0, 1)), at: 2, nil) == .done)
    #expect(queue.apply(.ack(id(0, 1)), at: 3, nil) == .notHeld)
    #expect(receive(&queue, at: 50) == id(1, 1))
    #expect(receive(&queue, at: 51) == nil)
  }

  @Test(arguments: [nil, MessageQueueBug.expiredAckAccepted]) func aLateAcknowledgementIsRefused(bug: MessageQueueBug?)
  {
    var queue = filled(1)
    _ = receive(&queue, at: 1)
    #expect(receive(&queue, at: 20) == id(0, 2))
    #expect(queue.apply(.ack(id(0, 1)), at: 21, bug) == (bug == nil ? .notHeld : .done))
    #expect(queue.apply(.ack(id(0, 2)), at: 22, bug) == .done)
  }

  @Test(arguments: [nil, MessageQueueBug.nackEndsOtherLeases]) func aNackIsAboutOneMessage(bug: MessageQueueBug?) {
    var queue = filled(2)
    _ = receive(&queue, at: 1)
    _ = receive(&queue, at: 1)
    #expect(queue.apply(.nack(id(0, 1)), at: 2, bug) == .done)
    #expect(receive(&queue, at: 3) == id(0, 2))
    #expect(receive(&queue, at: 3) == (bug == nil ? nil : id(1, 2)))
  }

  @Test(arguments: [nil, MessageQueueBug.deadLetterDropped]) func whatFailsTooOftenIsDead(bug: MessageQueueBug?) {
    var queue = filled(1)
    for attempt in 1...2 as ClosedRange<UInt32> {
      #expect(receive(&queue, at: 1, max: 2) == id(0, attempt))
      #expect(queue.apply(.nack(id(0, attempt)), at: 2, bug) == .done)
    }
    #expect(receive(&queue, at: 3) == nil)
    let dead = bug == nil ? [DeadLetter(value: [0], attempts: 2)] : []
    #expect(queue.apply(.expire, at: 4, bug) == .dead(dead))
    #expect(queue.apply(.drain, at: 4, bug) == .values(dead.map(\.value)))
  }

  @Test func aDrainTakesFreeLentAndDead() {
    var queue = filled(3)
    _ = receive(&queue, at: 1, max: 1)
    _ = receive(&queue, at: 1)
    #expect(queue.apply(.nack(id(0, 1)), at: 2, nil) == .done)
    #expect(queue.apply(.drain, at: 3, nil) == .values([[1], [2], [0]]))
    #expect(queue.apply(.drain, at: 4, nil) == .values([]))
    #expect(queue.apply(.ack(id(1, 1)), at: 5, nil) == .notHeld)
  }

  @Test func aReturnedMessageComesBeforeNewerOnes() {
    var queue = filled(3)
    #expect(receive(&queue, at: 1) == id(0, 1))
    #expect(queue.apply(.nack(id(0, 1)), at: 2, nil) == .done)
    #expect(receive(&queue, at: 3) == id(0, 2))
    #expect(receive(&queue, at: 3) == id(1, 1))
  }

  /// Over brokers: who holds what survives the leader.
  @Test(arguments: [nil, MessageQueueBug.leasesForgotten, .leasedMessagesLost])
  func leasesSurviveTheLeader(bug: MessageQueueBug?) throws {
    let queue = PartitionID(.queue, [1])
    let receive = Operation.queue(name: [1], .receive(visibility: 60_000_000_000, deliveriesMax: 0))
    var trio = try Trio { $0.bug = bug }
    _ = trio.ask(.produce(queue, value: [7], nil), at: 1)
    #expect(trio.ask(receive, at: 1) == .delivery(Delivery(id: id(0, 1), value: [7])))
    trio.run(for: 200)
    let leader = try #require(trio.leaders(of: queue).first)
    trio.stop(leader)
    trio.run(for: 2_000)
    let other = leader % 3 + 1
    let again = bug == .leasesForgotten ? Delivery(id: id(0, 2), value: [7]) : nil
    #expect(trio.ask(receive, at: other) == .delivery(again))
    #expect(trio.ask(.queue(name: [1], .drain), at: other) == .values(bug == .leasedMessagesLost ? [] : [[7]]))
  }
}
