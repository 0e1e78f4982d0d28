import Histories

/// Which reads of a replica come so late that it had time to hear of everything.
///
/// Where somebody says how long that takes, it is so long after the last append to the log, and after the last event of
/// the nemesis before the read. Where nobody does, a read counts only after everything: after the last append to any log,
/// as replicas hear of all of them on one way, and after the last event of the nemesis. While a fault is open nothing is
/// quiet. An append that failed does not count.
struct LogQuiet {
  private let nanoseconds: Int64
  private let faults: FaultTimeline
  /// Event index of the last append's beginning, of any log, or of the nemesis's last event; -1 where nothing happened.
  private let last: Int

  /// - Parameter nanoseconds: in which replicas hear of everything; 0 where nobody says.
  init(_ rows: Operations, _ faults: FaultTimeline, nanoseconds: Int64) {
    self.nanoseconds = nanoseconds
    self.faults = faults
    let append = (0..<rows.count).last { rows.function($0) == "append" && rows.outcome($0) != .fail }
    last = max(append.map { Int(rows.invocations[$0]) } ?? -1, faults.last ?? -1)
  }

  /// Whether a read that begins with this event comes late enough.
  ///
  /// - Parameter appended: event index of the end of the last append to the log, before the read.
  func precedes(_ invocation: UInt32, appended: UInt32, _ history: History) -> Bool {
    if nanoseconds == 0 { return Int(invocation) > last && !faults.isOpen(at: invocation) }
    guard !faults.isOpen(at: invocation) else { return false }
    let start = max(Int(appended), faults.last(before: invocation) ?? 0)
    return history.time(at: Int(invocation)) - history.time(at: start) >= nanoseconds
  }
}
