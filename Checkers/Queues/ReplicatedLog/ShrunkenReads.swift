import Histories

/// Finds full reads of a replica that miss what earlier ones of the same replica had shown.
///
/// What a read shows is in the log for good, so that a replica that had it and has it no more forgot something. One that
/// was killed may: how much of a log is committed is volatile in Raft (Ongaro & Ousterhout 2014, figure 2), and replicas
/// without a disk begin anew; until they are told they show less, and nothing is wrong. So two reads are held against
/// each other only if the second began after the first had ended, no event of the nemesis lies from the beginning of the
/// first to the end of the second, and no fault was open then. What restarts by itself is called broken.
struct ShrunkenReads {
  private let columns: EntryColumns
  private let faults: FaultTimeline
  /// By entry: the run of reads that showed it last, and one of these reads.
  private var runs: [UInt32]
  private var showers: [UInt32]
  /// By entry: the read that was looked at last, plus one.
  private var marks: [UInt32]
  private var run: UInt32 = 0

  init(_ columns: EntryColumns, _ faults: FaultTimeline) {
    (self.columns, self.faults) = (columns, faults)
    runs = Array(repeating: 0, count: columns.entries.count)
    (showers, marks) = (runs, runs)
  }

  /// Calls the body with each read that shows less, and with an earlier one and an entry of it that is missing.
  mutating func forEach(_ body: (_ read: Int, _ earlier: Int, _ entry: UInt32) -> Void) {
    let all = columns.reads.indices.filter { number in
      let read = columns.reads[number]
      guard read.replica.map({ !$0.isEmpty }) ?? false else { return false }
      return faults.isUndisturbed(from: read.invocation, to: read.completion)
    }
    var byReplica: [String: [Int]] = [:]
    var names: [String] = []
    for number in all {
      let name = columns.reads[number].replica ?? ""
      if byReplica[name] == nil { names.append(name) }
      byReplica[name, default: []].append(number)
    }
    for name in names { follow(byReplica[name] ?? [], body) }
  }

  /// Goes through the reads of one replica as they begin and end.
  private mutating func follow(_ reads: [Int], _ body: (_ read: Int, _ earlier: Int, _ entry: UInt32) -> Void) {
    let ended = reads.sorted { columns.reads[$0].completion < columns.reads[$1].completion }
    var (next, known, since) = (0, 0, UInt32(0))
    run += 1
    for number in reads {
      let read = columns.reads[number]
      while next < ended.count, columns.reads[ended[next]].completion < read.invocation {
        let first = columns.reads[ended[next]].invocation
        if known == 0 || !faults.isUndisturbed(from: since, to: first) { (run, known, since) = (run + 1, 0, first) }
        known += remember(ended[next])
        next += 1
      }
      guard known > 0, faults.isUndisturbed(from: since, to: read.completion) else { continue }
      if shownAgain(number) < known, let (earlier, entry) = missing(number) { body(number, earlier, entry) }
    }
  }

  /// - Returns: how many entries are new in this run.
  private mutating func remember(_ number: Int) -> Int {
    var new = 0
    for (entry, _) in columns.shown(number) where runs[Int(entry)] != run {
      (runs[Int(entry)], showers[Int(entry)]) = (run, UInt32(truncatingIfNeeded: number))
      new += 1
    }
    return new
  }

  /// How many of the entries of this run a read shows.
  private mutating func shownAgain(_ number: Int) -> Int {
    let mark = UInt32(truncatingIfNeeded: number + 1)
    var count = 0
    for (entry, _) in columns.shown(number) where marks[Int(entry)] != mark {
      marks[Int(entry)] = mark
      if runs[Int(entry)] == run { count += 1 }
    }
    return count
  }

  /// The entry with the least index that a read does not show, after `shownAgain`.
  private func missing(_ number: Int) -> (earlier: Int, entry: UInt32)? {
    let mark = UInt32(truncatingIfNeeded: number + 1)
    let gone = runs.indices.filter { runs[$0] == run && marks[$0] != mark }
    return gone.min { columns.entries[$0].low < columns.entries[$1].low }
      .map { (Int(showers[$0]), UInt32(truncatingIfNeeded: $0)) }
  }
}
