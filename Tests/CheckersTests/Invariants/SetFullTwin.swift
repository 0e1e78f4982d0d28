import Histories

/// The fate of each element by its definition: every element is held against every read.
struct SetFullTwin {
  private let additions: [TwinCall]
  private let reads: [TwinCall]
  private let events: [Event]

  init(_ events: [Event], lastReadOnly: Bool) {
    self.events = events
    let calls = TwinCall.all(in: events)
    additions = calls.filter { $0.function == "add" }
    let all = calls.filter { $0.function == "read" && $0.isOK }
    let last = all.map(\.end).max()
    reads = lastReadOnly ? all.filter { $0.end == last } : all
  }

  /// How many elements are what, by the names of the anomalies and of the statistics.
  func tally() -> [String: Int] {
    var tally: [String: Int] = [:]
    for element in Set(additions.map(\.input) + reads.flatMap { $0.output.list ?? [] }) {
      for name in names(element) { tally[name, default: 0] += 1 }
    }
    return tally
  }

  func verdict(isLinearizable: Bool) -> Verdict {
    let tally = tally()
    let broken = ["lost", "duplicated", "aborted-read", "thin-air-read"] + (isLinearizable ? ["stale"] : [])
    if broken.contains(where: { tally[$0] != nil }) { return .invalid }
    return tally["stable"] == nil ? .unknown : .valid
  }

  /// Nanoseconds; nil where no element is stable.
  func worstStableLatency() -> Int64? {
    let elements = Set(additions.filter { $0.type != .fail }.map(\.input))
    return elements.filter { names($0).contains("stable") }.map { element in
      guard names(element).contains("stale"), let known = known(element) else { return 0 }
      let missing = reads.filter { !has($0, element) }.map(\.begin).max() ?? 0
      return events[missing].time - events[known].time
    }.max()
  }

  private func has(_ read: TwinCall, _ element: Value) -> Bool { read.output.list?.contains(element) ?? false }

  private func known(_ element: Value) -> Int? {
    let acknowledged = additions.filter { $0.input == element && $0.isOK }.map(\.end)
    return (acknowledged + reads.filter { has($0, element) }.map(\.end)).min()
  }

  private func names(_ element: Value) -> [String] {
    let having = reads.filter { has($0, element) }
    let added = additions.filter { $0.input == element && $0.type != .fail }.map(\.begin).min()
    var names: [String] = []
    if having.contains(where: { $0.output.list?.count { $0 == element } ?? 0 > 1 }) { names.append("duplicated") }
    if let first = having.map(\.end).min(), first < added ?? .max {
      let failed = additions.contains { $0.input == element && $0.type == .fail && $0.begin < first }
      names.append(failed ? "aborted-read" : "thin-air-read")
    }
    guard added != nil else { return names }
    return names + ["elements"] + fates(element, having)
  }

  private func fates(_ element: Value, _ having: [TwinCall]) -> [String] {
    guard let known = known(element) else { return ["never-read"] }
    // Reads that had to have it and do not.
    let missing = reads.filter { $0.begin > known && !has($0, element) }
    if missing.isEmpty { return [having.isEmpty ? "never-read" : "stable"] }
    let isLost = missing.contains { miss in having.allSatisfy { $0.end < miss.begin } }
    return isLost ? ["lost"] : ["stable", "stale"]
  }
}
