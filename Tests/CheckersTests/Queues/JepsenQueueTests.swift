import Checkers
import Histories
import Testing

/// Histories as Jepsen's tests of queues and logs store them, in EDN.
@Suite struct JepsenQueueTests {
  private static func history(_ lines: [String]) throws -> History {
    try HistoryReader().read(Array(lines.joined(separator: "\n").utf8)).history
  }

  /// One operation after the other, with the fields that Jepsen's records have.
  private static func records(_ operations: [(process: String, type: String, f: String, value: String)]) -> [String] {
    operations.enumerated().map { index, operation in
      "#jepsen.history.Op{:index \(index), :time \(index * 1_000_000), :type :\(operation.type), "
        + ":process \(operation.process), :f :\(operation.f), :value \(operation.value)}"
    }
  }

  private static let kafka: [(process: String, type: String, f: String, value: String)] = [
    ("0", "invoke", "assign", "[0 1]"), ("0", "ok", "assign", "[0 1]"),
    ("1", "invoke", "send", "[[:send 0 1]]"), ("1", "ok", "send", "[[:send 0 [0 1]]]"),
    (":nemesis", "info", "start-partition", ":majority"),
    ("1", "invoke", "txn", "[[:poll] [:send 0 2] [:send 1 1]]"),
    ("1", "ok", "txn", "[[:poll {0 [[0 1]]}] [:send 0 [1 2]] [:send 1 [0 1]]]"),
    ("2", "invoke", "crash", "nil"), ("2", "info", "crash", "nil"),
    ("5", "invoke", "debug-topic-partitions", "[0 1]"), ("5", "info", "debug-topic-partitions", "[0 1]"),
    ("3", "invoke", "send", "[[:send 0 3]]"), ("3", "info", "send", "[[:send 0 3]]"),
  ]

  private static func poll(_ answer: String) -> [(process: String, type: String, f: String, value: String)] {
    [("0", "invoke", "poll", "[[:poll]]"), ("0", "ok", "poll", "[[:poll \(answer)]]")]
  }

  @Test func `logs with integers for partitions, crashes and transactions`() throws {
    let whole = try Self.history(Self.records(Self.kafka + Self.poll("{0 [[0 1] [1 2] [3 3]], 1 [[0 1]]}")))
    let report = try PartitionedLogChecker.report(whole)
    #expect(report.verdict == .valid, "\(report)")
    #expect(report.statistic("partitions") == 2 && report.statistic("recovered") == 1)
    #expect(report.statistic("acknowledged") == 3 && report.statistic("polls-unknown") == 0)
    let skipping = try Self.history(Self.records(Self.kafka + Self.poll("{0 [[0 1] [3 3]]}")))
    #expect(try PartitionedLogChecker.report(skipping).findings.map(\.anomaly) == [.lostWrite, .innerPollSkip])
    let torn = try Self.history(Self.records(Self.kafka + Self.poll("{0 [[0 1] [1 7]]}")))
    #expect(
      try PartitionedLogChecker.report(torn).findings.map(\.anomaly).contains(.inconsistentOffsets))
  }

  @Test func `queues with a drain, and dequeues that found nothing`() throws {
    let operations = [
      "{:process 0, :type :invoke, :f :enqueue, :value 1}", "{:process 0, :type :ok, :f :enqueue, :value 1}",
      "{:process 1, :type :invoke, :f :dequeue, :value nil}",
      "{:process 1, :type :fail, :f :dequeue, :value nil, :error :exhausted}",
      "{:process 0, :type :invoke, :f :enqueue, :value 2}", "{:process 0, :type :info, :f :enqueue, :value 2}",
      "{:process 1, :type :invoke, :f :dequeue, :value nil}", "{:process 1, :type :ok, :f :dequeue, :value 2}",
      "{:process 1, :type :invoke, :f :drain, :value nil}",
    ]
    let kept = try Self.history(operations + ["{:process 1, :type :ok, :f :drain, :value [1]}"])
    let report = try TotalQueueChecker.report(kept, .exactlyOnce)
    #expect(report.verdict == .valid, "\(report)")
    #expect(report.statistic("recovered") == 1)
    let lost = try Self.history(operations + ["{:process 1, :type :ok, :f :drain, :value []}"])
    #expect(try TotalQueueChecker.report(lost).findings.map(\.anomaly) == [.lostMessage])
  }

  @Test func `ids are texts, too`() throws {
    let lines = [
      "{:type :invoke, :f :generate, :process 0, :value nil}", "{:type :ok, :f :generate, :process 0, :value \"a-1\"}",
      "{:type :invoke, :f :generate, :process 1, :value nil}", "{:type :ok, :f :generate, :process 1, :value \"a-1\"}",
    ]
    #expect(try UniqueIDChecker.report(Self.history(lines)).findings.map(\.anomaly) == [.duplicateID])
  }
}
