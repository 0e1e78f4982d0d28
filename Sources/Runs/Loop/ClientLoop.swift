import Generators
import Histories
import RunStore
import Systems

/// The one thread that makes the history: it asks the scheduler for operations, sends them, takes their completions,
/// and records both, stamped by one clock. No thread, task or process per operation.
///
/// The order of events in the history is the order in which this thread saw them: an invocation gets its index before
/// its first byte is sent, a completion after its last byte was read (CHECKERS, "Clock"), so that no interval is ever
/// recorded narrower than it was.
struct ClientLoop<Port: OperationPort & ~Copyable>: ~Copyable {
  /// Longest wait for the network in one go: the writer's buffer gets old meanwhile, in nanoseconds.
  static var waitNanosecondsMax: Int64 { 100_000_000 }
  /// Most events of one run: the history's columns count in 32 bits.
  static var eventsMax: Int { Int(UInt32.max) - 1 }

  private var scheduler: Scheduler
  private var port: Port
  private var journal: Journal
  private let clock: RunClock
  private let control: LoopControl
  private let nodes: [String: Int]
  private var stopping = false
  /// Kept between waits so that it is allocated once.
  private var completions: [PortCompletion] = []

  init(
    scheduler: Scheduler, port: consuming Port, journal: consuming Journal, clock: RunClock, control: LoopControl
  ) {
    nodes = Dictionary(uniqueKeysWithValues: scheduler.nodes.enumerated().map { ($1, $0) })
    self.scheduler = scheduler
    self.port = port
    self.journal = journal
    self.clock = clock
    self.control = control
  }

  /// Runs until told to stop; the history is complete then, on disk too.
  ///
  /// - Throws: what ended the loop before its time; what was recorded until then is on disk.
  mutating func run() throws -> History {
    do {
      try work()
    } catch {
      try? journal.flush()  // the first error is the one to tell
      throw error
    }
    try journal.flush()
    return journal.history
  }

  private mutating func work() throws {
    while true {
      try obey()
      let deadline = try dispatch()
      if stopping, scheduler.inFlight == 0 { return }
      try collect(until: deadline)
    }
  }

  private mutating func obey() throws {
    for command in control.drain() {
      switch command {
      case .record(let event): try journal.record(event)
      case .replace(let make): if !stopping { scheduler.replace(make(journal.history)) }
      case .stop:
        scheduler.stop()
        stopping = true
      }
    }
  }

  /// Invokes all that is due now.
  ///
  /// - Returns: when to ask again at the latest, in nanoseconds since the run's start.
  private mutating func dispatch() throws -> Int64? {
    while true {
      switch scheduler.next(now: clock.now) {
      case .invoke(let invocation): try invoke(invocation)
      case .wait(let until): return until
      case .finished, .stalled:
        control.becameIdle()
        return nil
      }
    }
  }

  private mutating func invoke(_ invocation: Invocation) throws {
    let event = invocation.event
    let index = try journal.record(event)
    control.invoked()
    port.start(
      slot: invocation.thread.rawValue,
      PendingOperation(id: index + 1, function: event.function, value: event.value, keyed: journal.history.keyed),
      node: event.node.flatMap { nodes[$0] } ?? 0)
  }

  private mutating func collect(until deadline: Int64?) throws {
    let latest = clock.now + Self.waitNanosecondsMax
    completions.removeAll(keepingCapacity: true)
    try port.wait(until: clock.absolute(min(deadline ?? latest, latest)), into: &completions)
    for completion in completions {
      let outcome = completion.outcome
      let event = scheduler.completed(
        ThreadID(completion.slot), Completion(outcome.type, value: outcome.value, error: outcome.error),
        now: completion.time - clock.origin)
      try journal.record(event)
      control.completed(outcome)
    }
    control.resent(port.resent)
    try journal.flushIfDue(now: clock.now)
  }
}

/// The history, in memory for the checkers and on disk for everybody else.
struct Journal: ~Copyable {
  private(set) var history: History
  private var writer: HistoryWriter
  /// To those who check while the run goes on.
  private let feed: EventFeed?

  init(writer: consuming HistoryWriter, keyed: Bool, feed: EventFeed? = nil) {
    self.history = History(keyed: keyed)
    self.writer = writer
    self.feed = feed
  }

  /// Takes the event under the next index, and returns that.
  @discardableResult
  mutating func record(_ event: Event) throws -> Int {
    let index = history.count
    guard index < ClientLoop<HTTPPort>.eventsMax else {
      throw RunFailure.environment("the history has \(index) events, the most that one run records")
    }
    var event = event
    event.index = index
    history.append(event)
    try writer.append(event)
    feed?.offer(event)
    return index
  }

  mutating func flushIfDue(now: Int64) throws { try writer.flushIfDue(now: now) }
  mutating func flush() throws { try writer.flush() }
}
