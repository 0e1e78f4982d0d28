import Checkers
import Generators
import Histories
import Testing

/// Claims about invariants while a run goes on: what is found in the part of a history stays true of the whole.
@Suite struct InvariantDeciderTests {
  /// A claim with random histories of its workload, many of them broken.
  struct Subject: Sendable, CustomTestStringConvertible {
    var model: String
    var claim: String
    var assumptions = Assumptions()
    var makers: @Sendable () -> () -> [Event]

    var testDescription: String { "\(model), \(claim)" }
  }

  static let subjects: [Subject] =
    [
      (TotalQueueChecker.Promise.noDuplicates, MessageHistories.total), (.exactlyOnce, MessageHistories.total),
    ].map { promise, make in
      Subject(model: TotalQueueChecker.name, claim: promise.rawValue) {
        random("total \(promise.rawValue)") { make(&$0, promise) }
      }
    }
    + [WorkQueueChecker.Promise.ackedNeverAgain, .exclusiveDelivery, .noDuplicates].map { promise in
      var assumptions = Assumptions()
      assumptions.visibilityTimeout = 6_500_000
      return Subject(model: WorkQueueChecker.name, claim: promise.rawValue, assumptions: assumptions) {
        random("work \(promise.rawValue)") { MessageHistories.lending(&$0, promise) }
      }
    }
    + [PartitionedLogChecker.Promise.logOrder, .noDuplicates].map { promise in
      Subject(model: PartitionedLogChecker.name, claim: promise.rawValue) {
        var maker = LogHistories(random: RandomStreams(seed: 0).stream("online/log"))
        return { maker.next() }
      }
    } + [
      Subject(model: LongForkChecker.name, claim: InvariantModel.Claim.noLongFork) {
        random("long-fork", LongForkDifferentialTests.history)
      },
      Subject(model: CausalReverseChecker.name, claim: InvariantModel.Claim.noCausalReverse) {
        random("causal-reverse", CausalReverseDifferentialTests.history)
      },
      Subject(model: InsertPairChecker.name, claim: InvariantModel.Claim.noDoubleInsert) {
        random("adya-g2", InsertPairDifferentialTests.history)
      },
    ]

  private static func random(
    _ name: String, _ make: @escaping (inout RandomWorkload) -> [Event]
  ) -> () -> [Event] {
    var maker = RandomWorkload(random: RandomStreams(seed: 0).stream("online/\(name)"))
    return { make(&maker) }
  }

  @Test(arguments: subjects) func `what is broken in a part stays broken`(_ subject: Subject) throws {
    let model = try #require(InvariantModel.all.first { $0.name == subject.model })
    let decider = try #require(
      OnlineDecider.invariant(model, claim: subject.claim, assumptions: subject.assumptions))
    let next = subject.makers()
    var (broken, early, missed) = (0, 0, 0)
    for number in 0..<Soak.histories(slice: 500, whole: 10_000) {
      let events = next()
      // Two messages under one id make a mess of what is known of either: a violation too, but of another claim.
      if Self.mixesIDs(events, subject) { continue }
      let whole = try model.report(History(events), claim: subject.claim, assumptions: subject.assumptions)
      var isFound = false
      for end in 1...max(1, events.count) {
        let answer = decider.decide(History(Array(events.prefix(end))), CheckBudget(), nil)
        switch answer {
        case .broken(let event, _):
          #expect(event < end)
          if !isFound, end < events.count { early += 1 }
          isFound = true
          guard whole.verdict == .invalid else {
            Issue.record("history \(number): broken after \(end) events, and then not\n\(InvariantText.text(events))")
            return
          }
        case .holds:
          guard !isFound else {
            Issue.record("history \(number): broken before, holds after \(end)\n\(InvariantText.text(events))")
            return
          }
        case .undecided, .unreadable:
          Issue.record("history \(number): \(answer) after \(end) events\n\(InvariantText.text(events))")
          return
        }
      }
      if isFound { broken += 1 } else if whole.verdict == .invalid { missed += 1 }
    }
    print(
      "\(subject.testDescription): \(broken) broken, \(early) of them before their last event, \(missed) at the end only"
    )
    #expect(broken > 30 && early > 20)
  }

  /// Whether an id is that of two messages, or a message has two ids.
  private static func mixesIDs(_ events: [Event], _ subject: Subject) -> Bool {
    guard subject.model == WorkQueueChecker.name else { return false }
    var (values, ids): ([Value: Value], [Value: Value]) = ([:], [:])
    let delivered = events.filter { $0.type == .ok }.flatMap { event in event.value.list ?? [event.value] }
    for message in delivered.compactMap(\.map) {
      guard let id = message["id"], let value = message["value"] else { continue }
      if values.updateValue(value, forKey: id) ?? value != value { return true }
      if ids.updateValue(id, forKey: value) ?? id != id { return true }
    }
    return false
  }

  /// They may be on their way still.
  @Test(arguments: ["no-loss", "at-least-once", "kept-until-acked", "log-agreement", "converges", "fifo-per-key"])
  func `claims about what is missing are left to the end`(_ claim: String) {
    for model in InvariantModel.all where model.claims.contains(claim) {
      #expect(OnlineDecider.invariant(model, claim: claim) == nil)
    }
  }
}
