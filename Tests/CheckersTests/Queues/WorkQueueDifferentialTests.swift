import Checkers
import Generators
import Histories
import Testing

/// The work-queue checker against twins that try out every possibility, on small random histories.
@Suite struct WorkQueueDifferentialTests {
  @Test(arguments: [
    WorkQueueChecker.Promise.atLeastOnce, .ackedNeverAgain, .exclusiveDelivery, .noDuplicates, .keptUntilAcked,
  ])
  func `every claim is decided as the twins say`(promise: WorkQueueChecker.Promise) throws {
    var maker = RandomWorkload(random: RandomStreams(seed: 0).stream("queues/work \(promise.rawValue)"))
    var split = QueueSplit()
    for number in 0..<Soak.histories(slice: 1_000, whole: 20_000) {
      let events = MessageHistories.lending(&maker, promise)
      // Between two multiples of the time between events, so that nothing is exactly as long.
      let timeout = Double(3 + maker.random.below(12)) + 0.5
      let options = WorkQueueChecker.Options(promise: promise, visibilityTimeout: Int64(timeout * 1_000_000))
      let report = try WorkQueueChecker.report(History(events), options)
      let (twin, single) = (WorkQueueTwin(events), TotalQueueTwin(WorkQueueTwin.removing(events)))
      let (nobody, failed) = single.unexpected()
      let counts: [InvariantAnomaly: Int] = [
        .lostMessage: single.lost, .unexpectedMessage: nobody, .abortedRead: failed,
        .duplicateMessage: single.duplicated, .sharedID: twin.sharedIDs, .ackedRedelivery: twin.acked,
        .earlyRedelivery: twin.early(timeout), .unkeptMessage: twin.unkept().least,
      ]
      let expected = Self.verdict(promise, counts, single, twin, events)
      split.count(expected)
      let wrong = counts.keys.first { report.count($0) != counts[$0] }
      if report.verdict != expected || wrong != nil {
        Issue.record(
          """
          history \(number), timeout \(timeout): expected \(expected), \
          \(wrong.map { "\(counts[$0] ?? 0) × \($0)" } ?? ""): \(report)
          \(InvariantText.text(events))
          """)
        return
      }
    }
    split.show("work-queue, \(promise.rawValue)")
    #expect(split.isBalanced)
  }

  private static func verdict(
    _ promise: WorkQueueChecker.Promise, _ counts: [InvariantAnomaly: Int], _ single: TotalQueueTwin,
    _ twin: WorkQueueTwin, _ events: [Event]
  ) -> Verdict {
    let broken: [InvariantAnomaly] =
      switch promise {
      case .atLeastOnce: [.lostMessage, .unexpectedMessage, .abortedRead, .sharedID]
      case .ackedNeverAgain: [.ackedRedelivery]
      case .exclusiveDelivery: [.earlyRedelivery]
      case .keptUntilAcked: [.unkeptMessage]
      default: [.duplicateMessage]
      }
    if broken.contains(where: { counts[$0] ?? 0 > 0 }) { return .invalid }
    if promise == .atLeastOnce {
      return single.isAnyAcknowledged && single.undrained == 0 && single.lostUnlessTaken == 0 ? .valid : .unknown
    }
    if promise == .keptUntilAcked, twin.unkept().most + twin.unkept().undrained > 0 { return .unknown }
    return events.contains { event in
      event.type == .ok && ["receive", "drain"].contains(event.function) && !event.value.isNull && event.value != []
    } ? .valid : .unknown
  }
}
