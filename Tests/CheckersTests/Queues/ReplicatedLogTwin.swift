import Histories

/// The anomalies of a replicated log by their definitions: everything is held against everything.
struct ReplicatedLogTwin {
  private struct Sight: Hashable {
    var index: Int64
    var value: Value
    var end: Int
  }

  private let calls: [TwinCall]
  private let appends: [TwinCall]
  private let reads: [TwinCall]
  private let nodes: [Int: String]
  private let faults: [Event]
  private var sights: Set<Sight> = []

  init(_ events: [Event]) {
    calls = TwinCall.all(in: events.filter { !$0.process.isNemesis })
    faults = events.filter { $0.process.isNemesis }
    appends = calls.filter { $0.function == "append" && $0.type != .fail }
    reads = calls.filter { $0.function != "append" && $0.isOK }
    nodes = Dictionary(uniqueKeysWithValues: reads.map { ($0.begin, events[$0.end].node ?? "") })
    for append in appends where append.isOK {
      sights.insert(Sight(index: append.output.list?[0].int ?? -1, value: append.input, end: append.end))
    }
    for read in reads {
      for (index, value) in Self.shown(read) { sights.insert(Sight(index: index, value: value, end: read.end)) }
    }
  }

  private static func shown(_ read: TwinCall) -> [(Int64, Value)] {
    (read.output.list ?? []).compactMap { entry in entry.list.flatMap { pair in pair[0].int.map { ($0, pair[1]) } } }
  }

  private var values: Set<Value> { Set(sights.map(\.value)) }
  private func indices(_ value: Value) -> Set<Int64> { Set(sights.filter { $0.value == value }.map(\.index)) }
  private func known(_ value: Value) -> Int { sights.filter { $0.value == value }.map(\.end).min() ?? .max }
  private func append(_ value: Value) -> TwinCall? { appends.first { $0.input == value } }

  var hasReads: Bool { !reads.isEmpty }

  func counts() -> [String: Int] {
    var counts: [String: Int] = [:]
    counts["conflicting-entries"] = Set(sights.map(\.index)).count { index in
      Set(sights.filter { $0.index == index }.map(\.value)).count > 1
    }
    counts["duplicate-entry"] = values.count { indices($0).count > 1 }
    for value in values {
      let first = reads.filter { read in Self.shown(read).contains { $0.1 == value } }.map(\.end).min() ?? .max
      if first == .max || append(value).map({ $0.begin < first }) ?? false { continue }
      let failed = calls.contains {
        $0.function == "append" && $0.type == .fail && $0.input == value && $0.begin < first
      }
      counts[failed ? "aborted-read" : "thin-air-read", default: 0] += 1
    }
    counts["reordered-entries"] = values.count { later in
      guard let begin = append(later)?.begin else { return false }
      return values.contains { earlier in
        known(earlier) < begin && (indices(earlier).min() ?? 0) > (indices(later).max() ?? 0)
      }
    }
    (counts["lost-entry"], counts["late-entry"]) = missing()
    counts["log-gap"] = reads.count(where: hasGap)
    counts["shrunken-log"] = reads.count(where: isShrunken)
    return counts
  }

  private func missing() -> (lost: Int, late: Int) {
    var lost: Set<Value> = []
    var late = 0
    let full = reads.filter { $0.function == "read-all" }
    for read in full {
      let shown = Self.shown(read).map(\.1)
      let gone = appends.filter { $0.isOK && $0.end < read.begin && !shown.contains($0.input) }.map(\.input)
      if isFinal(read), isQuiet(read) { lost.formUnion(gone) } else if !gone.isEmpty { late += 1 }
    }
    return (lost.count, late)
  }

  private func isFinal(_ read: TwinCall) -> Bool {
    !reads.contains {
      $0.function == "read-all" && $0.begin > read.begin && nodes[$0.begin] == nodes[read.begin]
    } && !appends.contains { $0.begin > read.begin }
  }

  /// Whether somebody could have seen a loss.
  var canTellLoss: Bool {
    reads.contains { read in
      let shown = Self.shown(read).map(\.1)
      let due = appends.filter { $0.isOK && $0.end < read.begin }.map(\.input)
      return read.function == "read-all" && isFinal(read) && !due.isEmpty
        && (isQuiet(read) || due.allSatisfy(shown.contains))
    }
  }

  /// Whether no fault came later, and none was left open.
  private func isQuiet(_ read: TwinCall) -> Bool {
    !faults.contains { $0.index > read.begin } && faults.last?.function != "kill"
  }

  /// Whether an earlier read of the same replica showed more, with no fault at work meanwhile.
  private func isShrunken(_ read: TwinCall) -> Bool {
    reads.contains { earlier in
      guard let node = nodes[read.begin], !node.isEmpty, node == nodes[earlier.begin], read.function == "read-all",
        earlier.function == "read-all", earlier.end < read.begin
      else { return false }
      let before = faults.last { $0.index < earlier.begin }
      let isDisturbed =
        faults.contains { $0.index > earlier.begin && $0.index < read.end } || before?.function == "kill"
      let shown = Set(Self.shown(read).map(\.1))
      return !isDisturbed && Self.shown(earlier).contains { !shown.contains($0.1) }
    }
  }

  private func hasGap(_ read: TwinCall) -> Bool {
    let shown = Self.shown(read).map(\.0)
    guard let first = shown.first, let least = sights.map(\.index).min() else { return false }
    let asked = read.function == "read-all" ? least : read.input.list?[0].int ?? least
    return first != max(asked, least) || zip(shown, shown.dropFirst()).contains { $1 != $0 + 1 }
  }
}
