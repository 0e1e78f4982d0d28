import Histories

/// LWW-registers: replicas have one value, which is that of the write with the greatest timestamp.
///
/// Of equal timestamps any may win, as long as it wins everywhere. A write of unknown outcome without a timestamp may
/// have the greatest; an acknowledged one that does not report its own leaves open what depends on it, unless updates
/// are said to observe what was acknowledged before they began (`Options.observesAcknowledged`), and so come after
/// it.
extension ConvergenceJudge {
  mutating func checkRegister(_ object: ReplicaHistory, _ states: FinalStates) {
    let groups = states.groups({ !object.reads[$0].timestamp.isNull }) { first, second in
      isEqual(object.reads[first], object.reads[second], object)
    }
    guard groups.count == 1 else {
      if explainValues(groups, object, states) { return }
      for group in groups.dropFirst() { reportDivergence(group, groups[0], object, states) }
      return
    }
    // A replica that does not tell the timestamp agrees with all.
    let told = groups[0].first { !object.reads[$0].timestamp.isNull }
    let read = object.reads[told ?? groups[0][0]]
    guard let value = object.shown(read).first else {
      if let writer = object.updates.firstIndex(where: \.isApplied) { reportNothing(writer, object, states) }
      return
    }
    // What nobody wrote was reported with the first read that has it.
    guard object.updates.contains(where: { $0.element == value && $0.outcome != .failed }) else { return }
    var contest = WriteContest(object, value, read.timestamp, observesAcknowledged: options.observesAcknowledged)
    switch contest.decide() {
    case .wins: break
    case .undecided:
      tally.undecided += 1
      tally.add(unknown: "which write is the last is not known: acknowledged ones report no timestamp", key: object.key)
    case .unknownTimestamp: reportTimestamp(value, read, object, states)
    case .loses(let winner): reportLoss(value, to: winner, object, states)
    }
  }

  /// Whether some choice of outcomes makes what a read shows.
  func isPossible(_ read: ReplicaHistory.Read, _ object: ReplicaHistory) -> Bool {
    guard let value = object.shown(read).first else { return !object.updates.contains(where: \.isApplied) }
    var contest = WriteContest(object, value, read.timestamp, observesAcknowledged: options.observesAcknowledged)
    return switch contest.decide() {
    case .wins, .undecided: true
    case .loses, .unknownTimestamp: false
    }
  }

  /// - Returns: also true where one of them does not tell its timestamp.
  func isEqual(_ first: ReplicaHistory.Read, _ second: ReplicaHistory.Read, _ object: ReplicaHistory) -> Bool {
    guard object.shown(first).elementsEqual(object.shown(second)) else { return false }
    if first.timestamp.isNull || second.timestamp.isNull { return true }
    let values = object.history.values
    return !Timestamp.precedes(first.timestamp, second.timestamp, values)
      && !Timestamp.precedes(second.timestamp, first.timestamp, values)
  }

  // MARK: Sentences

  private mutating func reportDivergence(
    _ group: [Int], _ others: [Int], _ object: ReplicaHistory, _ states: FinalStates
  ) {
    log.add(.diverged, key: object.key) { witnesses in
      let (first, second) = (object.reads[group[0]], object.reads[others[0]])
      let writers = [first, second].compactMap { read in
        object.shown(read).first.flatMap { WriterNames(object, $0).addition }
      }
      let named = writers.map { "\(object.value(object.updates[$0].element)) is \(object.name($0, witnesses))" }
      let (reads, events) = states.events(group + others)
      return (
        "\(states.subjectHave(group)) \(object.text(first)), but \(states.have(others)) \(object.text(second))"
          + (named.isEmpty ? "" : ": " + named.joined(separator: ", ")),
        writers.map { Int(object.updates[$0].invocation) } + reads, writers.flatMap { object.events(of: $0) } + events
      )
    }
  }

  private mutating func reportNothing(_ writer: Int, _ object: ReplicaHistory, _ states: FinalStates) {
    report(.lostUpdate, [writer], object, states) { witnesses in
      "no value, though \(object.name(writer, witnesses)) of "
        + "\(object.value(object.updates[writer].element)) was acknowledged"
    }
  }

  private mutating func reportTimestamp(
    _ value: UInt32, _ read: ReplicaHistory.Read, _ object: ReplicaHistory, _ states: FinalStates
  ) {
    let writers = [WriterNames(object, value).addition].compactMap { $0 }
    report(.wrongMerge, writers, object, states) { _ in
      "\(object.text(read)), but no write of that value has that timestamp"
    }
  }

  private mutating func reportLoss(
    _ value: UInt32, to winner: Int, _ object: ReplicaHistory, _ states: FinalStates
  ) {
    let loser = WriterNames(object, value).addition
    report(.lostUpdate, [winner] + [loser].compactMap { $0 }, object, states) { witnesses in
      let update = object.updates[winner]
      let greater =
        update.timestamp.isNull
        ? "began after its last write had ended"
        : "has a greater timestamp, \(object.history.values.value(update.timestamp))"
      return
        "\(object.value(value)), but \(object.name(winner, witnesses)) of \(object.value(update.element)) \(greater)"
    }
  }

  private mutating func report(
    _ anomaly: InvariantAnomaly, _ writers: [Int], _ object: ReplicaHistory, _ states: FinalStates,
    _ sentence: (Witnesses) -> String
  ) {
    log.add(anomaly, key: object.key) { witnesses in
      let (reads, events) = states.events(states.reads)
      return (
        "\(states.subjectHave(states.reads)) \(sentence(witnesses))",
        writers.map { Int(object.updates[$0].invocation) } + reads, writers.flatMap { object.events(of: $0) } + events
      )
    }
  }
}

extension ReplicaHistory {
  /// `5`, with its timestamp if it has one, or `nothing`.
  fileprivate func text(_ read: Read) -> String {
    guard let element = shown(read).first else { return "nothing" }
    let timestamp = read.timestamp.isNull ? "" : " (timestamp \(history.values.value(read.timestamp)))"
    return "\(value(element))\(timestamp)"
  }
}

/// Whether a value's writes win against all others that were acknowledged.
private struct WriteContest {
  enum Outcome {
    case wins
    case undecided
    /// No write of the value can have the timestamp that was shown with it.
    case unknownTimestamp
    /// Against the acknowledged write at this position.
    case loses(to: Int)
  }

  /// Several writes: the greatest timestamp, the last begin of any, and of those without timestamp, each with its
  /// position.
  private struct Side {
    var greatest: (timestamp: ValueWord, position: Int)?
    var last: (begin: UInt32, position: Int)?
    var lastBlind: (begin: UInt32, position: Int)?

    mutating func add(_ update: ReplicaHistory.Update, _ timestamp: ValueWord, _ position: Int, _ values: ValueStore) {
      if last.map({ $0.begin < update.invocation }) ?? true { last = (update.invocation, position) }
      guard !timestamp.isNull else {
        if lastBlind.map({ $0.begin < update.invocation }) ?? true { lastBlind = (update.invocation, position) }
        return
      }
      if greatest.map({ Timestamp.precedes($0.timestamp, timestamp, values) }) ?? true {
        greatest = (timestamp, position)
      }
    }
  }

  private let object: ReplicaHistory
  private let observesAcknowledged: Bool
  private var values: ValueStore { object.history.values }
  /// Writes of the value that can be the one shown, with their timestamps, and acknowledged others.
  private var candidates: [(position: Int, timestamp: ValueWord)] = []
  private var rivals: [Int] = []

  /// Whether some candidate certainly can have the timestamp that was shown.
  private var isCertain = false

  /// - Parameter shown: the timestamp that was shown with the value; null where none was.
  init(_ object: ReplicaHistory, _ value: UInt32, _ shown: ValueWord, observesAcknowledged: Bool) {
    (self.object, self.observesAcknowledged) = (object, observesAcknowledged)
    for (position, update) in object.updates.enumerated() where update.outcome != .failed {
      if update.element == value, isShown(update.timestamp, shown) {
        candidates.append((position, shown.isNull ? update.timestamp : shown))
        let isBlind = update.timestamp.isNull && update.isApplied && !shown.isNull
        // Nobody knows whether what was shown is that of a write that reports none.
        if isBlind { rivals.append(position) } else { isCertain = true }
      } else if update.isApplied {
        rivals.append(position)
      }
    }
  }

  private func isShown(_ timestamp: ValueWord, _ shown: ValueWord) -> Bool {
    if timestamp.isNull || shown.isNull { return true }
    return !Timestamp.precedes(timestamp, shown, values) && !Timestamp.precedes(shown, timestamp, values)
  }

  mutating func decide() -> Outcome {
    guard !candidates.isEmpty else { return .unknownTimestamp }
    let (ours, theirs) = sides()
    var loss: Int?
    for (position, timestamp) in candidates {
      guard let winner = victor(over: object.updates[position], timestamp, theirs) else {
        // One of unknown outcome, without a timestamp, may have any.
        let isFree = candidates.contains { $0.timestamp.isNull && !object.updates[$0.position].isApplied }
        let wins = isFree || rivals.allSatisfy { isBeaten(object.updates[$0], ours) }
        return wins && isCertain ? .wins : .undecided
      }
      loss = winner
    }
    return loss.map { .loses(to: $0) } ?? .undecided
  }

  private func sides() -> (ours: Side, theirs: Side) {
    var (ours, theirs) = (Side(), Side())
    for (position, timestamp) in candidates where object.updates[position].isApplied || !timestamp.isNull {
      ours.add(object.updates[position], timestamp, position, values)
    }
    for position in rivals {
      theirs.add(object.updates[position], object.updates[position].timestamp, position, values)
    }
    return (ours, theirs)
  }

  /// A rival that certainly wins against the write; nil if there is none.
  private func victor(over update: ReplicaHistory.Update, _ timestamp: ValueWord, _ theirs: Side) -> Int? {
    if !timestamp.isNull, let greatest = theirs.greatest, Timestamp.precedes(timestamp, greatest.timestamp, values) {
      return greatest.position
    }
    // Where both have timestamps, these decide.
    guard observesAcknowledged, update.isApplied,
      let later = timestamp.isNull ? theirs.last : theirs.lastBlind, later.begin > update.completion
    else { return nil }
    return later.position
  }

  /// Whether some write of the value certainly wins against the rival.
  private func isBeaten(_ rival: ReplicaHistory.Update, _ ours: Side) -> Bool {
    if !rival.timestamp.isNull, let greatest = ours.greatest,
      !Timestamp.precedes(greatest.timestamp, rival.timestamp, values)
    {
      return true
    }
    guard observesAcknowledged, let later = rival.timestamp.isNull ? ours.last : ours.lastBlind else { return false }
    return later.begin > rival.completion
  }
}
