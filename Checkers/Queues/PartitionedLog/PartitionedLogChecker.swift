import Histories

/// Holds what producers and consumers of a partitioned log saw against one order of each partition (Kafka and its like;
/// the anomalies are those of Jepsen's kafka workload).
///
/// `send` appends a value to a partition and is told its offset, `poll` gets the next messages of the partitions that
/// the client is assigned, or those of one partition from an offset on, `txn` does several of both; `assign` and
/// `subscribe` choose partitions, `commit` says how far a consumer is. `local-poll` is a poll of one replica. Values are
/// sent to a partition once each, though a producer may `resend` one that it sent before; offsets may have gaps.
///
/// What is certain where outcomes are unknown: a send of unknown outcome counts once somebody polled its message; a
/// poll of unknown outcome may have got anything (`LostWrites`); a failed call did nothing, and what only failed calls
/// sent must not be polled. Places in the log are known from acknowledged sends and completed polls.
public enum PartitionedLogChecker {
  public static let name = "partitioned-log"
  /// Recorded in the result.
  public static let algorithm = "one order of each partition"

  /// What may be claimed of a log.
  public enum Promise: String, Hashable, Sendable, CaseIterable {
    /// All of the others but the last; no circle of transactions that polled from each other. What Jepsen's checker
    /// demands where consumers are assigned their partitions.
    case logOrder = "log-order"
    /// What was acknowledged is polled by somebody, if messages behind it are.
    case noLoss = "no-loss"
    /// A message has one offset.
    case noDuplicates = "no-duplicates"
    /// An offset has one message.
    case logAgreement = "log-agreement"
    /// What one client sends to a partition is there in that order, and each client polls a partition in order.
    case fifoPerKey = "fifo-per-key"
    /// Nothing is polled that was given up, and no transactions depend on each other in a circle, the order of their
    /// messages included: Adya's PL-2, which Kafka does not promise.
    case readCommitted = "read-committed"

    fileprivate var broken: Set<InvariantAnomaly> {
      let order: Set<InvariantAnomaly> = [
        .nonmonotonicSend, .nonmonotonicPoll, .pollSkip, .innerNonmonotonicSend, .innerNonmonotonicPoll, .innerPollSkip,
      ]
      return switch self {
      case .logOrder:
        order.union([
          .lostWrite, .duplicateOffset, .inconsistentOffsets, .abortedRead, .thinAirRead, .readCycle,
        ])
      case .noLoss: [.lostWrite]
      case .noDuplicates: [.duplicateOffset]
      case .logAgreement: [.inconsistentOffsets]
      case .fifoPerKey: order
      case .readCommitted: [.abortedRead, .thinAirRead, .readCycle, .mixedCycle, .sendCycle]
      }
    }
  }

  public struct Options: Hashable, Sendable {
    public var promise: Promise
    /// Whether consumers without a position begin at the beginning of a partition (Kafka's
    /// `auto.offset.reset=earliest`).
    public var startsAtBeginning: Bool

    public init(promise: Promise = .logOrder, startsAtBeginning: Bool = true) {
      self.promise = promise
      self.startsAtBeginning = startsAtBeginning
    }
  }

  /// Time is linear in what was sent and polled where offsets are dense or come in order, but for sorting.
  ///
  /// - Throws: `PairingError`; `MalformedHistory` as `LogLowering` says.
  public static func report(_ history: History, _ options: Options = Options()) throws -> InvariantReport {
    let columns = try LogLowering.columns(history)
    var log = FindingLog(history, harmless: Set(InvariantAnomaly.allCases).subtracting(options.promise.broken))
    columns.reportMessages(&log)
    var audit = LogOrderAudit(columns)
    let isPassed = audit.report(to: &log)
    let losses = LostWrites(
      columns, isPassed: isPassed, startsAtBeginning: options.startsAtBeginning && !columns.hasPositions)
    losses.report(to: &log)
    LogCycles(columns)?.report(to: &log)
    return log.report(
      checker: name, algorithm: algorithm, unknown: unknown(options.promise, columns, losses),
      statistics: statistics(columns, losses))
  }

  private static func unknown(_ promise: Promise, _ columns: LogColumns, _ losses: LostWrites) -> String? {
    if !columns.slots.contains(where: { $0.isPolled }) { return "no poll got a message" }
    guard promise.broken.contains(.lostWrite), losses.perhapsPolled > 0 else { return nil }
    return "\(losses.perhapsPolled) acknowledged messages before others that were polled are in no completed poll: the "
      + "\(columns.unknownPolls) polls of unknown outcome may have got them"
  }

  private static func statistics(_ columns: LogColumns, _ losses: LostWrites) -> [(name: String, value: Value)] {
    let polled = columns.messages.count { $0.isPolled }
    let recovered = columns.messages.count {
      $0.isPolled && $0.sender != LogColumns.never && columns.calls[Int($0.sender)].outcome != .ok
    }
    return [
      ("partitions", columns.partitions.count), ("acknowledged", losses.acknowledged), ("polled", polled),
      ("recovered", recovered), ("lost", losses.lost.count), ("perhaps-polled", losses.perhapsPolled),
      ("unseen", losses.unseen), ("polls-unknown", columns.unknownPolls),
    ].map { (name: $0.0, value: .int(Int64($0.1))) }
  }
}
