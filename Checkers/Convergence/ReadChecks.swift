import Histories

/// What every read must keep, whenever it was.
extension ConvergenceJudge {
  mutating func checkReads(_ object: ReplicaHistory) {
    if object.type.state == .amount { checkAmounts(object) } else { checkElements(object) }
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

  /// No read of a counter shows more than all increments that had begun when it ended, or less than all decrements.
  private mutating func checkAmounts(_ object: ReplicaHistory) {
    var (most, least): (Int128, Int128) = (0, 0)
    var next = 0
    for read in object.reads.sorted(by: { $0.completion < $1.completion }) {
      while next < object.updates.count, object.updates[next].invocation < read.completion {
        if object.updates[next].outcome != .failed {
          let amount = Int128(object.updates[next].amount)
          if amount > 0 { most += amount } else { least += amount }
        }
        next += 1
      }
      if (least...most).contains(Int128(read.amount)) { continue }
      log.add(.thinAirRead, key: object.key) { [most, least] witnesses in
        let (begin, end) = (Int(read.invocation), Int(read.completion))
        let bound =
          read.amount > 0 ? "more than the \(most) of all increments" : "less than the \(least) of all decrements"
        return (
          "\(witnesses.name(begin, end)) found \(read.amount), \(bound) that had begun by then", [begin], [begin, end]
        )
      }
    }
  }
}
