import Histories

/// What became of each element of one set.
struct ElementFates {
  enum Fate: UInt8 {
    /// Nobody added it, as far as is known, or only operations that failed.
    case unwritten
    /// Nothing is known, or no read began late enough to say anything.
    case neverRead
    /// Reads have it, and none that began after it was known misses it.
    case stable
    /// A read misses it that began after it was known; a later one, or one under way, has it.
    case stale
    /// A read misses it that began after it was known, and none has it from there on.
    case lost
  }

  /// Event indices, `ElementHistory.never` where there is no such event. 44 bytes.
  struct Record {
    /// First addition that did not fail: its invocation.
    var added = ElementHistory.never
    /// First addition that was acknowledged: its completion.
    var acknowledged = ElementHistory.never
    /// First addition that failed: its invocation.
    var failed = ElementHistory.never
    /// First read that has it: its completion and its position.
    var seen = ElementHistory.never
    var firstRead = ElementHistory.never
    /// Last read, by invocation, that has it: its position.
    var lastRead = ElementHistory.never
    /// The read that was noted last, by position.
    fileprivate var noted = ElementHistory.never
    /// Last completion of a read that has it, plus one; 0 where there is none.
    var seenUntil: UInt32 = 0
    /// The last so many reads all have it.
    var streak: UInt32 = 0
    /// First read, by invocation, that lists it twice: its position.
    var doubled = ElementHistory.never

    /// When it was certain that it had been added.
    var known: UInt32 { min(acknowledged, seen) }
  }

  let object: ElementHistory
  let reads: [ElementHistory.Read]
  private(set) var records: [Record]
  private(set) var fates: [Fate] = []

  init(_ object: ElementHistory, lastReadOnly: Bool) {
    self.object = object
    let last = object.reads.max { $0.completion < $1.completion }
    reads = lastReadOnly ? last.map { [$0] } ?? [] : object.reads
    records = Array(repeating: Record(), count: object.elements.count)
    for addition in object.additions { records[Int(addition.element)].note(addition) }
    for position in reads.indices.reversed() { note(position) }
    fates = records.map { fate(of: $0) }
  }

  /// Notes what a read has; reads come from the last invoked to the first, so that an unbroken row of them is counted
  /// as they come. That finds the last read that misses an element without looking at those that do.
  private mutating func note(_ position: Int) {
    let (read, place) = (reads[position], UInt32(truncatingIfNeeded: position))
    let reversed = UInt32(truncatingIfNeeded: reads.count - 1 - position)
    object.seen.withUnsafeBufferPointer { seen in
      records.withUnsafeMutableBufferPointer { records in
        for element in seen[read.start..<read.end] { records[Int(element)].note(read, place, reversed) }
      }
    }
  }

  /// The last read that misses it.
  func lastMissing(_ record: Record) -> ElementHistory.Read? {
    let position = reads.count - 1 - Int(record.streak)
    return position >= 0 ? reads[position] : nil
  }

  private func fate(of record: Record) -> Fate {
    if record.added == ElementHistory.never { return .unwritten }
    if let missing = lastMissing(record), record.known < missing.invocation {
      return record.seenUntil > missing.invocation + 1 ? .stale : .lost
    }
    return record.seen == ElementHistory.never ? .neverRead : .stable
  }
}

extension ElementFates.Record {
  fileprivate mutating func note(_ addition: ElementHistory.Addition) {
    if addition.outcome == .failed {
      failed = min(failed, addition.invocation)
    } else {
      added = min(added, addition.invocation)
      acknowledged = min(acknowledged, addition.completion)
    }
  }

  /// - Parameter reversed: how many reads were invoked after this one.
  @inline(__always)
  fileprivate mutating func note(_ read: ElementHistory.Read, _ position: UInt32, _ reversed: UInt32) {
    if noted == position { doubled = position }
    noted = position
    if streak == reversed { streak += 1 }
    if read.completion < seen { (seen, firstRead) = (read.completion, position) }
    if lastRead == ElementHistory.never { lastRead = position }
    seenUntil = max(seenUntil, read.completion + 1)
  }
}
