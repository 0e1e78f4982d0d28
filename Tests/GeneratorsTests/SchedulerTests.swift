import Generators
import Histories
import Testing

@Suite struct SchedulerTests {
  private func invoke(_ scheduler: inout Scheduler, at now: Int64 = 0) throws -> Invocation {
    guard case .invoke(let invocation) = scheduler.next(now: now) else { throw Missing() }
    return invocation
  }

  private struct Missing: Error {}

  /// `#expect` cannot hold a throwing call with `inout`.
  private func expect<Subject: Equatable>(
    _ subject: Subject, _ wanted: Subject, at location: SourceLocation = #_sourceLocation
  ) {
    #expect(subject == wanted, sourceLocation: location)
  }

  @Test func `free threads get their turn round robin`() throws {
    var scheduler = Scheduler(generator: forever("a"), clients: 3)
    for expected in [0, 1, 2, 0, 1] {
      let invocation = try invoke(&scheduler)
      #expect(invocation.thread == ThreadID(expected))
      _ = scheduler.completed(invocation.thread, Completion(.ok), now: 0)
    }
  }

  @Test func `a thread runs one operation at a time, and the scheduler waits for one to end`() throws {
    var scheduler = Scheduler(generator: forever("a"), clients: 2)
    let first = try invoke(&scheduler)
    _ = try invoke(&scheduler)
    #expect(scheduler.next(now: 0) == .wait(until: nil))
    #expect(scheduler.inFlight == 2)
    let end = scheduler.completed(first.thread, Completion(.fail, value: 7, error: "no"), now: 5)
    #expect(end == Event(index: 2, time: 5, process: ProcessID(0), type: .fail, function: "a", value: 7, error: "no"))
    try expect(invoke(&scheduler, at: 6).thread, first.thread)
  }

  @Test func `a client process ends with info, the nemesis never`() throws {
    var scheduler = Scheduler(
      generator: race(forever("a").onClients(), forever("n").onNemesis()), clients: 2, nemesis: true)
    var seen: [String] = []
    for _ in 0..<9 {
      let invocation = try invoke(&scheduler)
      seen.append("\(invocation.event.process)")
      _ = scheduler.completed(invocation.thread, Completion(.info), now: 0)
    }
    #expect(seen == ["0", "nemesis", "1", "nemesis", "2", "nemesis", "3", "nemesis", "4"])
  }

  @Test func `a new process goes to the next node, or stays`() throws {
    for placement in Placement.allCases {
      var scheduler = Scheduler(generator: forever("a"), clients: 2, nodes: ["x", "y", "z"], placement: placement)
      var nodes: [ThreadID: [String?]] = [:]
      for type in [EventType.ok, .ok, .info, .info, .fail, .fail, .info, .info, .ok, .ok] {
        let invocation = try invoke(&scheduler)
        nodes[invocation.thread, default: []].append(invocation.event.node)
        #expect(scheduler.completed(invocation.thread, Completion(type), now: 0).node == invocation.event.node)
      }
      let moving = placement == .roundRobin
      #expect(nodes[ThreadID(0)] == (moving ? ["x", "x", "y", "y", "z"] : ["x", "x", "x", "x", "x"]))
      #expect(nodes[ThreadID(1)] == (moving ? ["y", "y", "z", "z", "x"] : ["y", "y", "y", "y", "y"]))
    }
    #expect(Placement.sticky.node(process: 12, clients: 5, nodes: 0) == nil)
  }

  @Test func `an operation may name its node`() throws {
    var scheduler = Scheduler(generator: once(GeneratedOperation("a", node: "z")), clients: 1, nodes: ["x", "y", "z"])
    try expect(invoke(&scheduler).event.node, "z")
  }

  @Test func `stop lets operations end and gives no new ones`() throws {
    var scheduler = Scheduler(generator: forever("a"), clients: 2)
    let invocation = try invoke(&scheduler)
    scheduler.stop()
    #expect(scheduler.next(now: 1) == .wait(until: nil))
    _ = scheduler.completed(invocation.thread, Completion(.ok), now: 2)
    #expect(scheduler.next(now: 3) == .finished)
  }

  @Test func `stop wakes sleepers`() throws {
    var scheduler = Scheduler(generator: sleep(seconds: 100), clients: 1)
    #expect(scheduler.next(now: 0) == .wait(until: 100 * second))
    scheduler.stop()
    #expect(scheduler.next(now: 1) == .finished)
    scheduler.replace(once("a"))
    try expect(invoke(&scheduler, at: 2).event.function, "a")
  }

  @Test func `a replaced generator finds processes, time and indices where they were`() throws {
    var scheduler = Scheduler(generator: once("a"), clients: 2)
    let first = try invoke(&scheduler, at: 10)
    _ = scheduler.completed(first.thread, Completion(.info), now: 20)
    #expect(scheduler.next(now: 30) == .finished)
    scheduler.replace(eachThread(once("b")).synchronized())
    let second = try invoke(&scheduler, at: 15)
    #expect(second.event.process == ProcessID(1))
    #expect(second.event.time == 30)
    #expect(second.event.index == 2)
    try expect(invoke(&scheduler, at: 40).event.process, ProcessID(2))
  }

  @Test func `the replacement hears of what still runs`() throws {
    var scheduler = Scheduler(generator: forever("a"), clients: 2)
    let open = try invoke(&scheduler)
    scheduler.replace(once("b").synchronized())
    #expect(scheduler.next(now: 1) == .wait(until: nil))
    _ = scheduler.completed(open.thread, Completion(.ok), now: 2)
    try expect(invoke(&scheduler, at: 2).event.function, "b")
  }

  @Test func `time never runs backwards in the events`() throws {
    var scheduler = Scheduler(generator: forever("a"), clients: 2)
    let first = try invoke(&scheduler, at: 100)
    #expect(scheduler.completed(first.thread, Completion(.ok), now: 90).time == 100)
    try expect(invoke(&scheduler, at: 80).event.time, 100)
  }

  @Test func `a wish to be asked in the past does not spin the caller`() {
    struct Impatient: Generator {
      mutating func next(_ context: Context) -> Next { .pending(until: 0) }
    }
    var scheduler = Scheduler(generator: Impatient(), clients: 1)
    #expect(scheduler.next(now: 50) == .wait(until: 51))
  }
}
