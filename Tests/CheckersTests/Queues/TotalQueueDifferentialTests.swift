import Checkers
import Generators
import Histories
import Testing

/// The total-queue checker against a twin that tries out every possibility, on small random histories.
@Suite struct TotalQueueDifferentialTests {
  @Test(arguments: TotalQueueChecker.Promise.allCases)
  func `every claim is decided as the twin says`(promise: TotalQueueChecker.Promise) throws {
    var maker = RandomWorkload(random: RandomStreams(seed: 0).stream("queues/total \(promise.rawValue)"))
    var split = QueueSplit()
    for number in 0..<Soak.histories(slice: 1_200, whole: 20_000) {
      let events = MessageHistories.total(&maker, promise)
      let report = try TotalQueueChecker.report(History(events), promise)
      let twin = TotalQueueTwin(events)
      let expected = Self.verdict(promise, twin, events)
      split.count(expected)
      if let flaw = Self.flaw(report, promise, expected, twin) {
        Issue.record("history \(number): \(flaw): \(report)\n\(InvariantText.text(events))")
        return
      }
    }
    split.show("total-queue, \(promise.rawValue)")
    #expect(split.isBalanced)
  }

  private static func verdict(
    _ promise: TotalQueueChecker.Promise, _ twin: TotalQueueTwin, _ events: [Event]
  ) -> Verdict {
    let acknowledged = twin.isAnyAcknowledged
    let delivered = TwinCall.all(in: events).contains {
      !["enqueue", "resend"].contains($0.function) && $0.isOK && !$0.output.isNull && $0.output.list != []
    }
    let (nobody, failed) = twin.unexpected()
    let isBroken =
      switch promise {
      case .atLeastOnce: twin.lost + nobody + failed > 0
      case .exactlyOnce: twin.lost + nobody + failed + twin.duplicated > 0
      case .noLoss: twin.lost > 0
      case .noDuplicates: twin.duplicated > 0
      case .fifoPerKey: !twin.keepsOrder
      }
    if isBroken { return .invalid }
    switch promise {
    case .atLeastOnce, .exactlyOnce, .noLoss:
      return acknowledged && twin.undrained == 0 && twin.lostUnlessTaken == 0 ? .valid : .unknown
    case .noDuplicates: return delivered ? .valid : .unknown
    case .fifoPerKey: return delivered && twin.keepsOrderUnlessTaken ? .valid : .unknown
    }
  }

  /// What exactly-once claims the others claim in parts.
  @Test func `the claims of one history do not contradict each other`() throws {
    var maker = RandomWorkload(random: RandomStreams(seed: 0).stream("queues/coherent"))
    for number in 0..<Soak.histories(slice: 600, whole: 20_000) {
      let events = MessageHistories.total(&maker, [.noLoss, .noDuplicates, .exactlyOnce][number % 3])
      func verdict(_ promise: TotalQueueChecker.Promise) throws -> Verdict {
        try TotalQueueChecker.report(History(events), promise).verdict
      }
      let whole = try verdict(.exactlyOnce)
      for promise in [TotalQueueChecker.Promise.atLeastOnce, .noLoss, .noDuplicates] {
        let part = try verdict(promise)
        let isCoherent = part == .invalid ? whole == .invalid : part == .unknown ? whole != .valid : true
        #expect(
          isCoherent, "history \(number): \(promise) \(part), exactly-once \(whole)\n\(InvariantText.text(events))")
      }
    }
  }

  private static func flaw(
    _ report: InvariantReport, _ promise: TotalQueueChecker.Promise, _ verdict: Verdict, _ twin: TotalQueueTwin
  ) -> String? {
    if report.verdict != verdict { return "expected \(verdict)" }
    if (report.reason != nil) != (verdict == .unknown) { return "a reason goes with unknown" }
    if promise == .fifoPerKey { return nil }
    let (nobody, failed) = twin.unexpected()
    let counted: [(InvariantAnomaly, Int)] = [
      (.lostMessage, twin.lost), (.unexpectedMessage, nobody), (.abortedRead, failed),
      (.duplicateMessage, twin.duplicated),
    ]
    for (anomaly, count) in counted where report.count(anomaly) != count {
      return "expected \(count) × \(anomaly.rawValue)"
    }
    return report.statistic("undrained") == .int(Int64(twin.undrained)) ? nil : "undrained"
  }
}
