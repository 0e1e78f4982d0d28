import Histories

/// Puts the verdict of every isolation level together.
struct RegisterDecider {
  enum Outcome {
    case holds
    /// Positions in `anomalies`.
    case broken([Int])
    case unknown(String)
  }

  let history: RegisterHistory
  let options: RWRegisterChecker.Options
  let stop: () -> String?
  /// Not made for a history that an order of events explains.
  lazy var graphs = RegisterGraphs(history, options.inferences)
  var anomalies: [IsolationReport.Anomaly] = []
  var outcomes: [IsolationLevel: Outcome] = [:]
  private var known: [OrderClaim: TransactionGraph] = [:]
  private var analyses: [OrderClaim: CycleAnalysis] = [:]
  private var positions: [IsolationReport.Anomaly: Int] = [:]
  /// By name of a class of cycles: there are at least so many.
  var counts: [String: Int] = [:]
  /// What limits left open that concerns no verdict.
  var notices: [String] = []
  /// By whether transactions are two events.
  private var guesses: [Bool: [UInt32]?] = [:]

  init(_ history: RegisterHistory, _ options: RWRegisterChecker.Options, stop: @escaping () -> String?) {
    (self.history, self.options, self.stop) = (history, options, stop)
  }

  mutating func report() -> IsolationReport {
    let single = RegisterReadAnomalies(history)
    outcomes[.readUncommitted] = .holds
    addSingle(single)
    if !isBroken(.readUncommitted) { decide() }
    for (anomaly, count) in single.counts { counts[anomaly.rawValue] = count }
    return IsolationReport(
      ladder: IsolationLevel.allCases.map { rung($0) }, anomalies: anomalies, counts: counts,
      committed: history.count, algorithm: RWRegisterChecker.algorithm, notices: notices)
  }

  private mutating func addSingle(_ single: RegisterReadAnomalies) {
    var witnesses: [TransactionAnomaly: [Int]] = [:]
    for anomaly in single.found {
      let position = add(
        IsolationReport.Anomaly(
          name: anomaly.anomaly.rawValue, summary: anomaly.summary,
          transactions: anomaly.transactions.map { Int(history.transactions.invocations[Int($0)]) }, steps: []))
      witnesses[anomaly.anomaly, default: []].append(position)
    }
    for level in IsolationLevel.allCases {
      let broken = level.ownForbidden.anomalies.flatMap { witnesses[$0] ?? [] }
      if !broken.isEmpty { note(level, .broken(broken)) }
    }
  }

  mutating func add(_ anomaly: IsolationReport.Anomaly) -> Int {
    if let position = positions[anomaly] { return position }
    positions[anomaly] = anomalies.count
    anomalies.append(anomaly)
    return anomalies.count - 1
  }

  /// Notes a verdict, and what follows from it: what holds, holds of weaker levels; what is broken, of stronger ones.
  mutating func note(_ level: IsolationLevel, _ outcome: Outcome) {
    switch outcome {
    case .holds:
      for weaker in level.implications where !isBroken(weaker) { outcomes[weaker] = .holds }
    case .broken(let witnesses):
      for stronger in IsolationLevel.allCases where stronger.implications.contains(level) {
        if case .broken(let others) = outcomes[stronger] {
          outcomes[stronger] = .broken(others + witnesses)
        } else {
          outcomes[stronger] = .broken(witnesses)
        }
      }
    case .unknown:
      if outcomes[level] == nil { outcomes[level] = outcome }
    }
  }

  func isBroken(_ level: IsolationLevel) -> Bool {
    if case .broken = outcomes[level] { return true }
    return false
  }

  func isOpen(_ level: IsolationLevel) -> Bool { outcomes[level] == nil }

  private static let undecided = "the checks that tell did not come to it"

  private func rung(_ level: IsolationLevel) -> IsolationReport.Rung {
    switch outcomes[level] ?? .unknown(Self.undecided) {
    case .holds: return .init(level: level, verdict: .valid, witnesses: [], reason: nil)
    case .broken(let witnesses):
      return .init(level: level, verdict: .invalid, witnesses: Array(Set(witnesses)).sorted(), reason: nil)
    case .unknown(let reason): return .init(level: level, verdict: .unknown, witnesses: [], reason: reason)
    }
  }

  // MARK: The way through the levels

  /// The strongest first, which mostly holds and says it all; then what takes no search; then what certain dependencies
  /// refute, the weakest level first; then the rest, the strongest first again.
  private mutating func decide() {
    if options.hasProcesses {
      if isOpen(.strictSerializable), isScheduled(OrderClaim(mode: .serial, order: .realtime)) {
        return note(.strictSerializable, .holds)
      }
      if isOpen(.strongSnapshotIsolation), isScheduled(OrderClaim(mode: .snapshot, order: .realtime)) {
        note(.strongSnapshotIsolation, .holds)
      }
    }
    if !isBroken(.readCommitted) { decideWeak() }
    decideSessions()
    if !options.levels.contains(where: Self.isSearched) { return }
    nameCycles()
    for (level, claim) in Self.claims where isOpen(level) { refute(level, claim) }
    nameTimedCycles()
    for (level, claim) in Self.claims.reversed() where isOpen(level) { solve(level, claim) }
  }

  private static func isSearched(_ level: IsolationLevel) -> Bool { claims.contains { $0.0 == level } }

  /// Every level whose question is one for an order, after those that it implies.
  static let claims: [(IsolationLevel, OrderClaim)] = [
    (.cursorStability, OrderClaim(mode: .cursor, order: .none)),
    (.prefix, OrderClaim(mode: .prefix, order: .none)),
    (.parallelSnapshotIsolation, OrderClaim(mode: .parallel, order: .none)),
    (.updateSerializable, OrderClaim(mode: .update, order: .none)),
    (.snapshotIsolation, OrderClaim(mode: .snapshot, order: .none)),
    (.repeatableRead, OrderClaim(mode: .serial, order: .none)),
    (.serializable, OrderClaim(mode: .serial, order: .none)),
    (.strongSessionSnapshotIsolation, OrderClaim(mode: .snapshot, order: .process)),
    (.strongSnapshotIsolation, OrderClaim(mode: .snapshot, order: .realtime)),
    (.strongSessionSerializable, OrderClaim(mode: .serial, order: .process)),
    (.strictSerializable, OrderClaim(mode: .serial, order: .realtime)),
  ]

  /// Whether an order of events is found without any graph.
  private func isScheduled(_ claim: OrderClaim) -> Bool {
    var schedule = OrderSchedule(history, isSplit: claim.isSplit, forces: false, stop: stop)
    guard let order = schedule.run() else { return false }
    return OrderVerifier.holds(order, history, claim, nextInProcess: [])
  }

  /// Orders of events that keep real time, with as few broken reads as it may be: whatever else is claimed, databases
  /// mostly do things in such an order.
  private mutating func schedules(_ claim: OrderClaim) -> [(events: [UInt32], claim: OrderClaim)] {
    if !options.hasProcesses { return [] }
    let splits =
      switch claim.mode {
      case .serial: [false]
      case .snapshot: [true]
      case .prefix, .parallel, .update, .cursor: [false, true]
      }
    return splits.compactMap { isSplit in
      schedule(isSplit).map { ($0, OrderClaim(mode: isSplit ? .snapshot : .serial, order: .none)) }
    }
  }

  private mutating func schedule(_ isSplit: Bool) -> [UInt32]? {
    if let order = guesses[isSplit] { return order }
    var schedule = OrderSchedule(history, isSplit: isSplit, forces: true, stop: stop)
    let order = schedule.run()
    guesses[isSplit] = .some(order)
    return order
  }

  private mutating func decideWeak() {
    let weak = WeakLevels(history, graphs, bytesMax: options.budget.bytesMax)
    for level in [IsolationLevel.readCommitted, .monotonicAtomicView, .readAtomic, .causal] where isOpen(level) {
      if level == .causal, !options.hasProcesses { continue }
      switch weak.decide(level) {
      case .holds: note(level, .holds)
      case .unknown(let reason): note(level, .unknown(reason))
      case .cycle(let cycle, let derived):
        note(level, .broken([add(explanation(.init(mode: .serial, order: .process)).anomaly(cycle, derived, level))]))
      case .missed(let missed):
        note(level, .broken([add(explanation(.init(mode: .serial, order: .none)).anomaly(missed, level))]))
      }
    }
    if !options.hasProcesses, isOpen(.causal) { outcomes[.causal] = .unknown(Self.noProcesses) }
  }

  static let noProcesses = "the history does not say which process ran what, or when"

  mutating func explanation(_ claim: OrderClaim) -> RegisterExplanation { RegisterExplanation(graphs, claim) }

  mutating func graph(_ claim: OrderClaim) -> TransactionGraph {
    // Only a cursor and the orders make a difference.
    let like = OrderClaim(mode: claim.mode == .cursor ? .cursor : .serial, order: claim.order)
    if let graph = known[like] { return graph }
    let graph = TransactionGraph(graphs.known(like), graphs.rows)
    known[like] = graph
    return graph
  }

  /// Breaks the level if certain dependencies do.
  private mutating func refute(_ level: IsolationLevel, _ claim: OrderClaim) {
    if claim.order != .none, !options.hasProcesses { return }
    guard case .broken(let cycle) = analysis(claim).decide(claim.condition) else { return }
    note(level, .broken([add(explanation(claim).anomaly(cycle, [:], level))]))
  }

  /// Of the certain dependencies.
  mutating func analysis(_ claim: OrderClaim) -> CycleAnalysis {
    let like = OrderClaim(mode: claim.mode == .cursor ? .cursor : .serial, order: claim.order)
    if let analysis = analyses[like] { return analysis }
    let analysis = CycleAnalysis(graph(like), budget: SearchBudget(options.budget)) {
      VersionOrders(keys: [], reads: [])
    }
    analyses[like] = analysis
    return analysis
  }

  private mutating func solve(_ level: IsolationLevel, _ claim: OrderClaim) {
    if claim.order != .none, !options.hasProcesses { return note(level, .unknown(Self.noProcesses)) }
    if level == .repeatableRead, let same = outcomes[.serializable] { return note(level, same) }
    if let reason = stop() { return note(level, .unknown(reason)) }
    var solver = OrderSolver(
      graphs, claim, forGuess: graphs.forGuess(claim), known: graph(claim), urgency: graphs.realtime.deadlines,
      stop: stop)
    switch solver.run(schedules(claim)) {
    case .holds: note(level, .holds)
    case .unknown(let reason): note(level, .unknown(reason))
    case .contradiction(let nodes, let proof):
      note(level, .broken([add(explanation(claim).anomaly(nodes, proof, level))]))
    }
  }
}

extension OrderClaim {
  /// What certain dependencies must not do.
  var condition: LevelCondition {
    switch mode {
    case .serial: .serial(order)
    case .snapshot: .snapshot(order)
    case .prefix: .prefix
    case .parallel: .single
    case .update: .update
    case .cursor: .information
    }
  }
}
