import Histories

/// Decides whether the replicas of an append-only log agree: one value at each index, whoever is asked, for good.
///
/// `append` of a value is told its index; `read` of [from, to] shows the entries at these indices, without `to`;
/// `read-all` shows all that the replica has that the event's node names. Values are appended once each. This is what
/// consensus is for (Lamport 1998; the state machine safety of Raft, Ongaro & Ousterhout 2014, figure 3); that reads
/// are current is not claimed: for that, check the model `log`, which is linearizable.
///
/// What is certain where outcomes are unknown: an append of unknown outcome may be in the log or not; if a read shows
/// it, it is from then on. Failed ones are not, and must not be seen. A replica may lag behind, so that an acknowledged
/// entry is lost only if a replica's *last* full read misses it, which began after it was acknowledged, when all was
/// quiet (`LogQuiet`). Without such a read of a log with acknowledged entries
/// nobody knows whether they are still there, and no claim that has it is valid. What other reads miss is counted
/// (`late-entry`), and breaks the claim only where full reads are said to be current. A replica that shows less than it
/// did before has forgotten something, unless a fault came between (`ShrunkenReads`).
public enum ReplicatedLogChecker {
  public static let name = "replicated-log"
  /// Recorded in the result.
  public static let algorithm = "one value an index"

  /// What may be claimed of a log.
  public enum Promise: String, Hashable, Sendable, CaseIterable {
    /// An index holds one value; acknowledged entries stay, and so does what a replica has shown; real time orders them.
    case logAgreement = "log-agreement"
    /// What a read shows has no holes.
    case logGapless = "log-gapless"
    /// Acknowledged entries stay.
    case noLoss = "no-loss"
    /// A value has one index.
    case noDuplicates = "no-duplicates"

    fileprivate var broken: Set<InvariantAnomaly> {
      switch self {
      case .logAgreement:
        [.conflictingEntries, .lostEntry, .reorderedEntries, .shrunkenLog, .abortedRead, .thinAirRead]
      case .logGapless: [.logGap]
      case .noLoss: [.lostEntry]
      case .noDuplicates: [.duplicateEntry]
      }
    }
  }

  public struct Options: Hashable, Sendable {
    public var promise: Promise
    /// Every `read-all` must have what was acknowledged before it began, not only the last of its replica.
    public var readsAreCurrent: Bool
    /// Nanoseconds after an append and a fault within which replicas hear of everything; 0 where nobody says: `LogQuiet`.
    public var quiescenceNanoseconds: Int64

    public init(
      promise: Promise = .logAgreement, readsAreCurrent: Bool = false, quiescenceNanoseconds: Int64 = 0
    ) {
      self.promise = promise
      self.readsAreCurrent = readsAreCurrent
      self.quiescenceNanoseconds = quiescenceNanoseconds
    }
  }

  /// Each log of a keyed history is decided by itself: linear in what the reads show, but for sorting entries.
  ///
  /// - Throws: `PairingError`; `MalformedHistory` as `EntryColumns` says.
  public static func report(_ history: History, _ options: Options = Options()) throws -> InvariantReport {
    var broken = options.promise.broken
    if options.readsAreCurrent, broken.contains(.lostEntry) { broken.insert(.lateEntry) }
    var log = FindingLog(history, harmless: Set(InvariantAnomaly.allCases).subtracting(broken))
    var tally = Tally()
    let rows = try Operations(history)
    let faults = FaultTimeline(history)
    let quiet = LogQuiet(rows, faults, nanoseconds: options.quiescenceNanoseconds)
    try EntryColumns.forEach(rows) { columns throws(MalformedHistory) in
      var audit = EntryAudit(columns, faults, quiet)
      audit.report(to: &log)
      tally.add(columns, audit)
    }
    return log.report(
      checker: name, algorithm: algorithm, unknown: tally.unknown(options), statistics: tally.statistics)
  }

  private struct Tally {
    private var (logs, reads, acknowledged, recovered, entries, lost) = (0, 0, 0, 0, 0, 0)
    private var (tellingReads, finalReads) = (0, 0)
    /// Logs with acknowledged entries of which no full read began after one, or none is final.
    private var (untold, unfinished) = (0, 0)

    mutating func add(_ columns: EntryColumns, _ audit: EntryAudit) {
      logs += 1
      reads += columns.reads.count
      let count = columns.entries.count { $0.acknowledged != EntryColumns.never }
      acknowledged += count
      if count > 0, audit.tellingReads == 0 { untold += 1 }
      if count > 0, audit.finalReads == 0 { unfinished += 1 }
      recovered += columns.entries.count {
        $0.appended != EntryColumns.never && $0.acknowledged == EntryColumns.never && $0.seen != EntryColumns.never
      }
      entries += columns.slots.count
      lost += audit.lost
      tellingReads += audit.tellingReads
      finalReads += audit.finalReads
    }

    func unknown(_ options: Options) -> String? {
      if reads == 0 { return "no read completed: nobody saw the log" }
      guard options.promise.broken.contains(.lostEntry) else { return nil }
      let part = logs > 1 ? " of \(options.readsAreCurrent ? untold : unfinished) of the \(logs) logs" : ""
      if tellingReads == 0 || options.readsAreCurrent && untold > 0 {
        return "no full read\(part) began after an append was acknowledged"
      }
      return unfinished > 0 && !options.readsAreCurrent
        ? "no replica\(part) was read in full when all was quiet: it may have lagged behind" : nil
    }

    var statistics: [(name: String, value: Value)] {
      [
        ("logs", logs), ("reads", reads), ("acknowledged", acknowledged), ("recovered", recovered),
        ("indices", entries), ("lost", lost),
        ("final-reads", finalReads),
      ].map { (name: $0.0, value: .int(Int64($0.1))) }
    }
  }
}
