import Histories

/// Counters: replicas have one value, which is the sum of all acknowledged updates and of some of unknown outcome.
extension ConvergenceJudge {
  mutating func checkCounter(_ object: ReplicaHistory, _ states: FinalStates) {
    let groups = states.groups { object.reads[$0].amount == object.reads[$1].amount }
    guard groups.count == 1 else {
      if explainSums(object, states) { return }
      for group in groups.dropFirst() { reportDivergence(group, groups[0], object, states) }
      return
    }
    let acknowledged = object.updates.lazy.filter(\.isApplied).reduce(Int128(0)) { $0 + Int128($1.amount) }
    let open = object.updates.lazy.filter { $0.outcome == .unknown }.map(\.amount)
    let rest = Int128(object.reads[groups[0][0]].amount) - acknowledged
    switch SubsetSum.reaches(rest, with: Array(open), stepsMax: options.sumStepsMax) {
    case .yes: break
    case .no: reportSum(groups[0], rest, acknowledged, object, states)
    case .unknown:
      tally.add(
        unknown:
          "whether some of \(open.count) amounts of unknown outcome add up to \(rest) takes more than the budget",
        key: object.key)
    }
  }

  /// The updates that explain a difference, in words.
  private typealias Reason = (positions: [Int], sentence: String)

  private mutating func reportDivergence(
    _ group: [Int], _ others: [Int], _ object: ReplicaHistory, _ states: FinalStates
  ) {
    log.add(.diverged, key: object.key) { witnesses in
      let (few, most) = (object.reads[group[0]].amount, object.reads[others[0]].amount)
      let names = (few: states.names(group), most: states.names(others))
      let gap = Int128(most) - Int128(few)
      let sums = AmountSearch(object)
      var reason: Reason = ([], "")
      if let missed = sums.smallest(gap) {
        reason = (missed, ": \(names.few) \(object.misses(group.count, missed, witnesses))")
      } else if let missed = sums.smallest(-gap) {
        reason = (missed, ": \(names.most) \(object.misses(others.count, missed, witnesses))")
      }
      let (reads, events) = states.events(group + others)
      return (
        "\(states.subjectHave(group)) \(few), but \(states.have(others)) \(most)\(reason.sentence)",
        reason.positions.map { Int(object.updates[$0].invocation) } + reads,
        reason.positions.flatMap { object.events(of: $0) } + events
      )
    }
  }

  /// All replicas show the same sum, which no choice of outcomes makes.
  ///
  /// - Parameter rest: what is left of it for updates of unknown outcome.
  private mutating func reportSum(
    _ group: [Int], _ rest: Int128, _ acknowledged: Int128, _ object: ReplicaHistory, _ states: FinalStates
  ) {
    // No decrement explains a sum that is too small: increments that were acknowledged are missing.
    let isLoss = object.type == .gCounter && rest < 0
    log.add(isLoss ? .lostUpdate : .wrongMerge, key: object.key) { witnesses in
      let sums = AmountSearch(object)
      let open = object.updates.count { $0.outcome == .unknown }
      let choice = open == 0 ? "" : ", and no choice of the \(open) of unknown outcome makes the rest, \(rest)"
      var reason: Reason = ([], "")
      if let missed = sums.smallest(-rest, onlyApplied: true) {
        reason = (missed, "; as much as \(object.terms(missed, witnesses)) is missing")
      } else if let doubled = sums.smallest(rest, onlyApplied: true) {
        reason = (doubled, "; as much as \(object.terms(doubled, witnesses)) is counted twice")
      }
      let (reads, events) = states.events(group)
      return (
        "\(states.subjectHave(group)) \(object.reads[group[0]].amount): what was "
          + "acknowledged adds up to \(acknowledged)\(choice)\(reason.sentence)",
        reason.positions.map { Int(object.updates[$0].invocation) } + reads,
        reason.positions.flatMap { object.events(of: $0) } + events
      )
    }
  }
}

extension ReplicaHistory {
  /// `misses as much as process 3's increment (events 12–15) by 7`, of so many replicas.
  fileprivate func misses(_ replicas: Int, _ positions: [Int], _ witnesses: Witnesses) -> String {
    "\(replicas == 1 ? "misses" : "miss") as much as \(terms(positions, witnesses))"
  }

  /// `process 3's increment (events 12–15) by 7 and …`.
  fileprivate func terms(_ positions: [Int], _ witnesses: Witnesses) -> String {
    positions.map { "\(name($0, witnesses)) by \(updates[$0].amount.magnitude)" }.joined(separator: " and ")
  }
}

/// Finds the fewest updates whose amounts add up to something, three at most.
private struct AmountSearch {
  /// Different amounts for which pairs and threes are tried.
  private static let (pairAmountsMax, threeAmountsMax) = (4_096, 256)

  private let object: ReplicaHistory

  init(_ object: ReplicaHistory) { self.object = object }

  /// Positions of updates; nil if no three or fewer do. Of several, those of unknown outcome, then earlier ones.
  func smallest(_ sum: Int128, onlyApplied: Bool = false) -> [Int]? {
    guard let sum = Int64(exactly: sum), sum != 0 else { return nil }
    // Up to three updates of each amount, those of unknown outcome first.
    var places: [Int64: [Int]] = [:]
    var amounts: [Int64] = []
    for wanted in onlyApplied ? [ReplicaHistory.Outcome.ok] : [.unknown, .ok] {
      for (position, update) in object.updates.enumerated() where update.outcome == wanted && update.amount != 0 {
        let count = places[update.amount]?.count ?? 0
        if count == 0 { amounts.append(update.amount) }
        if count < 3 { places[update.amount, default: []].append(position) }
      }
    }
    if let one = places[sum] { return [one[0]] }
    return pair(sum, amounts, places) ?? three(sum, amounts, places)
  }

  private func pair(_ sum: Int64, _ amounts: [Int64], _ places: [Int64: [Int]]) -> [Int]? {
    guard amounts.count <= Self.pairAmountsMax else { return nil }
    for amount in amounts {
      let (other, isTooFar) = sum.subtractingReportingOverflow(amount)
      guard !isTooFar, let first = places[amount]?[0], let others = places[other] else { continue }
      if let second = others.first(where: { $0 != first }) { return [first, second].sorted() }
    }
    return nil
  }

  private func three(_ sum: Int64, _ amounts: [Int64], _ places: [Int64: [Int]]) -> [Int]? {
    guard amounts.count <= Self.threeAmountsMax else { return nil }
    for amount in amounts {
      let (rest, isTooFar) = sum.subtractingReportingOverflow(amount)
      guard !isTooFar, let first = places[amount]?[0] else { continue }
      var fewer = places
      fewer[amount]?.removeFirst()
      if fewer[amount]?.isEmpty == true { fewer[amount] = nil }
      if let others = pair(rest, amounts.filter { fewer[$0] != nil }, fewer) { return ([first] + others).sorted() }
    }
    return nil
  }
}
