import Histories

/// Faults that the nemesis began and that nothing ended: while one lasts, replicas need not hear of one another.
///
/// Events are taken as runs record them (`start-partition` … `stop-partition`, with the action's `id` and `phase` in
/// the value), and as Jepsen's combined nemeses do, which give neither. An injection that was skipped or failed left
/// nothing broken; a healing that has only begun, or failed, has healed nothing; `restore-…` says that the final heal
/// failed. Of other names nothing is known: they say when something happened, not whether it lasts.
struct OpenFaults {
  private struct Action: Hashable {
    var fault: Substring
    var id: Value
  }

  /// Event index of the first that is still open; nil where all are healed.
  let first: Int?

  init(_ history: History) {
    var open: [Action: Int] = [:]
    for event in 0..<history.count where history.process(at: event).isNemesis {
      let (function, value) = (history.function(at: event), history.payload(at: event))
      let phase = value.map?["phase"]?.string
      guard let dash = function.firstIndex(of: "-") else { continue }
      let action = Action(fault: function[dash...], id: value.map?["id"] ?? .null)
      switch function[..<dash] {
      case "start": open[action] = phase == "skipped" || phase == "failed" ? nil : event
      case "stop": if phase != "healing", phase != "failed" { open[action] = nil }
      case "restore": open[action] = event
      default: break
      }
    }
    first = open.values.min()
  }
}
