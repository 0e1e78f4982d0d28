import Checkers
import Generators
import Histories
import Testing

/// The partitioned-log checker against the definitions of its anomalies, on small random histories.
@Suite struct PartitionedLogDifferentialTests {
  private static let broken: [PartitionedLogChecker.Promise: [String]] = [
    .logOrder: [
      "lost-write", "duplicate-offset", "inconsistent-offsets", "aborted-read", "thin-air-read", "G1c-wr",
      "nonmonotonic-send", "nonmonotonic-poll", "poll-skip", "int-nonmonotonic-send", "int-nonmonotonic-poll",
      "int-poll-skip",
    ],
    .noLoss: ["lost-write"],
    .fifoPerKey: [
      "nonmonotonic-send", "nonmonotonic-poll", "poll-skip", "int-nonmonotonic-send", "int-nonmonotonic-poll",
      "int-poll-skip",
    ],
    .readCommitted: ["aborted-read", "thin-air-read", "G1c-wr", "G1c", "G0"],
  ]

  @Test func `every anomaly is found as often as the twin finds it`() throws {
    var maker = LogHistories(random: RandomStreams(seed: 0).stream("queues/partitioned-log"))
    var split = QueueSplit()
    var found: [String: Int] = [:]
    /// The same of what polls that say where they begin and messages that were sent again can break.
    var positioned: [String: Int] = [:]
    for number in 0..<Soak.histories(slice: 2_500, whole: 60_000) {
      let events = maker.next()
      let twin = PartitionedLogTwin(events)
      let counts = twin.counts()
      for (promise, names) in Self.broken.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
        let report = try PartitionedLogChecker.report(History(events), PartitionedLogChecker.Options(promise: promise))
        let isBroken = names.contains { counts[$0] ?? 0 > 0 }
        let isUnknown = !twin.hasPolled || names.contains("lost-write") && twin.losses().perhaps > 0
        let expected: Verdict = isBroken ? .invalid : isUnknown ? .unknown : .valid
        if promise == .logOrder { split.count(expected) }
        let wrong = InvariantAnomaly.allCases.first {
          $0 != .innerSendSkip && report.count($0) != counts[$0.rawValue] ?? 0
        }
        guard report.verdict == expected, wrong == nil else {
          Issue.record(
            """
            history \(number), \(promise): expected \(expected), \
            \(wrong.map { "\(counts[$0.rawValue] ?? 0) × \($0)" } ?? ""): \(report)
            \(InvariantText.text(events))
            """)
          return
        }
      }
      let anywhere = try PartitionedLogChecker.report(
        History(events), PartitionedLogChecker.Options(promise: .noLoss, startsAtBeginning: false))
      let lost = twin.losses(startsAtBeginning: false).lost
      let verdict: Verdict = lost > 0 ? .invalid : twin.hasPolled ? .valid : .unknown
      guard anywhere.count(.lostWrite) == lost, anywhere.verdict == verdict else {
        Issue.record("history \(number), consumers that begin anywhere: \(lost) lost\n\(InvariantText.text(events))")
        return
      }
      let (early, skipping) = twin.startCounts()
      let isReset = counts["lost-write", default: 0] > 0 && twin.resentOnly > 0
      for (name, count) in [("early start", early), ("skip at the start", skipping), ("resends lost", isReset ? 1 : 0)]
      where count > 0 { positioned[name, default: 0] += 1 }
      for (name, count) in counts where count > 0 { found[name, default: 0] += 1 }
    }
    split.show("partitioned-log")
    print(
      (Array(found) + Array(positioned)).sorted { $0.key < $1.key }.map { "\($0.value) with \($0.key)" }.joined(
        separator: ", "))
    #expect(split.isBalanced)
    #expect(positioned.count == 3, "an anomaly was never met: \(positioned)")
    #expect(found.count == 14, "an anomaly was never met: \(found)")
  }
}
