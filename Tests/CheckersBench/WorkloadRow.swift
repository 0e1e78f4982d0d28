import Checkers
import Histories

/// One history of a workload with an invariant, with the claim that it keeps or breaks.
struct WorkloadRow {
  typealias Tail = [(function: String, input: Value, output: Value)]

  var name: String
  var model: String
  var claim: String
  /// What is wrong with it; nil where nothing is.
  var planted: InvariantAnomaly?
  /// Whether nothing can be said, though something is wrong.
  var isUndecidable = false
  var history: () -> History
  var assumptions = Assumptions()

  /// Queues and logs, each as it should be and with some operations at the end, of values that nobody else uses, that
  /// break the claim.
  static func queues(quick: Bool) -> [WorkloadRow] {
    let count = quick ? 10_000 : 1_000_000
    return total(count) + work(count) + logs(count) + replicated(count) + ids(count)
  }

  private static func both(
    _ name: String, _ model: String, _ claim: String, _ planted: InvariantAnomaly, _ tail: Tail,
    _ history: @escaping (Tail) -> History
  ) -> [WorkloadRow] {
    [
      WorkloadRow(name: "\(name), valid", model: model, claim: claim, planted: nil) { history([]) },
      WorkloadRow(name: "\(name), \(planted.rawValue)", model: model, claim: claim, planted: planted) { history(tail) },
    ]
  }

  private static let enqueued: Tail = [("enqueue", -1, -1)]

  private static func total(_ count: Int) -> [WorkloadRow] {
    let swapped: Tail = enqueued + [("enqueue", -2, -2), ("dequeue", .null, -2), ("dequeue", .null, -1)]
    return both("one queue", "total-queue", "exactly-once", .lostMessage, enqueued) {
      QueueHistory.total(count, queues: 1, tail: $0)
    }
      + both("1000 queues", "total-queue", "fifo-per-key", .outOfOrderDelivery, swapped) {
        QueueHistory.total(count, queues: 1000, tail: $0)
      }
  }

  private static func work(_ count: Int) -> [WorkloadRow] {
    let lent: Value = ["id": -1, "value": -1]
    let twice: Tail = enqueued + [("receive", .null, lent), ("receive", .null, lent)]
    let rows = both("messages lent", "work-queue", "exclusive-delivery", .earlyRedelivery, twice) {
      QueueHistory.work(count, tail: $0)
    }
    return rows.map { row in
      var row = row
      row.assumptions.visibilityTimeout = 30_000_000_000
      return row
    }
  }

  private static func logs(_ count: Int) -> [WorkloadRow] {
    let polled: (String, Value, Value) = ("poll", .null, ["a": [[0, -1]]])
    let again: Tail = [("send", ["a", -1], ["a", [0, -1]]), polled, polled]
    let circle: Tail = [
      ("txn", [["send", "a", -1], ["poll"]], [["send", "a", [0, -1]], ["poll", ["b": [[0, -2]]]]]),
      ("txn", [["send", "b", -2], ["poll"]], [["send", "b", [0, -2]], ["poll", ["a": [[0, -1]]]]]),
    ]
    return [20, 10_000].flatMap { partitions in
      both("\(partitions) partitions", "partitioned-log", "log-order", .nonmonotonicPoll, again) {
        QueueHistory.log(count, partitions: partitions, transactions: false, tail: $0)
      }
    }
      + both("20 partitions, transactions of three", "partitioned-log", "read-committed", .readCycle, circle) {
        QueueHistory.log(count, partitions: 20, transactions: true, tail: $0)
      }
  }

  private static func replicated(_ count: Int) -> [WorkloadRow] {
    both("three replicas", "replicated-log", "log-agreement", .conflictingEntries, [("append", -1, [0, -1])]) {
      QueueHistory.replicated(count, tail: $0)
    }
  }

  private static func ids(_ count: Int) -> [WorkloadRow] {
    let twice: Tail = [("generate", .null, -1), ("generate", .null, -1)]
    return both("ids", "unique-ids", "unique-ids", .duplicateID, twice) { QueueHistory.ids(count, tail: $0) }
  }
}
