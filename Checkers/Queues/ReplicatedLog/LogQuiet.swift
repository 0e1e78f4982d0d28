import Histories

/// From when on a replica of a log has nothing to wait for: after the last append of any log had begun, after the last
/// event of the nemesis, and, where that is asked for, a time later.
///
/// Appends of other logs count, too: replicas hear of all of them on one way. An append that failed does not. While a
/// fault is open nothing is quiet.
struct LogQuiet {
  /// Event index; -1 where nothing happened.
  private let event: Int
  /// Nanoseconds of the run's clock; nil where any time will do.
  private let timeMin: Int64?
  private let hasOpenFault: Bool

  /// - Parameter nanoseconds: that replicas are given to catch up.
  init(_ rows: Operations, nanoseconds: Int64) {
    let history = rows.history
    var (begun, ended) = (-1, -1)
    for position in 0..<rows.count where rows.function(position) == "append" && rows.outcome(position) != .fail {
      begun = max(begun, Int(rows.invocations[position]))
      ended = max(ended, rows.completion(position) ?? begun)
    }
    let nemesis = (0..<history.count).last { history.process(at: $0).isNemesis } ?? -1
    event = max(begun, nemesis)
    let last = max(event, ended)
    timeMin = nanoseconds > 0 && last >= 0 ? history.time(at: last) + nanoseconds : nil
    hasOpenFault = OpenFaults(history).first != nil
  }

  /// Whether a read that begins with this event comes after everything.
  func precedes(_ invocation: UInt32, _ history: History) -> Bool {
    guard !hasOpenFault, Int(invocation) > event else { return false }
    return timeMin.map { history.time(at: Int(invocation)) >= $0 } ?? true
  }
}
