import Checkers
import Generators
import Histories
import Plans
import RunStore
import Synchronization
import Systems
import Testing
import Workloads

@testable import Runs

/// Checking while the run goes on: from the client loop's thread to the end of the load.
@Suite struct OnlineTests {
  private static let check = ClaimCheck(
    claim: "linearizable", checker: "cas-register", online: .linearizable(CASRegister())
  ) { history, budget in LinearizabilityChecker.check(history, model: CASRegister(), budget: budget) }

  /// No pauses: the tests decide when to look.
  private static let pacing: OnlinePacing = {
    var pacing = OnlinePacing()
    pacing.tick = 1_000_000
    return pacing
  }()

  private func work(expecting expect: Verdict = .valid, checks: [ClaimCheck] = [check]) -> OnlineWork {
    OnlineWork(
      claims: [ClaimExpectation(claim: "linearizable", expect: expect, line: nil)], checks: checks, keyed: true,
      pacing: Self.pacing, clock: { 9_000_000_000 })
  }

  private func event(_ index: Int, _ type: EventType, _ function: String, _ value: Value) -> Event {
    Event(
      index: index, time: Int64(index) * 1_000_000_000, process: ProcessID(0), type: type, function: function,
      value: .keyed(7, value))
  }

  /// A write that nobody contradicts, then a read that misses it: event 3 proves it.
  private var stale: [Event] {
    [
      event(0, .invoke, "write", 1), event(1, .ok, "write", 1), event(2, .invoke, "read", nil),
      event(3, .ok, "read", nil),
    ]
  }

  @Test func `the feed gives all in order, and is cut for good when it is full`() {
    let feed = EventFeed(eventsMax: 3)
    for event in stale.prefix(2) { feed.offer(event) }
    #expect(feed.take().events.map(\.index) == [0, 1])
    for event in stale { feed.offer(event) }
    let cut = feed.take()
    #expect(cut.isCut && cut.events.map(\.index) == [0, 1, 2])
    feed.offer(stale[0])
    let later = feed.take()
    #expect(later.isCut && later.events.isEmpty)
  }

  @Test func `a violation is seen with its times, and recorded`() throws {
    var work = work()
    #expect(work.step(.init(events: Array(stale.prefix(2)), isCut: false)).isEmpty)
    let found = work.step(.init(events: Array(stale.suffix(2)), isCut: false))
    let sighting = try #require(found.first)
    #expect(found.count == 1 && sighting.isFailure)
    #expect(sighting.line.hasPrefix("9.0 s into the run: linearizable is broken: Key 7, stale read: "))
    #expect(sighting.line.hasSuffix("(seen 6.0 s after the event that proves it, event 3)"))
    let record = try #require(work.records.first)
    #expect(record.claim == "linearizable" && record.decisions == 2 && record.problem == nil)
    #expect(record.lagSecondsMax == 8)
    let violation = try #require(record.violations.first)
    #expect(violation.key == 7 && violation.event == 3 && violation.violationTime == 3_000_000_000)
    #expect(violation.detectedAfterSeconds == 6)
  }

  @Test func `what the plan expects to break is no failure`() {
    var work = work(expecting: .invalid)
    #expect(!work.canFail)
    #expect(work.step(.init(events: stale, isCut: false)).map(\.isFailure) == [false])
  }

  @Test func `claims without a way to be checked online are left to the end`() {
    #expect(work(checks: [ClaimCheck(claim: "linearizable", checker: "c", run: Self.check.run)]).isEmpty)
  }

  @Test func `a feed that was cut ends the checking, and says so`() {
    var work = work()
    #expect(work.step(.init(events: stale, isCut: true)).isEmpty)
    #expect(work.records[0].problem?.contains("fell behind") == true && work.records[0].decisions == 0)
  }

  @Test func `the loop feeds every event, and invokes nothing after the violation`() throws {
    let folder = try ScratchFolder()
    let feed = EventFeed()
    let watched = Mutex(work())
    let fed = Mutex<[Event]>([])
    let look = { (script: Script) in
      let batch = feed.take()
      fed.withLock { $0 += batch.events }
      if watched.withLock({ $0.step(batch) }).contains(where: \.isFailure) {
        script.control.post(.replace { _ in operations([]) })
      }
    }
    let script = Script(
      { try $0.finish(0) }, look, { try $0.finish(0, value: .keyed(7, nil)) }, look, { $0.control.post(.stop) })
    var loop = ClientLoop(
      scheduler: Scheduler(generator: writeThenReads(), clients: 1, nodes: ["n1"]),
      port: ScriptedPort(script: script),
      journal: Journal(writer: try HistoryWriter(path: folder.file("history.jsonl")), keyed: true, feed: feed),
      clock: script.clock, control: script.control)
    let history = try loop.run()
    // The third read was on its way when the second answered wrong; there is no fourth.
    #expect(
      history.words == ["0 invoke write", "0 ok write", "0 invoke read", "0 ok read", "0 invoke read", "0 ok read"])
    #expect(fed.withLock { $0 } == Array(history.events.prefix(5)))
    #expect(watched.withLock { $0.records[0].violations.map(\.event) } == [3])
  }

  private func writeThenReads() -> any Generator {
    operations(
      [GeneratedOperation("write", .keyed(7, 1))]
        + (0..<20).map { _ in GeneratedOperation("read", .keyed(7, nil)) })
  }

  @Test(.timeLimit(.minutes(1)))
  func `a failure ends the wait for the loop; the end of the watch alone does not count`()
    async
  {
    for isBroken in [true, false] {
      let sightings = Mutex(0)
      let watch = OnlineWatch(work(), clock: RunClock()) { _ in sightings.withLock { $0 += 1 } }
      for event in stale.prefix(isBroken ? 4 : 2) { watch.feed.offer(event) }
      let failFast = FailFast(watch: watch)
      let loop = LoopControl()  // of a loop that is never idle
      let waiting = Task { await failFast.untilFailure(orIdle: loop) }
      if isBroken { await waiting.value }
      let records = await watch.close()
      await waiting.value
      #expect(failFast.hasFailed == isBroken && sightings.withLock { $0 } == (isBroken ? 1 : 0))
      #expect(records.count == 1 && records[0].violations.count == (isBroken ? 1 : 0))
      loop.end(.success(History()))
    }
  }

  @Test func `--fail-fast says when there was nothing that it could look for`() throws {
    func blindness(_ system: String, failFast: Bool = true, _ change: (inout Plan) -> Void = { _ in }) throws -> String?
    {
      let builder = PlanBuilder(defaultSeed: 1, currentDirectory: "/")
      var plan = try builder.plan(system: system, PlanOverrides(failFast: failFast))
      change(&plan)
      let record = OnlineRecord(
        claim: "linearizable", decisions: 0, seconds: 0, lagSecondsMax: 0, violations: [], problem: nil)
      return FailFast.blindness(plan, system == "raft-kv" ? [record] : [])
    }
    #expect(try blindness("raft-kv") == nil && blindness("dynamo-ring", failFast: false) == nil)
    #expect(try blindness("dynamo-ring")?.hasSuffix("looked only for processes that end by themselves") == true)
    let unwatched = try blindness("dynamo-ring") { plan in plan.claims.removeAll { $0.claim == "no-panic" } }
    #expect(unwatched?.hasSuffix("--fail-fast had nothing to look for") == true)
    // What is expected to break ends nothing.
    let planned = try blindness("raft-kv") { plan in plan.claims[0].expect = .invalid }
    #expect(planned?.contains("no claim about this run's history") == true)
  }

  @Test(.timeLimit(.minutes(1))) func `without a watch only the loop ends the wait`() async {
    let loop = LoopControl()
    let failFast = FailFast(watch: nil)
    let waiting = Task { await failFast.untilFailure(orIdle: loop) }
    loop.end(.success(History()))
    await waiting.value
    #expect(!failFast.hasFailed)
  }

  @Test(.timeLimit(.minutes(1))) func `a process that ended by itself ends the wait, the end of the cluster does not`()
    async
  {
    for hasEnded in [true, false] {
      let loop = LoopControl()
      let failFast = FailFast(watch: nil, endOfProcess: { hasEnded })
      let waiting = Task { await failFast.untilFailure(orIdle: loop) }
      if hasEnded { await waiting.value }
      loop.end(.success(History()))
      await waiting.value
      #expect(failFast.hasFailed == hasEnded)
    }
  }
}
