import Histories

/// Follows every message through a queue whose `dequeue` removes: was it lost, from nowhere, doubled, out of order?
///
/// `enqueue` puts a value in; `dequeue` takes one out, or answers null where it found none; `drain` takes all that is
/// left (Jepsen's total-queue, which counts the same over multisets). Values are enqueued once each. Nothing is claimed
/// of the order of messages unless `fifo-per-key` is, nor of when a dequeue may find nothing: for that, check the
/// models `fifo-queue` and `unordered-queue`.
///
/// What is certain where outcomes are unknown: an enqueue of unknown outcome may have put its value in or not, so it is
/// never lost and may come out. A dequeue of unknown outcome may have taken one message at any time after it began, a
/// drain any number; a claim is broken only if it is whatever these took, and holds only if it does where they took
/// nothing: between the two the verdict is `unknown`. Failed operations did nothing. A message that did not come out is
/// lost only if somebody drained the queue afterwards (`MessageLosses`); where nobody did, the verdict is `unknown` too.
/// So a claim that another one implies is never valid where that one is not.
public enum TotalQueueChecker {
  public static let name = "total-queue"
  /// Recorded in the result.
  public static let algorithm = "fate of each message"

  /// What may be claimed of a queue.
  public enum Promise: String, Hashable, Sendable, CaseIterable {
    /// What was acknowledged comes out, once or more often, and nothing else does.
    case atLeastOnce = "at-least-once"
    /// What was acknowledged comes out once, and nothing else does.
    case exactlyOnce = "exactly-once"
    /// What was acknowledged comes out.
    case noLoss = "no-loss"
    /// Nothing comes out twice.
    case noDuplicates = "no-duplicates"
    /// Messages of one producer first come out in the order in which it put them in (`ProducerOrder`).
    case fifoPerKey = "fifo-per-key"

    fileprivate var broken: Set<InvariantAnomaly> {
      switch self {
      case .atLeastOnce: [.lostMessage, .unexpectedMessage, .abortedRead]
      case .exactlyOnce: [.lostMessage, .unexpectedMessage, .abortedRead, .duplicateMessage]
      case .noLoss: [.lostMessage]
      case .noDuplicates: [.duplicateMessage]
      case .fifoPerKey: [.outOfOrderDelivery]
      }
    }
  }

  /// Each queue of a keyed history is decided by itself. Time is linear in what came out, but for sorting messages
  /// that are missing or out of order.
  ///
  /// - Throws: `PairingError`; `MalformedHistory` as `QueueLowering` says.
  public static func report(_ history: History, _ promise: Promise = .atLeastOnce) throws -> InvariantReport {
    var log = FindingLog(history, harmless: Set(InvariantAnomaly.allCases).subtracting(promise.broken))
    var tally = QueueTally()
    var perhapsInOrder = 0
    try QueueLowering.forEach(history, .removing) { object throws(MalformedHistory) in
      let losses = MessageLosses(object)
      tally.add(object, losses)
      object.reportMessages(losses, &log)
      if promise == .fifoPerKey { perhapsInOrder += ProducerOrder(object).report(to: &log) }
    }
    let asksForLoss = promise.broken.contains(.lostMessage)
    let unknown = asksForLoss ? tally.unknownLoss : tally.unknownDelivery ?? unknownOrder(perhapsInOrder)
    return log.report(checker: name, algorithm: algorithm, unknown: unknown, statistics: tally.statistics)
  }

  private static func unknownOrder(_ messages: Int) -> String? {
    messages == 0
      ? nil
      : "\(messages) message\(messages == 1 ? "" : "s") came out behind later ones of the same producer: operations of "
        + "unknown outcome may have got there first"
  }
}
