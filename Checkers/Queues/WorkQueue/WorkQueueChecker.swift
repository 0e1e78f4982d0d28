import Histories

/// Follows every message through a queue that lends: `receive` hands a message out under an id, `ack` takes it off the
/// queue for good, `nack` gives it back, and the queue takes it back by itself when its holder's time is over.
///
/// Queues of this kind (Amazon SQS with its visibility timeout, beanstalkd, RabbitMQ) promise *at least once*: a
/// message that was delivered twice is no error. What is one: a message that is lost, that nobody put in, that comes
/// back although its ack was acknowledged, or that a second holder gets before the first one's time is over (`Leases`),
/// and one that was handed out and is gone although nobody acked it (`Keeping`).
/// Messages are known by their values, each enqueued once; an id may be of a message or of one delivery of it.
///
/// What is certain where outcomes are unknown: as in `TotalQueueChecker`, with `receive` in the place of `dequeue`. An
/// ack or nack of unknown outcome may have taken effect at any time after it began; one that failed did nothing; one of
/// an id that no message came out under is counted, and says nothing.
public enum WorkQueueChecker {
  public static let name = "work-queue"
  /// Recorded in the result.
  public static let algorithm = "fate and holders of each message"

  /// What may be claimed of a queue.
  public enum Promise: String, Hashable, Sendable, CaseIterable {
    /// What was acknowledged to its producer comes out, once or more often, and nothing else does.
    case atLeastOnce = "at-least-once"
    /// A message does not come out again after its ack was acknowledged.
    case ackedNeverAgain = "acked-never-again"
    /// A message is not delivered again before its holder gave it back, or its time was over.
    case exclusiveDelivery = "exclusive-delivery"
    /// A message that was delivered stays in the queue until it is acked (`Keeping`).
    case keptUntilAcked = "kept-until-acked"
    /// What was acknowledged to its producer comes out once, and nothing else does.
    case exactlyOnce = "exactly-once"
    /// What was acknowledged to its producer comes out.
    case noLoss = "no-loss"
    /// Nothing comes out twice.
    case noDuplicates = "no-duplicates"

    fileprivate var broken: Set<InvariantAnomaly> {
      switch self {
      case .atLeastOnce: [.lostMessage, .unexpectedMessage, .abortedRead, .sharedID]
      case .ackedNeverAgain: [.ackedRedelivery]
      case .exclusiveDelivery: [.earlyRedelivery]
      case .keptUntilAcked: [.unkeptMessage]
      case .exactlyOnce: [.lostMessage, .unexpectedMessage, .abortedRead, .sharedID, .duplicateMessage]
      case .noLoss: [.lostMessage]
      case .noDuplicates: [.duplicateMessage]
      }
    }
  }

  public struct Options: Hashable, Sendable {
    public var promise: Promise
    /// Nanoseconds for which a message that was delivered is hidden from others; nil where that is not known, and then
    /// `exclusiveDelivery` is. Measured by the clock of the history: a server whose clock runs fast may take a message
    /// back earlier.
    public var visibilityTimeout: Int64?

    public init(promise: Promise = .atLeastOnce, visibilityTimeout: Int64? = nil) {
      self.promise = promise
      self.visibilityTimeout = visibilityTimeout
    }
  }

  /// Each queue of a keyed history is decided by itself: O(n log n).
  ///
  /// - Throws: `PairingError`; `MalformedHistory` as `QueueLowering` says.
  public static func report(_ history: History, _ options: Options = Options()) throws -> InvariantReport {
    var log = FindingLog(history, harmless: Set(InvariantAnomaly.allCases).subtracting(options.promise.broken))
    var tally = QueueTally()
    var (acks, nacks, stray) = (0, 0, 0)
    var (unkept, undrained, perhapsTaken) = (0, 0, 0)
    let hasTimes = history.count > 0 && history.time(at: history.count - 1) != 0
    try QueueLowering.forEach(history, .lending) { object throws(MalformedHistory) in
      let losses = MessageLosses(object)
      tally.add(object, losses)
      object.reportMessages(losses, &log)
      Leases(object).report(hasTimes ? options.visibilityTimeout : nil, to: &log)
      let keeping = Keeping(object)
      keeping.report(to: &log)
      unkept += keeping.gone.count
      undrained += keeping.undrained
      perhapsTaken += keeping.perhapsTaken
      acks += object.releases.count { $0.isAck && $0.isAcknowledged }
      nacks += object.releases.count { !$0.isAck && $0.isAcknowledged }
      stray += object.strayReleases
    }
    let unkeptUnknown = Keeping.unknown(undrained: undrained, perhapsTaken: perhapsTaken)
    let unknown =
      options.promise == .keptUntilAcked && unkeptUnknown != nil
      ? unkeptUnknown : unknown(options, tally, hasTimes: hasTimes)
    return log.report(
      checker: name, algorithm: algorithm, unknown: unknown,
      statistics: tally.statistics + [
        ("acks", .int(Int64(acks))), ("nacks", .int(Int64(nacks))), ("stray-releases", .int(Int64(stray))),
        ("unkept", .int(Int64(unkept))),
      ])
  }

  private static func unknown(_ options: Options, _ tally: QueueTally, hasTimes: Bool) -> String? {
    if options.promise.broken.contains(.lostMessage) { return tally.unknownLoss }
    if options.promise == .exclusiveDelivery, options.visibilityTimeout == nil {
      return "nobody said for how long a message that was delivered is hidden from others"
    }
    if options.promise == .exclusiveDelivery, !hasTimes {
      return "the history does not say when its events were"
    }
    return tally.unknownDelivery
  }
}
