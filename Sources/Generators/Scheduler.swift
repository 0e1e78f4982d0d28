import Histories

/// An operation that has just been invoked.
public struct Invocation: Hashable, Sendable {
  public var thread: ThreadID
  /// The event for the history: process, function, value, and the node to send it to.
  public var event: Event
}

/// How an operation ended.
public struct Completion: Hashable, Sendable {
  /// `ok`, `fail` or `info`.
  public var type: EventType
  /// The completion's value; nil: that of the invocation.
  public var value: Value?
  public var error: String?

  public init(_ type: EventType, value: Value? = nil, error: String? = nil) {
    precondition(type != .invoke, "an operation completes as ok, fail or info")
    self.type = type
    self.value = value
    self.error = error
  }
}

/// What the run must do now.
public enum Decision: Hashable, Sendable {
  /// Record the event, send the operation, and say when it is `completed`.
  case invoke(Invocation)
  /// Ask again after a completion, or at `until` (nanoseconds since the run's start) at the latest where that is given.
  case wait(until: Int64?)
  /// Nothing runs any more, and nothing more will.
  case finished
  /// Nothing runs, but the generator waits for an event: it never comes unless the run stops or replaces the generator.
  case stalled
}

/// The rules by which operations meet threads, processes and nodes: pure, so that a simulation and a real run share
/// them.
///
/// The caller owns the clock and the clients. It asks `next` until that says to wait, tells of each completion, and
/// writes down the events that come back: their indices and times are in order.
///
/// - A thread runs one operation at a time. Free threads get their turn round robin.
/// - A client process that ends an operation as `info` is over: its thread goes on as process number + number of
///   clients, so that no number is used twice. The nemesis is always the same process.
/// - An operation whose time has not come is asked for again when it has, or when something completed.
public struct Scheduler: Sendable {
  /// Number of client threads.
  public let clients: Int
  public let nodes: [String]
  public let placement: Placement
  /// Events made so far: the index of the next one.
  public private(set) var eventCount = 0
  /// Operations that have been invoked and not completed.
  public private(set) var inFlight = 0

  /// nil once it is exhausted or stopped.
  private var generator: (any Generator)?
  private var context: Context
  /// By client number, the nemesis at the end.
  private var workers: [Worker]
  private var sleepers = 0

  /// - Parameters:
  ///   - nodes: names, in the order of placement; without any, events have no node.
  public init(
    generator: any Generator, clients: Int, nemesis: Bool = false, nodes: [String] = [],
    placement: Placement = .roundRobin
  ) {
    precondition(clients >= 1 && clients <= Int(Int32.max), "a run has at least one client, not \(clients)")
    self.clients = clients
    self.nodes = nodes
    self.placement = placement
    self.generator = generator
    let threads = ThreadSet(clients: 0..<clients, nemesis: nemesis)
    context = Context(time: 0, all: threads, free: threads)
    workers = (0..<clients).map { Worker(process: ProcessID(Int32($0))) } + [Worker(process: .nemesis)]
  }

  private struct Worker {
    enum State {
      case free
      case running(Event)
      /// Until a moment in nanoseconds.
      case sleeping(Int64)
    }

    var process: ProcessID
    var state = State.free
  }

  /// What to do at this moment.
  ///
  /// - Parameter now: nanoseconds since the run's start; an earlier moment than one already told counts as that one.
  public mutating func next(now: Int64) -> Decision {
    context.time = max(context.time, now)
    wakeSleepers()
    while let current = generator {
      if context.free.isEmpty { return wait(until: nil) }
      var moved = current
      switch moved.next(context) {
      case .exhausted: stop()
      case .pending(let until): return wait(until: until)
      case .operation(let operation):
        if let time = operation.time, time > context.time { return wait(until: time) }
        generator = moved
        if let invocation = dispatch(operation) { return .invoke(invocation) }
      }
    }
    return inFlight == 0 ? .finished : .wait(until: nil)
  }

  /// Tells that the operation on `thread` ended, and returns the event of it.
  ///
  /// - Precondition: an operation runs on the thread.
  public mutating func completed(_ thread: ThreadID, _ completion: Completion, now: Int64) -> Event {
    let worker = position(thread)
    guard case .running(let invocation) = workers[worker].state else {
      preconditionFailure("thread \(thread) completes an operation, but runs none")
    }
    context.time = max(context.time, now)
    let event = Event(
      index: eventCount, time: context.time, process: invocation.process, type: completion.type,
      function: invocation.function, value: completion.value ?? invocation.value, node: invocation.node,
      error: completion.error)
    inFlight -= 1
    release(thread)
    if completion.type == .info, !thread.isNemesis {
      workers[worker].process = ProcessID(invocation.process.rawValue + Int32(clients))
    }
    record(event, on: thread)
    return event
  }

  /// No further invocations; `finished` once nothing is in flight. Sleeping threads wake.
  public mutating func stop() {
    generator = nil
    for thread in context.all.threads {
      if case .sleeping = workers[position(thread)].state { release(thread) }
    }
    sleepers = 0
  }

  /// Goes on with another generator; threads, processes and time stay. It is told of completions of what still runs.
  public mutating func replace(_ generator: any Generator) {
    stop()
    self.generator = generator
  }

  /// The process that a thread runs now.
  public func process(on thread: ThreadID) -> ProcessID { workers[position(thread)].process }

  /// The node that a thread's operations go to, unless they name another; nil for the nemesis.
  public func node(of thread: ThreadID) -> String? {
    if thread.isNemesis { return nil }
    return placement.node(process: Int(process(on: thread).rawValue), clients: clients, nodes: nodes.count)
      .map { nodes[$0] }
  }

  private func position(_ thread: ThreadID) -> Int { thread.isNemesis ? clients : thread.rawValue }

  /// Begins the operation; nil for a sleep, which nobody outside hears of.
  private mutating func dispatch(_ operation: GeneratedOperation) -> Invocation? {
    guard let thread = operation.thread, context.free.contains(thread) else {
      preconditionFailure("operation '\(operation.function)' comes without a free thread")
    }
    context.free.remove(thread)
    if !thread.isNemesis { context.cursor = (thread.rawValue + 1) % clients }
    if let nanoseconds = operation.sleep {
      workers[position(thread)].state = .sleeping(context.time + nanoseconds)
      sleepers += 1
      return nil
    }
    let event = Event(
      index: eventCount, time: context.time, process: process(on: thread), type: .invoke,
      function: operation.function, value: operation.value, node: operation.node ?? node(of: thread))
    workers[position(thread)].state = .running(event)
    inFlight += 1
    record(event, on: thread)
    return Invocation(thread: thread, event: event)
  }

  private mutating func record(_ event: Event, on thread: ThreadID) {
    eventCount += 1
    generator?.update(context, ThreadEvent(thread: thread, event: event))
  }

  private mutating func release(_ thread: ThreadID) {
    workers[position(thread)].state = .free
    context.free.insert(thread)
  }

  /// The decision to wait, at most until the first sleeper wakes.
  private func wait(until: Int64?) -> Decision {
    // A generator that wants to be asked at a moment that is over would keep the caller spinning.
    let wake = earliest(until.map { max($0, context.time + 1) }, nextWake)
    return wake == nil && inFlight == 0 ? .stalled : .wait(until: wake)
  }

  private var nextWake: Int64? {
    if sleepers == 0 { return nil }
    return workers.reduce(nil) { wake, worker in
      if case .sleeping(let until) = worker.state { return earliest(wake, until) }
      return wake
    }
  }

  private mutating func wakeSleepers() {
    guard let wake = nextWake, wake <= context.time else { return }
    for thread in context.all.threads {
      if case .sleeping(let until) = workers[position(thread)].state, until <= context.time {
        release(thread)
        sleepers -= 1
      }
    }
  }
}
