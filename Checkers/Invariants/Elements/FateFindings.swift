import Histories

extension ElementFates {
  /// Reports every element that was lost, doubled, or seen without an addition; stale ones are for `reportStale`.
  func report(to log: inout FindingLog) {
    for (position, record) in records.enumerated() {
      let element = UInt32(truncatingIfNeeded: position)
      if fates[position] == .lost { reportLost(element, &log) }
      if record.doubled != ElementHistory.never { reportDoubled(element, &log) }
      guard record.firstRead != ElementHistory.never, record.seen < record.added else { continue }
      log.addUnwritten(
        element, of: object, reads[Int(record.firstRead)], failed: record.failed < record.seen ? record.failed : nil,
        later: record.added == ElementHistory.never ? nil : record.added)
    }
  }

  /// Nanoseconds from the moment when the element was known to the begin of the last read that misses it.
  func stableLatency(_ element: UInt32) -> Int64 {
    let record = records[Int(element)]
    guard let missing = lastMissing(record), record.known != ElementHistory.never else { return 0 }
    return max(0, time(missing.invocation) - time(record.known))
  }

  /// Nanoseconds from the moment when the element was known to the begin of the last read that has it; 0 if none has.
  func lostLatency(_ element: UInt32) -> Int64 {
    let record = records[Int(element)]
    guard record.lastRead != ElementHistory.never, record.known != ElementHistory.never else { return 0 }
    return max(0, time(reads[Int(record.lastRead)].invocation) - time(record.known))
  }

  private func time(_ event: UInt32) -> Int64 { object.history.time(at: Int(event)) }

  // MARK: Sentences

  private func reportLost(_ element: UInt32, _ log: inout FindingLog) {
    let record = records[Int(element)]
    guard let missing = lastMissing(record) else { return }
    log.add(.lostElement, key: object.key) { witnesses in
      let last = record.lastRead == ElementHistory.never ? nil : reads[Int(record.lastRead)]
      let seen = last.map { "was last seen by \(name($0, witnesses))" } ?? "was never seen"
      return (
        "\(object.value(element)) \(known(record)) and \(seen); \(name(missing, witnesses)), the last one, misses it",
        [record.added, last?.invocation, missing.invocation].compactMap { $0.map { Int($0) } },
        [record.added, record.known, last?.invocation, last?.completion, missing.invocation, missing.completion]
          .compactMap { $0.map { Int($0) } }
      )
    }
  }

  /// Reports an element that a read misses though it was known, and that comes back.
  func reportStale(_ element: UInt32, _ log: inout FindingLog) {
    let record = records[Int(element)]
    guard let missing = lastMissing(record) else { return }
    log.add(.staleRead, key: object.key) { witnesses in
      return (
        "\(object.value(element)) \(known(record)), but \(name(missing, witnesses)), which began "
          + "\(witnesses.later(by: stableLatency(element))), misses it",
        [Int(record.added), Int(missing.invocation)],
        [record.added, record.known, missing.invocation, missing.completion].map { Int($0) }
      )
    }
  }

  private func reportDoubled(_ element: UInt32, _ log: inout FindingLog) {
    let read = reads[Int(records[Int(element)].doubled)]
    log.add(.duplicateElement, key: object.key) { witnesses in
      let times = object.seen[read.start..<read.end].count { $0 == element }
      return (
        "\(name(read, witnesses)) lists \(object.value(element)) \(times) times", [Int(read.invocation)],
        [Int(read.invocation), Int(read.completion)]
      )
    }
  }

  private func name(_ read: ElementHistory.Read, _ witnesses: Witnesses) -> String {
    witnesses.name(Int(read.invocation), Int(read.completion))
  }

  /// Since when the element was certain to be there.
  private func known(_ record: Record) -> String {
    let how = record.acknowledged < record.seen ? "was acknowledged" : "was first seen"
    return "\(how) (event \(record.known))"
  }
}
