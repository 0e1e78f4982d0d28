import Histories

/// Holds what appends were told and reads showed of one log against each other.
struct EntryAudit {
  private let columns: EntryColumns
  /// The least index that was met.
  private let firstIndex: Int64
  /// Entries lost from a replica's last full read, each counted once.
  private(set) var lost = 0
  /// Full reads that began after something was acknowledged; of these, the ones that are final.
  private(set) var (tellingReads, finalReads) = (0, 0)
  /// Acknowledged entries in order of completion.
  private let acknowledged: [UInt32]

  private let faults: FaultTimeline
  private let quiet: LogQuiet

  init(_ columns: EntryColumns, _ faults: FaultTimeline, _ quiet: LogQuiet) {
    (self.columns, self.faults, self.quiet) = (columns, faults, quiet)
    firstIndex = columns.slots.map(\.index).min() ?? 0
    let all = columns.entries.indices.filter { columns.entries[$0].acknowledged != EntryColumns.never }
    acknowledged = all.map { UInt32(truncatingIfNeeded: $0) }.sorted {
      columns.entries[Int($0)].acknowledged < columns.entries[Int($1)].acknowledged
    }
  }

  mutating func report(to log: inout FindingLog) {
    reportEntries(to: &log)
    reportOrder(to: &log)
    reportMissing(to: &log)
    reportShrunken(to: &log)
    for read in columns.reads { reportGap(read, to: &log) }
  }

  // MARK: Values and indices

  private func reportEntries(to log: inout FindingLog) {
    for slot in columns.slots where slot.otherEntry != EntryColumns.never {
      log.add(.conflictingEntries, key: columns.key) { witnesses in
        let events = [Int(slot.event), Int(slot.otherEvent)]
        return (
          "index \(slot.index) holds \(columns.value(slot.entry)) (event \(events[0])) and "
            + "\(columns.value(slot.otherEntry)) (event \(events[1]))",
          events, events
        )
      }
    }
    for (number, entry) in columns.entries.enumerated() {
      let number = UInt32(truncatingIfNeeded: number)
      if entry.low < entry.high { reportDuplicate(number, to: &log) }
      if entry.seen < entry.appended { reportUnwritten(number, to: &log) }
    }
  }

  private func reportDuplicate(_ number: UInt32, to log: inout FindingLog) {
    let entry = columns.entries[Int(number)]
    log.add(.duplicateEntry, key: columns.key) { witnesses in
      let events = [entry.acknowledged, entry.seen].filter { $0 != EntryColumns.never }.map { Int($0) }
      return (
        "\(columns.value(number)) was met at index \(entry.low) and at index \(entry.high)",
        entry.appended == EntryColumns.never ? [] : [Int(entry.appended)], events
      )
    }
  }

  private func reportUnwritten(_ number: UInt32, to log: inout FindingLog) {
    let entry = columns.entries[Int(number)]
    let isAborted = entry.failed < entry.seen
    log.add(isAborted ? .abortedRead : .thinAirRead, key: columns.key) { witnesses in
      let read = columns.reads[Int(entry.reader)]
      let other = [isAborted ? entry.failed : entry.appended].filter { $0 != EntryColumns.never }.map { Int($0) }
      let why =
        if isAborted {
          "which only \(witnesses.name(other[0], nil)) appended, and that failed"
        } else if let later = other.first {
          "which nobody had begun to append: \(witnesses.name(later, nil)) did so later"
        } else { "which nobody appended" }
      return (
        "\(name(read, witnesses)) saw \(columns.value(number)), \(why)", [Int(read.invocation)] + other,
        [Int(read.invocation), Int(read.completion)] + other
      )
    }
  }

  // MARK: Real time

  /// An entry that was in the log for certain when the append of another began has the lower index.
  ///
  /// Of all that was in the log before, the one with the greatest index decides, where the least index counts for one
  /// that was met at several and, for the later one, the greatest.
  private func reportOrder(to log: inout FindingLog) {
    let all = columns.entries.indices.filter { columns.entries[$0].low != .max }
    let byKnown = all.sorted { columns.entries[$0].known < columns.entries[$1].known }
    let byBegin = all.filter { columns.entries[$0].appended != EntryColumns.never }
      .sorted { columns.entries[$0].appended < columns.entries[$1].appended }
    var (place, greatest) = (0, -1)
    for later in byBegin {
      while place < byKnown.count, columns.entries[byKnown[place]].known < columns.entries[later].appended {
        let known = byKnown[place]
        if greatest < 0 || columns.entries[known].low > columns.entries[greatest].low { greatest = known }
        place += 1
      }
      if greatest >= 0, columns.entries[greatest].low > columns.entries[later].high {
        reportOrder(greatest, later, to: &log)
      }
    }
  }

  private func reportOrder(_ first: Int, _ second: Int, to log: inout FindingLog) {
    log.add(.reorderedEntries, key: columns.key) { witnesses in
      let (known, later) = (columns.entries[first], columns.entries[second])
      let end = later.acknowledged == EntryColumns.never ? nil : Int(later.acknowledged)
      return (
        "\(columns.value(UInt32(first))) was in the log (event \(known.known)) before "
          + "\(witnesses.name(Int(later.appended), end)) began, which put \(columns.value(UInt32(second))) at index "
          + "\(later.high), before index \(known.low)",
        [known.appended, later.appended].filter { $0 != EntryColumns.never }.map { Int($0) },
        [known.known, later.appended].map { Int($0) } + [end].compactMap { $0 }
      )
    }
  }

  // MARK: Full reads

  /// What a final read misses is lost; what another one misses came late.
  ///
  /// A read is *final* if it is the last full one of its replica, and came when all was quiet (`LogQuiet`): while clients
  /// still append or a fault is at work, nobody waits for replicas to catch up. One that has everything needs no quiet.
  private mutating func reportMissing(to log: inout FindingLog) {
    var last: [String: Int] = [:]
    for (number, read) in columns.reads.enumerated() {
      if let replica = read.replica { last[replica] = number }
    }
    let lastAppend = columns.entries.lazy.map(\.appended).filter { $0 != EntryColumns.never }.max() ?? 0
    let lastEnd = acknowledged.last.map { max(lastAppend, columns.entries[Int($0)].acknowledged) } ?? lastAppend
    var isListed = [Bool](repeating: false, count: columns.entries.count)
    var isLost = isListed
    for (number, read) in columns.reads.enumerated() {
      guard let replica = read.replica else { continue }
      let due = acknowledged[
        ..<acknowledged.partitioningIndex {
          columns.entries[Int($0)].acknowledged > read.invocation
        }]
      let isLast = last[replica] == number && read.invocation > lastAppend
      let isFinal = isLast && quiet.precedes(read.invocation, appended: lastEnd, columns.history)
      if !due.isEmpty { tellingReads += 1 }
      var found = 0
      for (entry, _) in columns.shown[read.start..<read.end] where !isListed[Int(entry)] {
        isListed[Int(entry)] = true
        if columns.entries[Int(entry)].acknowledged < read.invocation { found += 1 }
      }
      if !due.isEmpty, isFinal || isLast && found == due.count { finalReads += 1 }
      if found < due.count {
        if isFinal {
          for entry in due where !isListed[Int(entry)] && !isLost[Int(entry)] {
            isLost[Int(entry)] = true
            lost += 1
            reportMissing(.lostEntry, entry, read, to: &log)
          }
        } else {
          reportMissing(.lateEntry, nil, read, to: &log)
        }
      }
      for (entry, _) in columns.shown[read.start..<read.end] { isListed[Int(entry)] = false }
    }
  }

  /// - Parameter entry: that is missing; nil for the first that is.
  private func reportMissing(
    _ anomaly: InvariantAnomaly, _ entry: UInt32?, _ read: EntryColumns.Read, to log: inout FindingLog
  ) {
    log.add(anomaly, key: columns.key) { witnesses in
      let listed = Set(columns.shown[read.start..<read.end].map(\.entry))
      guard let missing = entry ?? acknowledged.first(where: { !listed.contains($0) }) else { return ("", [], []) }
      let lost = columns.entries[Int(missing)]
      let replica = read.replica.flatMap { $0.isEmpty ? nil : " of replica \($0)" } ?? ""
      let which =
        anomaly == .lostEntry ? ", the last full one\(replica), misses it" : ", a full one\(replica), misses it"
      return (
        "\(columns.value(missing)) was acknowledged at index \(lost.low) to "
          + "\(witnesses.name(Int(lost.appended), Int(lost.acknowledged))); \(name(read, witnesses))\(which)",
        [Int(lost.appended), Int(read.invocation)],
        [lost.appended, lost.acknowledged, read.invocation, read.completion].map { Int($0) }
      )
    }
  }

  private func reportShrunken(to log: inout FindingLog) {
    var reads = ShrunkenReads(columns, faults)
    reads.forEach { number, earlier, entry in
      log.add(.shrunkenLog, key: columns.key) { witnesses in
        let (first, second) = (columns.reads[earlier], columns.reads[number])
        return (
          "\(name(first, witnesses)) of replica \(first.replica ?? "") showed \(columns.value(entry)) at index "
            + "\(columns.entries[Int(entry)].low); \(name(second, witnesses)) of the same replica misses it, and no "
            + "fault came between",
          [Int(first.invocation), Int(second.invocation)],
          [first.invocation, first.completion, second.invocation, second.completion].map { Int($0) }
        )
      }
    }
  }

  // MARK: Gaps

  /// The indices that a read shows follow each other, from the first that it asked for and the log has.
  private func reportGap(_ read: EntryColumns.Read, to log: inout FindingLog) {
    var expected = max(read.from ?? firstIndex, firstIndex)
    for (entry, index) in columns.shown[read.start..<read.end] {
      guard index == expected else { return reportGap(read, expected, entry, index, to: &log) }
      expected = index + 1
    }
  }

  private func reportGap(
    _ read: EntryColumns.Read, _ expected: Int64, _ entry: UInt32, _ index: Int64, to log: inout FindingLog
  ) {
    log.add(.logGap, key: columns.key) { witnesses in
      return (
        "\(name(read, witnesses)) shows \(columns.value(entry)) at index \(index) where index \(expected) is due",
        [Int(read.invocation)], [Int(read.invocation), Int(read.completion)]
      )
    }
  }

  private func name(_ read: EntryColumns.Read, _ witnesses: Witnesses) -> String {
    witnesses.name(Int(read.invocation), Int(read.completion))
  }
}
