import Histories

/// Follows every element of a set through all reads of the whole set: was it lost, late, doubled, or from nowhere?
///
/// `add` adds an element, `read` returns the list of all (the set-full checker of Jepsen). An element is *known* from
/// the moment when its addition was acknowledged or a read that has it ended, whichever is first; a read that begins
/// later must have it. If it does not, the element is *stale* where a later read has it, and *lost* where none does.
/// A read that was under way while the missing one began may have seen it later: then it counts as stale, never lost.
///
/// That no element is stale is necessary for a linearizable set, not sufficient: for that, check the model `grow-set`.
public enum SetFullChecker {
  public static let name = "set-full"
  /// Recorded in the result.
  public static let algorithm = "fate of each element"

  public struct Options: Hashable, Sendable {
    /// A read that begins after an element is known must have it: stale elements break the claim.
    public var isLinearizable: Bool
    /// Only the read that ended last counts, as in Jepsen's `set` workload, whose clients read when all is over.
    public var usesLastReadOnly: Bool

    public init(isLinearizable: Bool = false, usesLastReadOnly: Bool = false) {
      self.isLinearizable = isLinearizable
      self.usesLastReadOnly = usesLastReadOnly
    }

    /// What breaks the claim whichever events are missing. An element that is lost is stale, too, if it comes back
    /// later; and a read that counts only as the last one says nothing if there is a later one.
    fileprivate var survivors: Set<InvariantAnomaly> {
      if usesLastReadOnly { return [] }
      return isLinearizable ? InvariantAnomaly.survivors.union([.lostElement]) : InvariantAnomaly.survivors
    }
  }

  /// Each object of a keyed history is decided by itself. Time is linear in what the reads list.
  ///
  /// Statistics are those of Jepsen, in nanoseconds: `stable-latency` is from the moment when an element was known to
  /// the begin of the last read that missed it, 0 for most; `lost-latency` from there to the begin of the last read
  /// that had a lost one.
  ///
  /// - Throws: `PairingError`; `MalformedHistory` for the first operation that is no addition of a scalar and no read
  ///   of a list of such.
  public static func report(_ history: History, _ options: Options = Options()) throws -> InvariantReport {
    var log = FindingLog(
      history, harmless: options.isLinearizable ? [] : [.staleRead], survivors: options.survivors)
    var tally = SetTally()
    try ElementHistory.forEach(history, .add) { object throws(MalformedHistory) in
      let fates = ElementFates(object, lastReadOnly: options.usesLastReadOnly)
      tally.add(fates)
      fates.report(to: &log)
    }
    for stale in tally.worstStale { stale.fates.reportStale(stale.element, &log) }
    log.add(.staleRead, times: tally.stale - tally.worstStale.count)
    return log.report(checker: name, algorithm: algorithm, unknown: tally.unknown, statistics: tally.statistics)
  }
}
