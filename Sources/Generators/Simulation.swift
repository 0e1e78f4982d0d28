import Histories

/// What answers operations in a simulation, in place of a cluster.
public protocol SimulatedSystem: Sendable {
  /// How the operation will end, and after how many nanoseconds.
  ///
  /// Called in the order of the invocations: a system that keeps state and applies each operation here is linearizable.
  mutating func answer(_ invocation: Invocation) -> (after: Int64, completion: Completion)
}

/// A system without state whose operations end at random, as their shares say.
public struct RandomSystem: SimulatedSystem {
  private var stream: RandomStream
  private let latency: ClosedRange<Int64>
  private let outcomes: WeightedChoice

  /// - Parameters:
  ///   - latency: nanoseconds, uniform.
  ///   - ok, fail, info: weights of the outcomes. Operations of the nemesis always end `info`, as in Jepsen.
  public init(
    _ stream: RandomStream, latency: ClosedRange<Int64> = 1_000_000...5_000_000, ok: Double = 1, fail: Double = 0,
    info: Double = 0
  ) {
    self.stream = stream
    self.latency = latency
    outcomes = WeightedChoice([ok, fail, info])
  }

  public mutating func answer(_ invocation: Invocation) -> (after: Int64, completion: Completion) {
    let after = Int64.random(in: latency, using: &stream)
    if invocation.thread.isNemesis { return (after, Completion(.info)) }
    switch outcomes.draw(&stream) {
    case 0: return (after, Completion(.ok))
    case 1: return (after, Completion(.fail, error: "simulated"))
    default: return (after, Completion(.info, error: "simulated"))
    }
  }
}

/// Runs a generator against a simulated system by the rules of the real scheduler, in no real time.
///
/// A function of its arguments: the same generator and system give the same events, to the byte.
public struct Simulation: Sendable {
  /// Why a simulation ended.
  public enum End: Hashable, Sendable {
    /// The generator was exhausted and all operations complete.
    case finished
    /// The generator waited for something that cannot happen.
    case stalled
    /// A limit was reached; operations may be open.
    case eventsMax, timeMax
  }

  public var clients: Int
  public var nemesis = false
  public var nodes: [String] = []
  public var placement = Placement.roundRobin
  /// Ends after so many events.
  public var eventsMax = 1_000_000
  /// Ends before the first event later than this (nanoseconds).
  public var timeMax: Int64 = 3_600_000_000_000

  public init(clients: Int, nemesis: Bool = false, nodes: [String] = []) {
    self.clients = clients
    self.nemesis = nemesis
    self.nodes = nodes
  }

  /// All events, and why they end there.
  ///
  /// What completes at a moment does so before what is invoked at it: a thread can go on at once.
  public func run(
    _ generator: any Generator, against system: some SimulatedSystem
  ) -> (events: [Event], end: End) {
    var system = system
    var scheduler = Scheduler(
      generator: generator, clients: clients, nemesis: nemesis, nodes: nodes, placement: placement)
    var open = OpenOperations()
    var events: [Event] = []
    var now: Int64 = 0
    while events.count < eventsMax {
      switch scheduler.next(now: now) {
      case .finished: return (events, .finished)
      case .stalled: return (events, .stalled)
      case .invoke(let invocation):
        events.append(invocation.event)
        let (after, completion) = system.answer(invocation)
        open.insert(invocation.thread, at: now + max(0, after), completion)
      case .wait(let until):
        guard let moment = earliest(until, open.nextTime), moment <= timeMax else { return (events, .timeMax) }
        now = moment
        while let done = open.removeDue(at: now), events.count < eventsMax {
          events.append(scheduler.completed(done.thread, done.completion, now: now))
        }
      }
    }
    return (events, .eventsMax)
  }
}

/// Operations that will complete, at most one a thread: so few that a scan of their times beats a heap.
private struct OpenOperations {
  private var times: [Int64] = []
  private var entries: [(thread: ThreadID, completion: Completion)] = []

  mutating func insert(_ thread: ThreadID, at time: Int64, _ completion: Completion) {
    times.append(time)
    entries.append((thread, completion))
  }

  var nextTime: Int64? { times.min() }

  /// The earliest that is due; of equals the one invoked first.
  mutating func removeDue(at now: Int64) -> (thread: ThreadID, completion: Completion)? {
    guard let time = nextTime, time <= now, let index = times.firstIndex(of: time) else { return nil }
    times.remove(at: index)
    return entries.remove(at: index)
  }
}
