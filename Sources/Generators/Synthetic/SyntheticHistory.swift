import Histories

/// A history of simulated atomic objects, with a verdict that is known by construction.
///
/// Every client has an operation under way at all times (no think time), which makes these the hardest histories of
/// their width. An operation takes effect at a random moment between its invocation and its completion, so the history
/// is linearizable; with a violation asked for, one return late in the history certainly proves that it is not. Each
/// object's file says why (`Simulated….swift`).
///
/// Everything is drawn from one named stream of the seed: equal options and seeds give equal histories, event by event.
public struct SyntheticHistory: Sendable {
  /// What is known of a history that was made.
  public struct Outcome: Hashable, Sendable {
    /// `valid` or `invalid`: certainly.
    public var verdict: Verdict
    /// The return that makes it invalid: what comes before it is still linearizable. For a queue, where crashed dequeues
    /// leave room, a return by which the violation is certain.
    public var violation: Int?
    /// Invocations.
    public var operations: Int
    public var events: Int
  }

  public let options: SyntheticOptions
  public let seed: UInt64

  /// - Throws: `SyntheticProblem` with all that is wrong with the options.
  public init(_ options: SyntheticOptions, seed: UInt64) throws(SyntheticProblem) {
    let problems = options.problems
    if !problems.isEmpty { throw SyntheticProblem(problems: problems) }
    self.options = options
    self.seed = seed
  }

  /// Makes the history, event by event; no more of it is held than what is under way.
  public func forEach<Failure: Error>(_ body: (Event) throws(Failure) -> Void) throws(Failure) -> Outcome {
    let random = RandomStreams(seed: seed).stream("synthetic/\(options.model.rawValue)")
    switch options.model {
    case .casRegister, .register, .kv: return try run(SimulatedRegister.self, random, body)
    case .fifoQueue: return try run(SimulatedQueue.self, random, body)
    case .counter: return try run(SimulatedCounter.self, random, body)
    case .growSet: return try run(SimulatedSet.self, random, body)
    case .mutex: return try run(SimulatedMutex.self, random, body)
    }
  }

  /// The history in memory; keyed if it has keys.
  public func history() -> (history: History, outcome: Outcome) {
    var history = History(keyed: options.keys > 0)
    let outcome = forEach { history.append($0) }
    return (history, outcome)
  }

  private func run<Object: SimulatedObject, Failure: Error>(
    _ type: Object.Type, _ random: RandomStream, _ body: (Event) throws(Failure) -> Void
  ) throws(Failure) -> Outcome {
    var simulation = SyntheticSimulation<Object>(options, random)
    return try simulation.run(body)
  }
}
