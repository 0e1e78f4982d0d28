import Histories

/// From when on a read sees the last state of a replica.
///
/// A read is final if it began after the last update of the *whole* history had ended, after the last event of the
/// nemesis, and, where that is asked for, a time later. An object's own last update would not do: it may lie inside a
/// partition of which other objects see the end. An update that failed does not count, one of unknown outcome has
/// ended where its client gave up: it is taken for granted that it took effect by then or within the time asked for, or
/// never.
///
/// No read is final while an update has no completion, which has not ended, nor where the nemesis left a fault behind
/// (`OpenFaults`).
struct Quiescence {
  /// Event index after which the system is quiet; -1 where nothing ever happened.
  let event: Int
  /// What the event was, in words; nil where there was none.
  private let last: String?
  /// Nanoseconds of the run's clock from which on reads count; nil where any time will do.
  private let timeMin: Int64?
  /// An update that never ended, by its event.
  private let open: UInt32?
  /// A fault that was never healed, by its event and its name.
  private let fault: (event: Int, name: String)?

  /// - Parameter nanoseconds: how long after the last update and fault a read must begin.
  init(_ rows: Operations, nanoseconds: Int64, isRead: (String) -> Bool) {
    let history = rows.history
    var (last, open): (Int, UInt32?) = (-1, nil)
    for position in 0..<rows.count {
      if rows.outcome(position) == .fail || isRead(rows.function(position)) { continue }
      if let completion = rows.completion(position) {
        last = max(last, completion)
      } else if open == nil {
        open = rows.invocations[position]
      }
    }
    let nemesis = (0..<history.count).reversed().first { history.process(at: $0).isNemesis } ?? -1
    event = max(last, nemesis)
    self.last = event < 0 ? nil : nemesis > last ? "the nemesis's last event" : "the last update's end"
    self.open = open
    fault = nemesis < 0 ? nil : OpenFaults(history).first.map { ($0, history.function(at: $0)) }
    timeMin = nanoseconds > 0 && event >= 0 ? history.time(at: event) + nanoseconds : nil
  }

  func isFinal(_ invocation: UInt32, _ history: History) -> Bool {
    guard open == nil, fault == nil, Int(invocation) > event else { return false }
    return timeMin.map { history.time(at: Int(invocation)) >= $0 } ?? true
  }

  /// Why there are no final reads.
  var reason: String {
    if let open { return "the update of event \(open) never ended, so that no read is known to be after all of them" }
    if let fault { return "the fault of event \(fault.event), \(fault.name), was never healed" }
    let since = last.map { " after \($0) (event \(event))" } ?? ""
    return "no replica was read\(since)\(timeMin == nil ? "" : " and the time for it to settle")"
  }
}
