import Histories

/// Decides which isolation levels a history of transactions on registers satisfies.
///
/// A transaction is one operation whose value is a list of micro-operations `["w", key, value]` and `["r", key, value]`;
/// a read of null found nothing. Every value that is read must have been written to its key once, so that a read tells
/// whose version it shows. The order of a key's versions is not known: a level holds if some order of all versions
/// satisfies it, and is broken if none does. Either is proved, or the answer is `unknown` with the reason.
public struct RWRegisterChecker: Sendable {
  /// Recorded in the result and described in Docs/isolation.md.
  public static let algorithm = "orders of versions (saturation, guess, exact search)"

  /// Rules that order versions without a search.
  ///
  /// Each follows from the levels that it is used for and from no others: real time between accesses to one key serves
  /// the levels that include real time alone. Without a rule the verdicts stay the same, but a search has to find what
  /// the rule tells, so that more may stay `unknown`.
  public struct Inferences: Hashable, Sendable {
    /// A read of null shows the version before all writes of its key. Without it such a read says nothing, and this is
    /// the one choice that changes what a history means.
    public var initialState: Bool
    /// Who reads a version of a key and then writes the key writes a later one.
    public var writesFollowReads: Bool
    /// What a process sees of a key never becomes older (Elle's sequential keys), for levels with process order.
    public var perProcess: Bool
    /// Nor does what transactions see that follow each other in real time (Elle's linearizable keys), for levels with
    /// real time.
    public var realtime: Bool

    public init(
      initialState: Bool = true, writesFollowReads: Bool = true, perProcess: Bool = true, realtime: Bool = true
    ) {
      self.initialState = initialState
      self.writesFollowReads = writesFollowReads
      self.perProcess = perProcess
      self.realtime = realtime
    }
  }

  public struct Options: Sendable {
    public var inferences: Inferences
    /// For all levels together.
    public var budget: CheckBudget
    /// Whether the events tell who ran what, and when. Without (`ReadHistory.hasProcesses`) levels that speak of
    /// processes or of real time are never called satisfied.
    public var hasProcesses: Bool
    /// Levels that somebody asks for: what only others need is left out, and these may stay `unknown`.
    public var levels: Set<IsolationLevel>

    public init(
      inferences: Inferences = Inferences(), budget: CheckBudget = CheckBudget(), hasProcesses: Bool = true,
      levels: Set<IsolationLevel> = Set(IsolationLevel.allCases)
    ) {
      self.inferences = inferences
      self.budget = budget
      self.hasProcesses = hasProcesses
      self.levels = levels
    }
  }

  public var options: Options

  public init(_ options: Options = Options()) { self.options = options }

  /// - Throws: `PairingError`; `MalformedHistory` for the first transaction that cannot be read, and for the first read
  ///   of a value that was written to its key twice, which does not say which of the two it saw.
  public func report(_ history: History, cancellation: CheckCancellation? = nil) throws -> IsolationReport {
    try report(Transactions(history, .register), cancellation: cancellation)
  }

  func report(_ transactions: Transactions, cancellation: CheckCancellation? = nil) throws -> IsolationReport {
    let registers = try RegisterHistory(transactions, knowsInitial: options.inferences.initialState)
    let deadline = ContinuousClock.now.advanced(by: .seconds(options.budget.secondsMax))
    var decider = RegisterDecider(registers, options) {
      if cancellation?.isCancelled == true { return "cancelled" }
      return ContinuousClock.now >= deadline ? "the time budget ran out" : nil
    }
    return decider.report()
  }
}
