import Checkers
import Histories
import Testing

/// One history for each thing that the checkers of queues must tell apart, with the sentence that a reader gets.
@Suite struct QueueCaseTests {
  // MARK: total-queue

  private static let lost = """
    0 invoke enqueue "a"
    0 ok enqueue "a"
    1 invoke drain null
    1 ok drain []
    """

  @Test func `a message that a drain misses is lost`() throws {
    let report = try TotalQueueChecker.report(InvariantText.history(Self.lost))
    #expect(report.verdict == .invalid)
    let finding = try #require(report.findings.first)
    #expect(finding.anomaly == .lostMessage)
    #expect(
      finding.summary
        == "\"a\" was acknowledged to process 0's enqueue (events 0–1, 0.001 s) and never came out, though "
        + "process 1's drain (events 2–3, 0.003 s) took all that was left")
    #expect(finding.operations == [0, 2])
    #expect(finding.events == [0, 1, 2, 3])
    #expect(report.result.findings.first?.fingerprint == "total-queue/lost-message")
  }

  /// Without a drain the message may still be there; that many consumers found nothing is no proof: queues that are
  /// spread over servers ask some of them.
  @Test func `a queue that nobody drained may still hold what did not come out`() throws {
    let report = try TotalQueueChecker.report(
      InvariantText.history(
        "0 invoke enqueue 1\n0 ok enqueue 1\n1 invoke dequeue null\n1 ok dequeue null\n1 invoke drain null\n1 fail drain null"
      ))
    #expect(report.verdict == .unknown)
    #expect(
      report.reason
        == "1 of 1 acknowledged messages never came out, and nobody drained their queue afterwards: they may "
        + "still be in it")
    #expect(report.statistic("undrained") == 1)
  }

  /// One dequeue of unknown outcome may have taken one missing message, not two; Jepsen's checker calls both histories
  /// lossy.
  @Test(arguments: [(1, Verdict.unknown), (2, .invalid)])
  func `a crashed dequeue may have taken one message`(messages: Int, verdict: Verdict) throws {
    let enqueues = (0..<messages).map { "0 invoke enqueue \($0)\n0 ok enqueue \($0)\n" }.joined()
    let report = try TotalQueueChecker.report(
      InvariantText.history(enqueues + "1 invoke dequeue null\n1 info dequeue null\n2 invoke drain null\n2 ok drain []")
    )
    #expect(report.verdict == verdict)
    #expect(report.statistic("perhaps-taken") == 1)
    #expect(report.count(.lostMessage) == messages - 1)
    let reason =
      "1 of 1 acknowledged messages never came out, though their queue was drained: an operation of unknown outcome "
      + "may have taken them"
    #expect(report.reason == (messages == 1 ? reason : nil))
  }

  /// It may have taken all of them or none: after it no queue can be convicted, and none is acquitted either.
  @Test func `a crashed drain leaves open what became of any number of messages`() throws {
    let enqueues = (0..<100).map { "0 invoke enqueue \($0)\n0 ok enqueue \($0)\n" }.joined()
    let crashed = "1 invoke drain null\n1 info drain null\n"
    let history = try InvariantText.history(enqueues + crashed + "2 invoke drain null\n2 ok drain []")
    for promise in TotalQueueChecker.Promise.allCases {
      #expect(try TotalQueueChecker.report(history, promise).verdict == .unknown, "\(promise)")
    }
    #expect(try TotalQueueChecker.report(history).statistic("perhaps-taken") == 100)
    let all = (0..<100).map { "\($0)" }.joined(separator: ",")
    let whole = try InvariantText.history(enqueues + crashed + "2 invoke drain null\n2 ok drain [\(all)]")
    #expect(try TotalQueueChecker.report(whole, .exactlyOnce).verdict == .valid)
  }

  @Test func `a crashed dequeue that began after the drain had ended took nothing from before`() throws {
    let report = try TotalQueueChecker.report(
      InvariantText.history(Self.lost + "\n2 invoke dequeue null\n2 info dequeue null"))
    #expect(report.verdict == .invalid)
  }

  @Test func `an operation that never came back may have taken a message too`() throws {
    let text = "0 invoke enqueue 1\n0 ok enqueue 1\n1 invoke dequeue null\n2 invoke drain null\n2 ok drain []"
    #expect(try TotalQueueChecker.report(InvariantText.history(text)).verdict == .unknown)
  }

  /// Whoever took it did so before the drain that ended first, though another one began before that.
  @Test func `of drains at a time the first to end is the deadline`() throws {
    let drains = "1 invoke drain null\n2 invoke drain null\n2 ok drain []\n"
    let crashed = "3 invoke dequeue null\n3 info dequeue null\n"
    let before = "0 invoke enqueue 1\n0 ok enqueue 1\n"
    let late = try TotalQueueChecker.report(InvariantText.history(before + drains + crashed + "1 ok drain []"))
    #expect(late.verdict == .invalid)
    let early = try TotalQueueChecker.report(InvariantText.history(before + crashed + drains + "1 ok drain []"))
    #expect(early.verdict == .unknown)
  }

  @Test func `a duplicate breaks exactly-once only`() throws {
    let history = try InvariantText.history(
      "0 invoke enqueue 1\n0 ok enqueue 1\n1 invoke dequeue null\n1 ok dequeue 1\n1 invoke drain null\n1 ok drain [1]")
    let atLeastOnce = try TotalQueueChecker.report(history)
    #expect(atLeastOnce.verdict == .valid)
    #expect(atLeastOnce.observations.map(\.anomaly) == [.duplicateMessage])
    for promise in [TotalQueueChecker.Promise.exactlyOnce, .noDuplicates] {
      let report = try TotalQueueChecker.report(history, promise)
      #expect(report.verdict == .invalid)
      #expect(
        report.findings.first?.summary == "1 came out of process 1's dequeue (events 2–3, 0.003 s) and of process 1's "
          + "drain (events 4–5, 0.005 s)")
    }
  }

  @Test func `queues of one history are decided each by itself`() throws {
    let text = """
      0 invoke enqueue ["a",1]
      0 ok enqueue ["a",1]
      0 invoke enqueue ["b",1]
      0 ok enqueue ["b",1]
      1 invoke drain ["a",null]
      1 ok drain ["a",[1]]
      1 invoke drain ["b",null]
      1 ok drain ["b",[]]
      """
    let report = try TotalQueueChecker.report(InvariantText.history(text, keyed: true))
    #expect(report.findings.map(\.key) == ["b"])
    #expect(report.statistic("queues") == 2)
  }

  // MARK: fifo-per-key

  private static func order(_ deliveries: String, second: Int = 0) throws -> InvariantReport {
    let text = """
      0 invoke enqueue 1
      0 ok enqueue 1
      \(second) invoke enqueue 2
      \(second) ok enqueue 2

      """
    return try TotalQueueChecker.report(InvariantText.history(text + deliveries), .fifoPerKey)
  }

  private static let reversed = """
    5 invoke dequeue null
    5 ok dequeue 2
    6 invoke dequeue null
    6 ok dequeue 1
    """

  @Test func `messages of one producer come out in its order`() throws {
    let report = try Self.order(Self.reversed)
    #expect(report.findings.map(\.anomaly) == [.outOfOrderDelivery])
    #expect(
      report.findings.first?.summary == "process 0's enqueue (events 0–1, 0.001 s) put in 1 before process 0's enqueue "
        + "(events 2–3, 0.003 s) put in 2, which process 5's dequeue (events 4–5, 0.005 s) got before process 6's dequeue "
        + "(events 6–7, 0.007 s) got the other")
    #expect(try Self.order("5 invoke drain null\n5 ok drain [2,1]").verdict == .invalid)
  }

  @Test func `nothing is claimed of two producers, of deliveries at a time, or of redeliveries`() throws {
    #expect(try Self.order(Self.reversed, second: 1).verdict == .valid)
    let atATime = "5 invoke dequeue null\n6 invoke dequeue null\n5 ok dequeue 2\n6 ok dequeue 1"
    #expect(try Self.order(atATime).verdict == .valid)
    let again = "4 invoke dequeue null\n4 ok dequeue 1\n"
    #expect(try Self.order(again + Self.reversed).verdict == .valid)
  }

  @Test func `a crashed dequeue may have been the first delivery`() throws {
    let crashed = "7 invoke dequeue null\n7 info dequeue null\n"
    let perhaps = try Self.order(crashed + Self.reversed)
    #expect(perhaps.verdict == .unknown)
    #expect(perhaps.reason?.hasPrefix("1 message came out behind later ones of the same producer") == true)
    #expect(try Self.order(Self.reversed + "\n" + crashed).verdict == .invalid)
  }

  // MARK: work-queue

  private static func work(
    _ promise: WorkQueueChecker.Promise, timeoutMilliseconds: Int64?, _ text: String
  ) throws -> InvariantReport {
    let before =
      "0 invoke enqueue 1\n0 ok enqueue 1\n1 invoke receive null\n1 ok receive {\"id\":7,\"value\":1,\"attempt\":1}\n"
    return try WorkQueueChecker.report(
      InvariantText.history(before + text),
      WorkQueueChecker.Options(promise: promise, visibilityTimeout: timeoutMilliseconds.map { $0 * 1_000_000 }))
  }

  private static let again = "2 invoke receive null\n2 ok receive {\"id\":7,\"value\":1,\"attempt\":2}\n"

  @Test func `a message that was acknowledged does not come back`() throws {
    let ack = "1 invoke ack 7\n1 ok ack 7\n"
    let report = try Self.work(.ackedNeverAgain, timeoutMilliseconds: nil, ack + Self.again)
    #expect(report.findings.map(\.anomaly) == [.ackedRedelivery])
    #expect(
      report.findings.first?.summary
        == "process 2's receive (events 6–7, 0.007 s) got 1, which process 1's ack (events "
        + "4–5, 0.005 s) had taken off the queue for good")
    let unknown = "1 invoke ack 7\n1 info ack 7\n"
    #expect(try Self.work(.ackedNeverAgain, timeoutMilliseconds: nil, unknown + Self.again).verdict == .valid)
    let failed = "1 invoke ack 7\n1 fail ack 7\n"
    #expect(try Self.work(.ackedNeverAgain, timeoutMilliseconds: nil, failed + Self.again).verdict == .valid)
  }

  /// The second delivery ends 3 ms after the first began.
  @Test func `a holder has its message for the visibility timeout`() throws {
    let report = try Self.work(.exclusiveDelivery, timeoutMilliseconds: 4, Self.again)
    #expect(report.findings.map(\.anomaly) == [.earlyRedelivery])
    #expect(
      report.findings.first?.summary
        == "process 1's receive (events 2–3, 0.003 s) and process 2's receive (events 4–5, "
        + "0.005 s) both got 1 within 0.003 s, less than the visibility timeout of 0.004 s, and nobody gave it back between"
    )
    #expect(try Self.work(.exclusiveDelivery, timeoutMilliseconds: 3, Self.again).verdict == .valid)
    #expect(try Self.work(.exclusiveDelivery, timeoutMilliseconds: nil, Self.again).verdict == .unknown)
  }

  @Test func `without times nothing is too early`() throws {
    let text = "0 invoke enqueue 1\n0 ok enqueue 1\n1 invoke receive null\n1 ok receive {\"id\":7,\"value\":1}\n"
    let events = try InvariantText.history(text + Self.again).events.map { event in
      var event = event
      event.time = 0
      return event
    }
    let options = WorkQueueChecker.Options(promise: .exclusiveDelivery, visibilityTimeout: 1_000_000_000)
    let report = try WorkQueueChecker.report(History(events), options)
    #expect(report.verdict == .unknown)
    #expect(report.reason == "the history does not say when its events were")
  }

  @Test(arguments: [
    ("nack", "ok", Verdict.valid), ("nack", "info", .valid), ("ack", "info", .valid), ("nack", "fail", .invalid),
  ])
  func `what may have given the message back excuses the queue`(
    function: String, type: String, verdict: Verdict
  ) throws {
    let release = "1 invoke \(function) 7\n1 \(type) \(function) 7\n"
    #expect(try Self.work(.exclusiveDelivery, timeoutMilliseconds: 1_000, release + Self.again).verdict == verdict)
  }

  // MARK: unique-ids

  @Test func `ids of any kind are told apart by value`() throws {
    let report = try UniqueIDChecker.report(
      InvariantText.history(
        "0 invoke generate null\n1 invoke generate null\n0 ok generate [1,\"n1\"]\n1 ok generate [1,\"n1\"]"))
    #expect(
      report.findings.map(\.summary) == [
        "process 0's generate (events 0–2, 0.002 s) and process 1's generate (events 1–3, 0.003 s) both got [1,\"n1\"]"
      ])
    let numbers = try UniqueIDChecker.report(
      InvariantText.history("0 invoke generate null\n0 ok generate 5\n0 invoke generate null\n0 ok generate -3"))
    #expect(numbers.verdict == .valid)
    #expect(numbers.statistic("smallest") == -3 && numbers.statistic("greatest") == 5)
  }
}
