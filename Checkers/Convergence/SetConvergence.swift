import Histories

/// Sets: replicas agree on each element, and it is there or not as the merge has it.
extension ConvergenceJudge {
  /// - Parameter isPossible: whether contexts say what can be; else only whether replicas agree is asked.
  mutating func checkSet(_ object: ReplicaHistory, _ states: FinalStates, isPossible: Bool) {
    let merge = ElementMerge(object, observesAcknowledged: options.observesAcknowledged)
    let counts = ElementCounts(object, states)
    let differing = object.elements.indices.filter { 1..<max(1, states.reads.count) ~= counts.replicas[$0] }
      .map { UInt32(truncatingIfNeeded: $0) }
    let explained = explainElements(differing, merge, object, states)
    for element in differing where !explained.contains(element) { reportDivergence(element, merge, object, states) }
    guard isPossible else { return }
    var undecided = 0
    for element in object.elements.indices {
      let (id, holders) = (UInt32(truncatingIfNeeded: element), counts.replicas[element])
      if holders > 0, holders < states.reads.count { continue }
      switch holders > 0 ? merge.presence[element] : merge.absence[element] {
      case .yes: break
      case .undecided: undecided += 1
      case .no: if holders > 0 { reportPresent(id, object, states) } else { reportAbsent(id, merge, object, states) }
      }
    }
    guard undecided > 0 else { return }
    tally.undecided += undecided
    tally.add(
      unknown: "\(undecided) element\(undecided == 1 ? " was" : "s were") removed, and the removals do not say which "
        + "additions they observed", key: object.key)
  }

  /// An element that every replica has and none may have; one that nobody added was reported with its first read.
  private mutating func reportPresent(_ element: UInt32, _ object: ReplicaHistory, _ states: FinalStates) {
    let writers = WriterNames(object, element)
    guard let addition = writers.addition, let removal = writers.remover(of: addition) else { return }
    log.add(.resurrection, key: object.key) { witnesses in
      let (reads, events) = states.events(states.reads)
      let why =
        object.type == .twoPhaseSet
        ? "took it away for good" : "took away what \(writers.name(addition, witnesses)) added, as every other addition"
      return (
        "\(states.subjectHave(states.reads)) \(object.value(element)) still, though "
          + "\(writers.name(removal, witnesses)) \(why)",
        writers.invocations([removal, addition]) + reads, writers.events([removal, addition]) + events
      )
    }
  }

  private mutating func reportAbsent(
    _ element: UInt32, _ merge: ElementMerge, _ object: ReplicaHistory, _ states: FinalStates
  ) {
    let writers = WriterNames(object, element)
    guard let addition = merge.keeper(element) ?? writers.acknowledgedAddition else { return }
    log.add(.lostUpdate, key: object.key) { witnesses in
      let (reads, events) = states.events(states.reads)
      let miss = states.reads.count == 1 ? "misses" : "all miss"
      return (
        "\(states.subject(states.reads)) \(miss) \(object.value(element)), which "
          + "\(writers.name(addition, witnesses)) added",
        writers.invocations([addition]) + reads, writers.events([addition]) + events
      )
    }
  }

  /// An element that some replicas have and others have not.
  private mutating func reportDivergence(
    _ element: UInt32, _ merge: ElementMerge, _ object: ReplicaHistory, _ states: FinalStates
  ) {
    reportDivergence(element, keeper: merge.keeper(element), object, states)
  }

  /// - Parameter keeper: the addition for which the element is there, if there is one for sure.
  mutating func reportDivergence(
    _ element: UInt32, keeper: Int? = nil, _ object: ReplicaHistory, _ states: FinalStates
  ) {
    log.add(.diverged, key: object.key) { witnesses in
      let holders = states.reads.filter { object.shown(object.reads[$0]).contains(element) }
      let others = states.reads.filter { !holders.contains($0) }
      let writers = WriterNames(object, element)
      let (some, rest) = (states.names(holders), states.names(others))
      let misses = others.count == 1 ? "misses" : "miss"
      var sentence =
        "\(states.subject(others)) \(misses) \(object.value(element)), which \(some) \(holders.count == 1 ? "has" : "have")"
      let addition = keeper ?? writers.addition
      let missed = addition.map { "\(writers.name($0, witnesses)) is not in \(rest)" }
      let kept = writers.removal.map { "\(writers.name($0, witnesses)) is not in \(some)" }
      sentence += ([missed, kept].compactMap { $0 }.joined(separator: ", or ")).prefixedIfAny(": ")
      let involved = [addition, writers.removal].compactMap { $0 }
      let (reads, events) = states.events(states.reads)
      return (sentence, writers.invocations(involved) + reads, writers.events(involved) + events)
    }
  }
}

extension String {
  /// The text after a prefix, if it is not empty.
  fileprivate func prefixedIfAny(_ prefix: String) -> String { isEmpty ? "" : prefix + self }
}

/// How many replicas have each element.
private struct ElementCounts {
  private(set) var replicas: [Int]

  init(_ object: ReplicaHistory, _ states: FinalStates) {
    replicas = Array(repeating: 0, count: object.elements.count)
    var noted = [Int](repeating: -1, count: object.elements.count)
    for read in states.reads {
      for element in object.shown(object.reads[read]) where noted[Int(element)] != read {
        noted[Int(element)] = read
        replicas[Int(element)] += 1
      }
    }
  }
}

/// Who added an element and who removed it: one of each, for a sentence.
struct WriterNames {
  private let object: ReplicaHistory
  /// Positions of updates that did not fail; acknowledged ones come first, then earlier ones.
  let (addition, removal): (Int?, Int?)

  /// - Parameter element: an element of a set, or a value of a register.
  init(_ object: ReplicaHistory, _ element: UInt32) {
    self.object = object
    func first(_ kind: ReplicaHistory.Kind) -> Int? {
      let fitting = object.updates.indices.lazy.filter { position in
        let update = object.updates[position]
        return update.element == element && update.kind == kind && update.outcome != .failed
      }
      return fitting.first { object.updates[$0].isApplied } ?? fitting.first
    }
    (addition, removal) = (first(.add), first(.remove))
  }

  /// A removal that took away what the addition added: of an OR-set one that says so, if there is one.
  func remover(of addition: Int) -> Int? {
    let updates = object.updates
    let (id, dot) = (updates[addition].id, object.dot(updates[addition]))
    let saying = updates.indices.first { position in
      let update = updates[position]
      guard update.kind == .remove, update.element == updates[addition].element, update.isApplied else { return false }
      if id != ReplicaHistory.never, object.named(update.context).contains(id) { return true }
      guard let dot else { return false }
      return object.vector(update.context).contains { $0.actor == dot.actor && $0.number >= dot.number }
    }
    return saying ?? removal
  }

  var acknowledgedAddition: Int? { addition.flatMap { object.updates[$0].isApplied ? $0 : nil } }

  /// `process 3's add (events 12–15)`.
  func name(_ position: Int, _ witnesses: Witnesses) -> String { object.name(position, witnesses) }

  func invocations(_ positions: [Int]) -> [Int] { positions.map { Int(object.updates[$0].invocation) } }

  func events(_ positions: [Int]) -> [Int] { positions.flatMap { object.events(of: $0) } }
}

extension ReplicaHistory {
  /// `process 3's add (events 12–15)`: an update as sentences name it.
  func name(_ position: Int, _ witnesses: Witnesses) -> String {
    let events = events(of: position)
    return witnesses.name(events[0], events.count > 1 ? events[1] : nil)
  }

  /// Event indices of an update's invocation and, if it was acknowledged, of its completion.
  func events(of position: Int) -> [Int] {
    let update = updates[position]
    return [Int(update.invocation)] + (update.completion == Self.never ? [] : [Int(update.completion)])
  }
}
