import Histories

/// MV-registers: replicas have the same values, which are the maximal ones of a merge.
extension ConvergenceJudge {
  /// - Parameter isPossible: whether contexts say what can be; else only whether replicas agree is asked.
  mutating func checkVersions(_ object: ReplicaHistory, _ states: FinalStates, isPossible: Bool) {
    let sets = states.reads.map { Set(object.shown(object.reads[$0])) }
    let (all, common) = sets.reduce((sets[0], sets[0])) { ($0.0.union($1), $0.1.intersection($1)) }
    guard all == common else {
      if isPossible, explainVersions(sets, object, states) { return }
      for value in all.subtracting(common).sorted() { reportDivergence(value, object, states) }
      return
    }
    guard isPossible else { return }
    let numbers = VersionNumbers(object)
    var graph = numbers.graph(object, observesAcknowledged: options.observesAcknowledged)
    graph.merge(shown: all.sorted().compactMap { numbers.version(of: $0) })
    var undecided = 0
    for version in graph.versions.indices {
      switch graph.fate(version) {
      case .right: break
      case .undecided: undecided += 1
      case .lost: report(.lostUpdate, version, numbers, graph, object, states)
      case .conflicting: report(.falseConflict, version, numbers, graph, object, states)
      case .resurrected: report(.resurrection, version, numbers, graph, object, states)
      }
    }
    guard undecided > 0 else { return }
    tally.undecided += undecided
    tally.add(
      unknown:
        "whether \(undecided) value\(undecided == 1 ? " was" : "s were") overwritten is not known: writes do not say "
        + "what they observed", key: object.key)
  }

  private mutating func report(
    _ anomaly: InvariantAnomaly, _ version: Int, _ numbers: VersionNumbers, _ graph: VersionGraph,
    _ object: ReplicaHistory, _ states: FinalStates
  ) {
    log.add(anomaly, key: object.key) { witnesses in
      let position = numbers.updates[version]
      let above =
        graph.superseder[version] == VersionGraph.never ? nil : numbers.updates[Int(graph.superseder[version])]
      let writer = object.name(position, witnesses)
      let value = object.value(object.updates[position].element)
      let (miss, have) = states.reads.count == 1 ? ("misses", "has") : ("all miss", "have")
      let other = above.map { "\(object.name($0, witnesses)) of \(object.value(object.updates[$0].element))" }
      let sentence =
        switch anomaly {
        case .lostUpdate: "\(miss) \(value), which \(writer) wrote and nothing that is known of has overwritten"
        case .falseConflict:
          "\(have) \(value) beside what overwrote it: \(other ?? "a later write") had observed \(writer)"
        default: "still \(have) \(value), though \(other ?? "a later write") had observed \(writer)"
        }
      let involved = [position] + [above].compactMap { $0 }
      let (reads, events) = states.events(states.reads)
      return (
        "\(states.subject(states.reads)) \(sentence)", involved.map { Int(object.updates[$0].invocation) } + reads,
        involved.flatMap { object.events(of: $0) } + events
      )
    }
  }
}
