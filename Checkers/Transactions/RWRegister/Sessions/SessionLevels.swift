/// Decides guarantees to sessions, although the order of versions is not known.
///
/// Each demands that versions come before others (`SessionDemands`), and that one order of all transactions keeps the
/// order of versions with that of sessions, or with what they had read. There is such an order if and only if all that
/// together has no cycle: an order of the transactions without a cycle orders the versions as well.
///
/// As in lists, a cycle of write dependencies alone through a transaction of unknown outcome refutes nothing; only where
/// all transactions are to be in one order it does.
struct SessionLevels {
  enum Outcome {
    case holds
    /// A read of nothing misses the entry.
    case missed(SessionDemand, RegisterSessions.Entry)
    /// With the demands by which versions are in it.
    case cycle(TransactionCycle, [OrderSolver.DerivedLink: DerivedOrder])
    case unknown(String)
  }

  /// Segments of one table: node n has the nodes 2n and 2n + 1 below it, and entry e is node `count + e`.
  private struct Segments {
    var first: UInt32
    var count: Int
  }

  private let history: RegisterHistory
  private let rows: [TransactionGraph.Row]
  private let demands: SessionDemands
  private let stop: () -> String?

  init(_ graphs: RegisterGraphs, stop: @escaping () -> String?) {
    (history, rows, self.stop) = (graphs.history, graphs.rows, stop)
    let sessions = RegisterSessions(
      graphs.history, TransactionGraph([], graphs.rows), knowsInitial: graphs.inferences.initialState)
    demands = SessionDemands(sessions: sessions)
  }

  /// - Parameter level: one of `SessionGuarantee`.
  func decide(_ level: IsolationLevel) -> Outcome {
    var graph = SessionGraph(history, rows, demands, level)
    var missed: (SessionDemand, RegisterSessions.Entry)?
    let reason = demands.forEach(level, stop: stop) { demand in
      let ranges = demands.ranges(demand)
      guard let last = ranges.last else { return true }
      if history.isInitial(demand.version) {
        missed = (demand, demands.entries(demand)[last.upperBound - 1])
        return false
      }
      graph.add(demand, ranges)
      return true
    }
    if let reason { return .unknown(reason) }
    if let (demand, entry) = missed { return .missed(demand, entry) }
    switch graph.cycle() {
    case .none: return .holds
    case .cycle(let cycle): return .cycle(cycle, evidence(cycle, level))
    case .lost: return .unknown("a cycle is there, but was not found within the limit")
    }
  }

  // MARK: Evidence

  /// The demand behind each write dependency of the cycle.
  private func evidence(
    _ cycle: TransactionCycle, _ level: IsolationLevel
  ) -> [OrderSolver.DerivedLink: DerivedOrder] {
    let wanted = cycle.steps.filter { $0.link == .dependency(.writeWrite) }
    var found: [OrderSolver.DerivedLink: DerivedOrder] = [:]
    _ = demands.forEach(level, stop: { nil }) { demand in
      let writer = history.writers[Int(demand.version)]
      for step in wanted where step.target == writer {
        let link = OrderSolver.DerivedLink(source: step.source, kind: .writeWrite, target: step.target)
        if found[link] == nil, let entry = entry(of: step.source, in: demand) {
          found[link] = DerivedOrder(
            pair: VersionPair(before: entry.version, after: demand.version), reason: reason(demand, entry))
        }
      }
      return found.count < wanted.count
    }
    return found
  }

  private func entry(of writer: UInt32, in demand: SessionDemand) -> RegisterSessions.Entry? {
    let entries = demands.entries(demand)
    return demands.ranges(demand).joined().lazy.map { entries[$0] }.first { history.writers[Int($0.version)] == writer }
  }

  private func event(_ node: UInt32) -> UInt32 {
    history.transactions.invocations[Int(history.committed[Int(node)])]
  }

  private func reason(_ demand: SessionDemand, _ entry: RegisterSessions.Entry) -> String {
    let read = "the transaction at event \(event(demand.reader)) read the latter"
    let did = demand.isSeen ? "read the former at event \(event(entry.actor))" : "written the former"
    if demand.source == RegisterSessions.none { return "\(read), after its process had \(did)" }
    let saw = "a write of the transaction at event \(event(demand.source)), "
    let had =
      "\(demand.isSeen && entry.actor == demand.source ? "which" : "before which the process of that one") had \(did)"
    if demand.seer == demand.reader { return "\(read) and saw \(saw)\(had)" }
    return "\(read), after its process had seen, at event \(event(demand.seer)), \(saw)\(had)"
  }

  /// The cycle of a read of nothing, from its reader on.
  func cycle(_ demand: SessionDemand, _ entry: RegisterSessions.Entry) -> TransactionCycle {
    let writer = history.writers[Int(entry.version)]
    var steps: [(link: TransactionCycle.Link, target: UInt32)] = [(.dependency(.readWrite), writer)]
    if demand.isSeen { steps.append((.dependency(.writeRead), entry.actor)) }
    if demand.source != RegisterSessions.none {
      steps += [(.process, demand.source), (.dependency(.writeRead), demand.seer)]
    }
    steps.append((.process, demand.reader))
    return SessionAnalysis.walk(demand.reader, steps)
  }

  /// What the anomaly is called: without an order of versions in it, a cycle is what it is made of.
  func name(_ level: IsolationLevel, _ cycle: TransactionCycle) -> String {
    let isOwn = cycle.steps.count == 2 && cycle.steps[1].link == .process
    if isOwn, cycle.steps[0].link == .dependency(.readWrite) { return TransactionAnomaly.missingYourWrites.rawValue }
    let isOfReads = cycle.steps.allSatisfy { $0.link == .dependency(.writeRead) || $0.link == .process }
    if isOfReads { return cycle.cycleClass.name }
    switch level {
    case .readYourWrites: return TransactionAnomaly.missingYourWrites.rawValue
    case .monotonicReads: return TransactionAnomaly.nonmonotonicReads.rawValue
    case .writesFollowReads: return TransactionAnomaly.missingReadWriteDependency.rawValue
    default: return TransactionAnomaly.nonmonotonicWrites.rawValue
    }
  }
}
