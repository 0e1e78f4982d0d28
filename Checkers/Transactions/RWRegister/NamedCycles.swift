/// Guarantees to sessions, and the cycles that certain dependencies show, whatever levels they break.
extension RegisterDecider {
  // MARK: Sessions

  /// None of these levels is above read committed, so that they are decided even where that is broken.
  mutating func decideSessions() {
    // The strongest first: where it holds, three others do.
    let all: [IsolationLevel] = [.pram, .readYourWrites, .monotonicReads, .monotonicWrites, .writesFollowReads]
    let levels = all.filter(options.levels.contains)
    if !levels.contains(where: isOpen) { return }
    if !options.hasProcesses { return levels.filter(isOpen).forEach { note($0, .unknown(Self.noProcesses)) } }
    let sessions = SessionLevels(graphs, stop: stop)
    var pram: SessionLevels.Outcome?
    for level in levels where isOpen(level) {
      let outcome = sessions.decide(level)
      if level == .pram, case .holds = outcome {
      } else if level == .pram {
        // Mostly it is broken because one of the others is.
        pram = outcome
        continue
      }
      note(level, sessions, outcome)
    }
    if isOpen(.pram), let pram { note(.pram, sessions, pram) }
  }

  private mutating func note(_ level: IsolationLevel, _ sessions: SessionLevels, _ outcome: SessionLevels.Outcome) {
    let explanation = explanation(OrderClaim(mode: .serial, order: .process))
    switch outcome {
    case .holds: note(level, .holds)
    case .unknown(let reason): note(level, .unknown(reason))
    case .missed(let demand, let entry):
      let cycle = sessions.cycle(demand, entry)
      note(level, .broken([add(explanation.anomaly(cycle, [:], level, name: sessions.name(level, cycle)))]))
    case .cycle(let cycle, let derived):
      note(level, .broken([add(explanation.anomaly(cycle, derived, level, name: sessions.name(level, cycle)))]))
    }
  }

  // MARK: Classes of cycles

  /// The part of the time left that the search for classes of cycles may take is that of lists: verdicts come before names.
  ///
  /// Every order of versions has these cycles, as long as what they rest on holds: that who read a version and then wrote
  /// the key wrote a later one (else there is a G1c), and, unless read atomic is broken already, that whoever saw a
  /// transaction sees all of it (else there is a G-single).
  mutating func nameCycles() {
    let claim = OrderClaim(mode: isBroken(.readAtomic) ? .cursor : .serial, order: .none)
    let all = analysis(claim)
    if all.members.isEmpty { return }
    let analysis = CycleAnalysis(direct(all), budget: SearchBudget(options.budget)) {
      VersionOrders(keys: [], reads: [])
    }
    var (classes, found) = analysis.classes()
    for place in classes.indices { classes[place].cycle = inHistory(classes[place].cycle, all.members) }
    notices += found.filter { options.hasProcesses || !$0.contains("-process") && !$0.contains("-realtime") }
    let explanation = explanation(claim)
    for named in classes {
      // A write dependency that is certain comes with a read dependency: the same cycle has another name.
      if named.cycle.anomaly == .writeCycle, claim.mode == .cursor || !explanation.restsOnAtomicity(named.cycle) {
        continue
      }
      if named.cycle.order != .none, !options.hasProcesses { continue }
      name(named, claim, explanation)
    }
  }

  /// Without anti-dependencies of who wrote the key too: where its own version comes first, they are write dependencies.
  private func direct(_ all: CycleAnalysis) -> TransactionGraph {
    var pairs = RegisterGraphs.Pairs()
    for node in 0..<UInt32(all.graph.count) {
      for edge in all.graph.leaving(node) {
        let isAnti = edge >> TransactionGraph.nodeBits == TransactionGraph.Kind.readWrite.rawValue
        let target = all.members[Int(edge & TransactionGraph.nodeMask)]
        if !isAnti || isDirect(all.members[Int(node)], target) { pairs.append((node, edge)) }
      }
    }
    return TransactionGraph(pairs, all.graph.rows)
  }

  private func inHistory(_ cycle: TransactionCycle, _ members: [UInt32]) -> TransactionCycle {
    TransactionCycle(
      steps: cycle.steps.map {
        .init(source: members[Int($0.source)], link: $0.link, target: members[Int($0.target)])
      })
  }

  private func isDirect(_ reader: UInt32, _ writer: UInt32) -> Bool {
    history.reads(of: Int(reader)).contains { version in
      let key = history.keys[Int(version)]
      return history.version(of: key, by: Int(writer)) != RegisterHistory.none
        && history.version(of: key, by: Int(reader)) == RegisterHistory.none
    }
  }

  private mutating func name(
    _ named: CycleAnalysis.NamedCycle, _ claim: OrderClaim, _ explanation: RegisterExplanation
  ) {
    let rests = explanation.restsOnAtomicity(named.cycle)
    var shape = named.cycle.anomaly
    // The opposite order of those versions makes a cycle with one anti-dependency.
    if rests, [.writeCycle, .informationCycle].contains(shape) { shape = .single }
    let name = shape.rawValue + named.cycle.order.rawValue
    if rests, anomalies.contains(where: { $0.name == name }) { return }
    counts[name] = max(counts[name] ?? 0, named.count)
    let found = explanation.anomaly(named.cycle, [:], .serializable, name: name)
    // The same cycle may be there already, from another transaction on.
    let same = anomalies.firstIndex { $0.name == name && Set($0.transactions) == Set(found.transactions) }
    let position = same ?? add(found)
    for (level, levelClaim) in Self.claims where levelClaim.mode != .cursor {
      if !named.broken.isDisjoint(with: level.ownForbidden.conditions) { note(level, .broken([position])) }
    }
  }

  /// What the order of processes, or real time, says of the versions of one key makes cycles of one anti-dependency at
  /// least: shown even where a weaker level is broken.
  mutating func nameTimedCycles() {
    if !options.hasProcesses { return }
    let orders: [(IsolationLevel, CycleOrder)] = [
      (.strongSessionSnapshotIsolation, .process), (.strongSnapshotIsolation, .realtime),
    ]
    for (level, order) in orders where isBroken(level) {
      if anomalies.contains(where: { $0.name.hasSuffix(order.rawValue) }) { continue }
      let claim = OrderClaim(mode: .snapshot, order: order)
      guard case .broken(let cycle) = analysis(claim).decide(.snapshot(order)) else { continue }
      let explanation = explanation(claim)
      let found = explanation.anomaly(cycle, [:], level)
      // With several anti-dependencies it may be another order of versions that was the true one.
      let isCertain = cycle.steps.count { $0.link == .dependency(.readWrite) } <= 1
      if isCertain, found.name.hasSuffix(order.rawValue) { note(level, .broken([add(found)])) }
    }
  }
}

extension RegisterExplanation {
  /// Whether a step rests on the rule that whoever saw a transaction saw all of it.
  func restsOnAtomicity(_ cycle: TransactionCycle) -> Bool {
    let evidence = VersionEvidence(graphs, OrderClaim(mode: .cursor, order: .none))
    return cycle.steps.contains { step in
      guard case .dependency(let kind) = step.link, kind != .writeRead else { return false }
      let earlier = kind == .writeWrite ? history.writes(of: Int(step.source)) : history.reads(of: Int(step.source))
      return !earlier.contains { version in
        let later = history.version(of: history.keys[Int(version)], by: Int(step.target))
        if later == RegisterHistory.none || later == version { return false }
        if history.isInitial(version) { return true }
        if case .follows = evidence.rule(VersionPair(before: version, after: later)) { return true }
        return false
      }
    }
  }
}
