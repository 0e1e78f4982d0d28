import Histories

/// Decides whether a read saw a write but not one that was acknowledged before that write began.
///
/// `write` inserts a value of its own, `read` returns all values that are there (the causal-reverse workload of Jepsen,
/// after CockroachDB's anomaly of that name). Serializable databases may show it, strictly serializable ones may not:
/// T1 ended before T2 began, but some read has T2 without T1. Nothing else is claimed: a read may miss whatever it does
/// not see the successors of.
public enum CausalReverseChecker {
  public static let name = "causal-reverse"
  /// Recorded in the result.
  public static let algorithm = "acknowledged before the last write seen"

  /// Each object of a keyed history is decided by itself. Time is linear in what the reads list, but for sorting
  /// writes.
  ///
  /// - Throws: `PairingError`; `MalformedHistory` for the first operation that is no write of a value and no read of a
  ///   list, and for a value that is written again though its first writer did not fail.
  public static func report(_ history: History) throws -> InvariantReport {
    var log = FindingLog(history)
    var tally = (objects: 0, reads: 0, acknowledged: 0, unknown: 0)
    try ElementHistory.forEach(history, .write) { object throws(MalformedHistory) in
      var writes = try UniqueWrites(object)
      for read in object.reads.indices { writes.check(read, &log) }
      tally.objects += 1
      tally.reads += object.reads.count
      tally.acknowledged += object.additions.count { $0.outcome == .ok }
      tally.unknown += object.additions.count { $0.outcome == .unknown }
    }
    return log.report(
      checker: name, algorithm: algorithm, unknown: tally.reads == 0 ? "no read completed" : nil,
      statistics: [
        ("objects", .int(Int64(tally.objects))), ("reads", .int(Int64(tally.reads))),
        ("writes-ok", .int(Int64(tally.acknowledged))), ("writes-unknown", .int(Int64(tally.unknown))),
      ])
  }
}

/// The writes of one object by value and by the order in which they were acknowledged.
private struct UniqueWrites {
  private let object: ElementHistory
  /// By element: the position of the addition that did not fail; -1 where there is none.
  private var writer: [Int32]
  /// By element: the position of the first that failed; -1 where there is none.
  private var failed: [Int32]
  /// Acknowledged additions in order of completion.
  private let acknowledged: [ElementHistory.Addition]
  /// By element: its place in `acknowledged`; `.max` where it has none.
  private var rank: [UInt32]
  /// By element: the number of the last read that was counted, plus one.
  private var stamps: [UInt32]

  init(_ object: ElementHistory) throws(MalformedHistory) {
    self.object = object
    let elements = object.elements.count
    writer = Array(repeating: -1, count: elements)
    failed = Array(repeating: -1, count: elements)
    for (position, addition) in object.additions.enumerated() {
      let (element, position) = (Int(addition.element), Int32(truncatingIfNeeded: position))
      if addition.outcome == .failed {
        if failed[element] < 0 { failed[element] = position }
      } else if writer[element] < 0 {
        writer[element] = position
      } else {
        let first = object.additions[Int(writer[element])].invocation
        throw MalformedHistory(
          index: Int(addition.invocation),
          message: "\(object.value(addition.element)) is written again (first at event \(first)); every write needs a "
            + "value of its own")
      }
    }
    acknowledged = object.additions.filter { $0.outcome == .ok }.sorted { $0.completion < $1.completion }
    rank = Array(repeating: .max, count: elements)
    stamps = Array(repeating: 0, count: elements)
    for (place, addition) in acknowledged.enumerated() {
      rank[Int(addition.element)] = UInt32(truncatingIfNeeded: place)
    }
  }

  /// The read must list all that was acknowledged before the last write began of which it lists the value.
  ///
  /// These are the first so many of `acknowledged`, so counting those that are listed decides.
  mutating func check(_ number: Int, _ log: inout FindingLog) {
    let read = object.reads[number]
    guard let latest = latestWrite(read, &log) else { return }
    let expected = acknowledged.partitioningIndex { $0.completion > latest.invocation }
    if listed(number, before: expected) < expected { report(read, latest, expected, &log) }
  }

  /// The write that began last of those whose values the read lists; others that it lists are reported.
  private func latestWrite(
    _ read: ElementHistory.Read, _ log: inout FindingLog
  ) -> ElementHistory.Addition? {
    var latest: ElementHistory.Addition?
    for element in object.seen[read.start..<read.end] {
      let position = writer[Int(element)]
      let addition = position < 0 ? nil : object.additions[Int(position)]
      guard let addition, addition.invocation < read.completion else {
        reportUnwritten(element, read, &log)
        continue
      }
      if latest.map({ $0.invocation < addition.invocation }) ?? true { latest = addition }
    }
    return latest
  }

  /// How many of the first acknowledged writes the read lists; a value that it lists twice counts once, lest it hide
  /// one that is missing.
  private mutating func listed(_ number: Int, before end: Int) -> Int {
    let (read, stamp) = (object.reads[number], UInt32(truncatingIfNeeded: number + 1))
    var count = 0
    for element in object.seen[read.start..<read.end] {
      let element = Int(element)
      if rank[element] < end, stamps[element] != stamp { count += 1 }
      stamps[element] = stamp
    }
    return count
  }

  private func report(
    _ read: ElementHistory.Read, _ later: ElementHistory.Addition, _ expected: Int, _ log: inout FindingLog
  ) {
    log.add(.causalReverse, key: object.key) { witnesses in
      let found = Set(object.seen[read.start..<read.end])
      let missing = acknowledged[..<expected].filter { !found.contains($0.element) }
      guard let earlier = missing.first else { return ("", [], []) }
      let others = missing.count > 1 ? ", nor \(missing.count - 1) more such" : ""
      let reader = witnesses.name(Int(read.invocation), Int(read.completion))
      let first = witnesses.name(Int(earlier.invocation), Int(earlier.completion))
      let end = later.completion == ElementHistory.never ? nil : Int(later.completion)
      let second = witnesses.name(Int(later.invocation), end)
      return (
        "\(reader) saw \(object.value(later.element)) but not \(object.value(earlier.element))\(others): \(first) "
          + "ended before \(second) began",
        [Int(earlier.invocation), Int(later.invocation), Int(read.invocation)],
        [earlier.invocation, earlier.completion, later.invocation, read.invocation, read.completion].map { Int($0) }
      )
    }
  }

  /// A value that nobody had begun to write when the read ended, or only in vain.
  private func reportUnwritten(_ element: UInt32, _ read: ElementHistory.Read, _ log: inout FindingLog) {
    let loser = invocation(failed[Int(element)]).flatMap { $0 < read.completion ? $0 : nil }
    log.addUnwritten(element, of: object, read, failed: loser, later: invocation(writer[Int(element)]))
  }

  /// Event index of the addition's invocation.
  private func invocation(_ position: Int32) -> UInt32? {
    position < 0 ? nil : object.additions[Int(position)].invocation
  }
}
