import Histories

/// What every read must keep, whenever it was.
extension ConvergenceJudge {
  mutating func checkReads(_ object: ReplicaHistory, _ states: FinalStates) {
    if object.type.state == .amount { checkAmounts(object, states) } else { checkElements(object) }
    checkVisibility(object)
  }

  // MARK: Elements

  /// No read shows an element twice, or one that nobody had begun to write when it ended: for each element, the first
  /// read that does.
  private mutating func checkElements(_ object: ReplicaHistory) {
    var begun = [UInt32](repeating: ReplicaHistory.never, count: object.elements.count)
    var noted = begun
    var isReported = [Bool](repeating: false, count: begun.count)
    for update in object.updates.reversed() where update.kind == .add && update.outcome != .failed {
      begun[Int(update.element)] = update.invocation
    }
    for (position, read) in object.reads.enumerated() {
      for element in object.shown(read) {
        if noted[Int(element)] == position { reportDoubled(element, read, object) }
        noted[Int(element)] = UInt32(truncatingIfNeeded: position)
        if begun[Int(element)] > read.completion, !isReported[Int(element)] {
          isReported[Int(element)] = true
          reportUnwritten(element, read, object)
        }
      }
    }
  }

  private mutating func reportDoubled(_ element: UInt32, _ read: ReplicaHistory.Read, _ object: ReplicaHistory) {
    log.add(.duplicateElement, key: object.key) { witnesses in
      let times = object.shown(read).count { $0 == element }
      let (begin, end) = (Int(read.invocation), Int(read.completion))
      return ("\(witnesses.name(begin, end)) lists \(object.value(element)) \(times) times", [begin], [begin, end])
    }
  }

  private mutating func reportUnwritten(_ element: UInt32, _ read: ReplicaHistory.Read, _ object: ReplicaHistory) {
    let writers = object.updates.filter { $0.element == element && $0.kind == .add }
    let failed = writers.first { $0.outcome == .failed && $0.invocation < read.completion }?.invocation
    let later = writers.first { $0.outcome != .failed }?.invocation
    log.addUnwritten(
      object.value(element), key: object.key, object.type.additionName, read.invocation, read.completion,
      failed: failed, later: later)
  }

  // MARK: Amounts

  /// Every read of a counter shows a sum of some of the updates that had begun when it ended: in any case not more than
  /// all increments, nor less than all decrements.
  ///
  /// That is all that is certain of a read that does not name what it has seen: it need not have heard of anything, not
  /// even of what its own process did, which another replica may have taken. Final states are asked for more.
  private mutating func checkAmounts(_ object: ReplicaHistory, _ states: FinalStates) {
    var sums = ReachableSums()
    var next = 0
    wrongSums.removeAll()
    let isFinal = Set(states.reads.map { object.reads[$0].completion })
    for read in object.reads.sorted(by: { $0.completion < $1.completion }) {
      while next < object.updates.count, object.updates[next].invocation < read.completion {
        if object.updates[next].outcome != .failed { sums.add(object.updates[next].amount) }
        next += 1
      }
      let amount = Int128(read.amount)
      if !sums.isInRange(amount) {
        reportAmount(read, sums.bounds, object)
      } else if !isFinal.contains(read.completion), !sums.contains(amount) {
        // What a read names as visible says more, unless nobody knows what that is.
        if read.visible.isGiven { wrongSums.insert(read.completion) } else { reportSum(read, object) }
      }
      if !sums.isExact { tally.readsByRange += 1 }
    }
  }

  private mutating func reportAmount(
    _ read: ReplicaHistory.Read, _ bounds: (least: Int128, most: Int128), _ object: ReplicaHistory
  ) {
    log.add(.thinAirRead, key: object.key) { witnesses in
      let (begin, end) = (Int(read.invocation), Int(read.completion))
      let bound =
        read.amount > 0
        ? "more than the \(bounds.most) of all increments" : "less than the \(bounds.least) of all decrements"
      return (
        "\(witnesses.name(begin, end)) found \(read.amount), \(bound) that had begun by then", [begin], [begin, end]
      )
    }
  }

  mutating func reportSum(_ read: ReplicaHistory.Read, _ object: ReplicaHistory) {
    log.add(.wrongMerge, key: object.key) { witnesses in
      let (begin, end) = (Int(read.invocation), Int(read.completion))
      return (
        "\(witnesses.name(begin, end)) found \(read.amount), which no choice of the updates that had begun by then adds up "
          + "to", [begin], [begin, end]
      )
    }
  }
}
