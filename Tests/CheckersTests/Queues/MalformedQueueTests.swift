import Checkers
import Histories
import Testing

/// Histories of other workloads are refused, with the event and what was expected.
@Suite struct MalformedQueueTests {
  private enum Checker { case total, work, log, replicated, ids }

  private static let malformed: [(checker: Checker, text: String, index: Int, message: String)] = [
    (.total, "0 invoke push 5", 0, "expected the operations 'enqueue', 'resend', 'dequeue' and 'drain', not 'push'"),
    (.total, "0 invoke receive null", 0, "not 'receive'"),
    (.total, "0 invoke enqueue null", 0, "a message is a number, a text or a truth value, not null"),
    (
      .total, "0 invoke enqueue [1,2]", 0,
      "a message is a number, a text or a truth value, not [1,2]; of many objects, each [key, value]: --keyed yes"
    ),
    (.total, "0 invoke enqueue [1,2,3]", 0, "a message is a number, a text or a truth value, not [1,2,3]"),
    (.total, "0 invoke enqueue 5\n1 invoke enqueue 5", 1, "5 is enqueued again (first at event 0)"),
    (.total, "0 invoke dequeue null\n0 ok dequeue [5]", 1, "a message is"),
    (.total, "0 invoke enqueue 5\n0 ok enqueue 6", 1, "'enqueue' of 5 completes with 6: expected its own value"),
    (.work, "0 invoke ack 5\n0 ok ack 6", 1, "'ack' of 5 completes with 6"),
    (.total, "0 invoke drain null\n0 ok drain 5", 1, "a drain returns the list of all that was left, not 5"),
    (.total, "0 invoke drain null\n0 ok drain [null]", 1, "a message is"),
    (.total, "0 invoke enqueue {\"v\":5}", 0, "a message is a number, a text or a truth value, not {\"v\":5}"),
    (.total, "0 invoke resend 5", 0, "5 is enqueued once more, but there is no 'enqueue' of it before"),
    (.total, "0 invoke enqueue 5\n0 fail enqueue 5\n0 invoke resend 5", 2, "5 is enqueued once more, but"),
    (
      .work, "0 invoke dequeue null", 0,
      "expected the operations 'enqueue', 'resend', 'receive', 'ack', 'nack' and 'drain'"
    ),
    (.work, "0 invoke receive null\n0 ok receive 5", 1, "expected {\"id\": id, \"value\": value, …}, not 5"),
    (.work, "0 invoke receive null\n0 ok receive {\"id\":5}", 1, "expected {\"id\""),
    (.work, "0 invoke receive null\n0 ok receive {\"id\":null,\"value\":5}", 1, "expected {\"id\""),
    (.work, "0 invoke ack null", 0, "expected the id of a message, not null"),
    (.work, "0 invoke nack [5]", 0, "expected the id of a message, not [5]"),
    (
      .log, "0 invoke read null", 0,
      "expected the operations 'send', 'resend', 'poll', 'local-poll', 'txn', 'assign', 'subscribe', 'commit', 'crash'"
    ),
    (.log, "0 invoke send 5", 0, "expected [partition, value] or [[\"send\", partition, value], …], not 5"),
    (.log, "0 invoke send [null,5]", 0, "a partition is an integer or a text, not null"),
    (.log, "0 invoke send [0,null]", 0, "a message is a number, a text or a truth value"),
    (.log, "0 invoke send [0,5]\n0 ok send [0,[1,6]]", 1, "expected [offset, 5], not [1,6]"),
    (.log, "0 invoke send [0,5]\n0 ok send [1,[1,5]]", 1, "acknowledged by another partition"),
    (.log, "0 invoke send [0,5]\n0 ok send [0,[-1,5]]", 1, "an offset is an integer from 0 on, not -1"),
    (.log, "0 invoke send [0,5]\n1 invoke send [\"0\",5]", 1, "5 is sent to partition \"0\" again (first at event 0)"),
    (.log, "0 invoke resend [0,5]", 0, "5 is sent to partition \"0\" once more, but there is no 'send' of it before"),
    (.log, "0 invoke poll 5", 0, "a poll asks for null, [partition, offset] or [[\"poll\"], …], not 5"),
    (.log, "0 invoke poll [0,-1]", 0, "a poll asks for null, [partition, offset] or"),
    (.log, "0 invoke poll [0,1]\n0 ok poll [1,[]]", 1, "expected [\"0\", [[offset, value], …]], not [1,[]]"),
    (.log, "0 invoke poll [0,1]\n0 ok poll null", 1, "expected [\"0\", [[offset, value], …]], not null"),
    (.log, "0 invoke poll null\n0 ok poll [5]", 1, "a poll returns {partition: [[offset, value], …], …}, not [5]"),
    (.log, "0 invoke poll null\n0 ok poll {\"0\":5}", 1, "a poll returns [[offset, value], …] for a partition, not 5"),
    (.log, "0 invoke poll null\n0 ok poll {\"0\":[5]}", 1, "expected [offset, value], not 5"),
    (.log, "0 invoke txn 5", 0, "a transaction is a list of [\"send\", partition, value] and [\"poll\"], not 5"),
    (.log, "0 invoke txn [[\"append\",0,5]]", 0, "expected [\"send\", partition, value] or [\"poll\"]"),
    (.log, "0 invoke txn [[\"poll\"]]\n0 ok txn []", 1, "expected the same micro-operations"),
    (.log, "0 invoke txn [[\"poll\"]]\n0 ok txn [[\"send\",0,[0,1]]]", 1, "expected the same micro-operations"),
    (.log, "0 invoke assign 5", 0, "expected the list of partitions, not 5"),
    (.replicated, "0 invoke add 5", 0, "expected the operations 'append', 'read' and 'read-all', not 'add'"),
    (.replicated, "0 invoke append [1,2]", 0, "an entry is a number, a text or a truth value, not [1,2]"),
    (.replicated, "0 invoke append 5\n1 invoke append 5", 1, "5 is appended again (first at event 0)"),
    (.replicated, "0 invoke append 5\n0 ok append 5", 1, "expected [index, 5], not 5"),
    (.replicated, "0 invoke append 5\n0 ok append [\"0\",5]", 1, "an index is an integer from 0 on, not \"0\""),
    (.replicated, "0 invoke read 5", 0, "expected null or the indices [from, to], not 5"),
    (.replicated, "0 invoke read null\n0 ok read 5", 1, "a read returns [[index, value], …], not 5"),
    (.replicated, "0 invoke read null\n0 ok read [5]", 1, "expected [index, value], not 5"),
    (.ids, "0 invoke next null", 0, "expected the operation 'generate', not 'next'"),
    (.ids, "0 invoke generate null\n0 ok generate null", 1, "expected an id, not null"),
  ]

  private static func report(_ checker: Checker, _ history: History) throws -> InvariantReport {
    switch checker {
    case .total: try TotalQueueChecker.report(history)
    case .work: try WorkQueueChecker.report(history)
    case .log: try PartitionedLogChecker.report(history)
    case .replicated: try ReplicatedLogChecker.report(history)
    case .ids: try UniqueIDChecker.report(history)
    }
  }

  @Test(arguments: malformed.indices) func refused(_ number: Int) throws {
    let (checker, text, index, message) = Self.malformed[number]
    let history = try InvariantText.history(text)
    let error = #expect(throws: MalformedHistory.self) { try Self.report(checker, history) }
    #expect(error?.index == index)
    #expect(error?.message.contains(message) == true, "\(String(describing: error))")
  }

  @Test func `keys must be everywhere, and stay`() throws {
    let without = try InvariantText.history(
      "0 invoke enqueue [1,2]\n0 ok enqueue [1,2]\n0 invoke drain null", keyed: true)
    #expect(#expect(throws: MalformedHistory.self) { try TotalQueueChecker.report(without) }?.index == 2)
    let moved = try InvariantText.history("0 invoke enqueue [1,2]\n0 ok enqueue [2,2]", keyed: true)
    #expect(#expect(throws: MalformedHistory.self) { try WorkQueueChecker.report(moved) }?.index == 1)
    let log = try InvariantText.history("0 invoke append [1,2]\n0 ok append [2,[0,2]]", keyed: true)
    #expect(#expect(throws: MalformedHistory.self) { try ReplicatedLogChecker.report(log) }?.index == 1)
  }

  @Test func `partitions and ids are not split by keys`() throws {
    let log = try InvariantText.history("0 invoke send [0,1]\n0 ok send [0,[0,1]]", keyed: true)
    #expect(throws: MalformedHistory.self) { try PartitionedLogChecker.report(log) }
    let ids = try InvariantText.history("0 invoke generate null\n0 ok generate [0,1]", keyed: true)
    #expect(throws: MalformedHistory.self) { try UniqueIDChecker.report(ids) }
  }

  @Test func `a completion without an invocation is no history`() throws {
    let history = try InvariantText.history("0 ok read null")
    for checker in [Checker.total, .work, .log, .replicated, .ids] {
      #expect(throws: PairingError.self) { try Self.report(checker, history) }
    }
  }
}
