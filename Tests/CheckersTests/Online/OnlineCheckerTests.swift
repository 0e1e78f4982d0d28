import Checkers
import Histories
import Synchronization
import Testing

/// When the online checker looks again, what it keeps, and what it says about how it kept up.
@Suite struct OnlineCheckerTests {
  /// A clock that stands still until somebody works.
  final class ManualClock: Sendable {
    private let time = Mutex<Int64>(0)
    var now: Int64 { time.withLock { $0 } }
    func advance(_ nanoseconds: Int64) { time.withLock { $0 += nanoseconds } }
  }

  private static let second: Int64 = 1_000_000_000
  private static let millisecond: Int64 = 1_000_000

  /// Counts decisions by key; each takes as long as `cost` says.
  final class Decisions: Sendable {
    let clock = ManualClock()
    private let lengths = Mutex<[Value: [Int]]>([:])

    func of(_ key: Value) -> [Int] { lengths.withLock { $0[key] ?? [] } }

    func decider(
      cost: @escaping @Sendable (Value) -> Int64 = { _ in 0 },
      answer: @escaping @Sendable (History) -> OnlineDecider.Answer = { _ in .holds }
    ) -> OnlineDecider {
      OnlineDecider { [self] history, _, _ in
        let key = history.keys[0]
        lengths.withLock { $0[key, default: []].append(history.count) }
        clock.advance(cost(key))
        return answer(history)
      }
    }
  }

  private func checker(
    _ decisions: Decisions, _ decider: OnlineDecider, pacing: OnlinePacing = OnlinePacing(),
    eventsMax: Int = OnlineChecker.eventsMax
  ) -> OnlineChecker {
    OnlineChecker(decider, keyed: true, pacing: pacing, eventsMax: eventsMax) { decisions.clock.now }
  }

  private func event(
    _ index: Int, _ process: Int32, _ type: EventType, _ f: String = "read", key: Value = 1, _ value: Value = nil,
    time: Int64 = 0
  ) -> Event {
    Event(
      index: index, time: time, process: ProcessID(process), type: type, function: f, value: .keyed(key, value))
  }

  private func operation(_ index: Int, key: Value = 1, at time: Int64 = 0, _ type: EventType = .ok) -> [Event] {
    [event(index, 0, .invoke, key: key, time: time), event(index + 1, 0, type, key: key, time: time)]
  }

  @Test func `a key is decided again only when an answer or a failure is new`() {
    let decisions = Decisions()
    var checker = checker(decisions, decisions.decider())
    for event in operation(0) + operation(2, key: 2) { checker.add(event) }
    #expect(checker.check().isEmpty)
    checker.add(event(4, 0, .invoke))
    #expect(checker.check().isEmpty)
    checker.add(event(5, 0, .info))
    #expect(checker.check().isEmpty)
    #expect(decisions.of(1) == [2] && decisions.of(2) == [2])
    for event in operation(6, .fail) { checker.add(event) }
    #expect(checker.check().isEmpty)
    #expect(decisions.of(1) == [2, 6] && decisions.of(2) == [2])
    #expect(checker.progress.decisions == 3)
  }

  @Test func `a slow key waits three times as long as it took, and holds up nobody`() {
    let decisions = Decisions()
    let decider = decisions.decider(cost: { $0 == 1 ? 500 * Self.millisecond : Self.millisecond })
    var checker = checker(decisions, decider)
    var decided: [Int64] = []
    for index in 0..<100 {
      for event in operation(4 * index, at: decisions.clock.now) { checker.add(event) }
      for event in operation(4 * index + 2, key: 2, at: decisions.clock.now) { checker.add(event) }
      let before = decisions.of(1).count
      #expect(checker.check().isEmpty)
      if decisions.of(1).count > before { decided.append(decisions.clock.now) }
      decisions.clock.advance(100 * Self.millisecond)
    }
    #expect(decisions.of(2).count == 100)
    // 100 ms a round, and 501 ms more where the slow key is decided: its pause of 1.5 s is some 15 rounds.
    let pauses = zip(decided, decided.dropFirst()).map { $1 - $0 }
    #expect(!pauses.isEmpty && pauses.allSatisfy { (2_000...2_200).contains($0 / Self.millisecond) }, "\(pauses)")
    #expect((1_500 * Self.millisecond...2_200 * Self.millisecond).contains(checker.lag))
  }

  @Test(arguments: [10, 100, 500, 800, 1_000, 1_300])
  func `what takes up to 1300 ms is reported within the promise`(cost: Int64) {
    let pacing = OnlinePacing()
    let pause = pacing.pause(after: cost * Self.millisecond)
    #expect(pause >= cost * Self.millisecond, "at least half of the time is left to others")
    #expect(2 * cost * Self.millisecond + pause + pacing.tick <= pacing.promise)
    #expect(cost > 800 || pause == 3 * cost * Self.millisecond)
  }

  @Test(arguments: [1_400, 5_000]) func `past that a quarter of the time is the limit`(cost: Int64) {
    #expect(OnlinePacing().pause(after: cost * Self.millisecond) == 3 * cost * Self.millisecond)
  }

  @Test func `a check ends after its share, and the next one begins with those that waited longest`() {
    let decisions = Decisions()
    var checker = checker(decisions, decisions.decider(cost: { _ in 400 * Self.millisecond }))
    for key in 0..<6 {
      for event in operation(2 * key, key: .int(Int64(key)), at: Int64(key)) { checker.add(event) }
    }
    #expect(checker.check().isEmpty)
    #expect((0..<6).map { decisions.of(.int($0)).count } == [1, 1, 1, 0, 0, 0])
    #expect(checker.notBefore == 1_200 * Self.millisecond + OnlinePacing().pause(after: 1_200 * Self.millisecond))
    decisions.clock.advance(checker.notBefore - decisions.clock.now)
    for event in operation(12, key: 0, at: decisions.clock.now) { checker.add(event) }
    #expect(checker.check().isEmpty)
    #expect((0..<6).map { decisions.of(.int($0)).count } == [1, 1, 1, 1, 1, 1])
    #expect(checker.lag == decisions.clock.now - 5)
  }

  @Test func `a lag that has not ended counts, and undecided keys come again`() {
    let decisions = Decisions()
    var checker = checker(decisions, decisions.decider(answer: { _ in .undecided }))
    for event in operation(0, at: 7) { checker.add(event) }
    #expect(checker.check().isEmpty)
    decisions.clock.advance(9 * Self.second)
    #expect(checker.lag == 9 * Self.second - 7)
    #expect(checker.check().isEmpty)
    #expect(decisions.of(1).count == 2 && checker.progress.undecided == 2)
  }

  @Test func `a violation is reported once, with its key, event, times and sentence`() throws {
    let clock = ManualClock()
    var checker = OnlineChecker(.linearizable(CASRegister()), keyed: true) { clock.now }
    let events = [
      event(0, 0, .invoke, "write", key: "x", 1, time: 10), event(1, 1, .invoke, "write", key: "y", 1, time: 20),
      event(2, 0, .ok, "write", key: "x", 1, time: 30), event(3, 0, .invoke, key: "x", time: 40),
      event(4, 0, .ok, key: "x", time: 50), event(5, 1, .ok, "write", key: "y", 1, time: 60),
    ]
    for event in events { checker.add(event) }
    clock.advance(90)
    let found = try #require(checker.check().first)
    #expect(found.key == "x" && found.event == 4 && found.time == 50 && found.detected == 90)
    #expect(found.summary.contains("null"), "\(found.summary)")
    #expect(checker.lag == 60)  // the first answer that waited is the write's
    for event in operation(6, key: "x") { checker.add(event) }
    #expect(checker.check().isEmpty && checker.progress.decisions == 2)
  }

  @Test func `the nemesis, and completions that nobody invoked, are no news`() {
    let decisions = Decisions()
    var checker = checker(decisions, decisions.decider())
    checker.add(Event(index: 0, time: 0, process: .nemesis, type: .info, function: "start-kill", value: [1, 2]))
    checker.add(event(1, 5, .ok))
    #expect(checker.check().isEmpty && checker.progress.decisions == 0)
  }

  @Test func `what the model cannot read is left to the end, with the reason`() {
    var checker = OnlineChecker(.linearizable(CASRegister()), keyed: true) { 0 }
    for event in [event(0, 0, .invoke, "jump"), event(1, 0, .ok, "jump")] { checker.add(event) }
    #expect(checker.check().isEmpty)
    #expect(checker.progress.problem?.contains("jump") == true)
  }

  @Test func `a cancelled check leaves the rest to another time`() {
    let decisions = Decisions()
    let cancellation = CheckCancellation()
    let decider = decisions.decider(answer: { _ in
      cancellation.cancel()
      return .undecided
    })
    var checker = checker(decisions, decider)
    for event in operation(0) + operation(2, key: 2) { checker.add(event) }
    #expect(checker.check(cancellation: cancellation).isEmpty)
    #expect(decisions.of(1).count == 1 && decisions.of(2).isEmpty && checker.progress.undecided == 0)
  }

  @Test func `idle keys are let go when memory is short, and later news of them is counted`() {
    let decisions = Decisions()
    var checker = checker(decisions, decisions.decider(), eventsMax: 8)
    for key in 0..<3 {
      for event in operation(2 * key, key: .int(Int64(key))) { checker.add(event) }
    }
    #expect(checker.check().isEmpty)
    for event in operation(6, key: 3, at: 61 * Self.second) + operation(8, key: 4, at: 61 * Self.second) {
      checker.add(event)
    }
    for event in operation(10, key: 0, at: 62 * Self.second) { checker.add(event) }
    #expect(checker.check().isEmpty)
    #expect(checker.progress.unwatched == 1 && checker.progress.problem == nil)
    #expect(decisions.of(0) == [2] && decisions.of(3) == [2] && decisions.of(4) == [2])
  }

  @Test func `too many events in use end it, with the reason`() {
    let decisions = Decisions()
    var checker = checker(decisions, decisions.decider(), eventsMax: 8)
    for index in 0..<6 {
      for event in operation(2 * index, key: .int(Int64(index))) { checker.add(event) }
    }
    #expect(checker.check().isEmpty)
    #expect(checker.progress.problem?.contains("events") == true && checker.progress.decisions == 0)
  }
}
