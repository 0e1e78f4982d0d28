import Histories

/// Faults that the nemesis began and that nothing ended: while one lasts, replicas need not hear of one another.
///
/// Events are taken as runs record them (`start-partition` … `stop-partition`, with the action's `id` and `phase` in
/// the value), and as Jepsen's nemeses do, which give neither: those, `start` … `stop`, `pause` … `resume`, and where
/// there is a `kill`, `kill` … `start`. An injection that was skipped or failed left nothing broken; a healing that has
/// only begun, or failed, has healed nothing; `restore-…` says that the final heal failed. Of other names nothing is
/// known: they say when something happened, not whether it lasts.
struct OpenFaults {
  private struct Action: Hashable {
    var fault: Substring
    var id: Value
  }

  private enum Change { case begins, ends, unhealed }

  /// Event index of the first that is still open; nil where all are healed.
  let first: Int?
  /// The events of the nemesis, each with whether a fault is open from then on.
  let events: [(event: Int, leavesOpen: Bool)]

  init(_ history: History) {
    let events = (0..<history.count).filter { history.process(at: $0).isNemesis }
    var told: [(event: Int, leavesOpen: Bool)] = []
    let kills = events.contains { history.function(at: $0) == "kill" }
    var open: [Action: Int] = [:]
    for event in events {
      defer { told.append((event, !open.isEmpty)) }
      guard let (change, fault) = Self.change(history.function(at: event), kills: kills) else { continue }
      let value = history.payload(at: event)
      let phase = value.map?["phase"]?.string
      let action = Action(fault: fault, id: value.map?["id"] ?? .null)
      switch change {
      case .begins: open[action] = phase == "skipped" || phase == "failed" ? nil : event
      case .ends: if phase != "healing", phase != "failed" { open[action] = nil }
      case .unhealed: open[action] = event
      }
    }
    first = open.values.min()
    self.events = told
  }

  /// What an event of this name does to which fault.
  ///
  /// - Parameter kills: whether nodes are killed, so that a plain `start` brings them back.
  private static func change(_ function: String, kills: Bool) -> (Change, fault: Substring)? {
    switch function {
    case "start": return kills ? (.ends, "kill") : (.begins, "")
    case "stop": return (.ends, "")
    case "kill": return (.begins, "kill")
    case "pause": return (.begins, "pause")
    case "resume": return (.ends, "pause")
    default: break
    }
    guard let dash = function.firstIndex(of: "-") else { return nil }
    switch function[..<dash] {
    case "start": return (.begins, function[dash...])
    case "stop": return (.ends, function[dash...])
    case "restore": return (.unhealed, function[dash...])
    default: return nil
    }
  }
}

/// When the nemesis was at work.
struct FaultTimeline {
  private let events: [(event: Int, leavesOpen: Bool)]

  init(_ history: History) { events = OpenFaults(history).events }

  /// The last event of the nemesis; nil where there is none.
  var last: Int? { events.last?.event }

  /// The last event of the nemesis before another event.
  func last(before event: UInt32) -> Int? {
    let place = events.partitioningIndex { $0.event > Int(event) }
    return place > 0 ? events[place - 1].event : nil
  }

  /// Whether a fault is open at an event.
  func isOpen(at event: UInt32) -> Bool {
    let place = events.partitioningIndex { $0.event > Int(event) }
    return place > 0 && events[place - 1].leavesOpen
  }

  /// Whether no event of the nemesis lies from the one event to the other, and no fault is open then.
  func isUndisturbed(from first: UInt32, to last: UInt32) -> Bool {
    let place = events.partitioningIndex { $0.event > Int(first) }
    if place > 0, events[place - 1].leavesOpen { return false }
    return place == events.count || events[place].event > Int(last)
  }
}
