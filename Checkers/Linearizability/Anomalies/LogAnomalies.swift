/// Names for violations of logs without gaps.
struct LogAnomalies {
  let around: ViolatedHistory<AppendLogOperation>
  let text: (UInt32) -> String

  /// An index with what an operation says that it holds.
  private struct Entry {
    var index: Int64
    var element: UInt32
  }

  func find() -> NamedAnomaly? { phantom() ?? conflict() ?? lost() }

  private func entries(_ position: UInt32) -> [Entry] {
    switch around[position] {
    case .append(let element, let index?): [Entry(index: index, element: element)]
    case .append(_, index: nil): []
    case .read(let read) where read.isContiguous:
      read.elements.enumerated().map { Entry(index: read.from + Int64($0), element: $1) }
    case .read: []
    }
  }

  private func phantom() -> NamedAnomaly? {
    guard case .read(let read) = around.operation else { return nil }
    var appended: Set<UInt32> = []
    for position in around.begun { if case .append(let element, _) = around[position] { appended.insert(element) } }
    guard let wild = read.elements.first(where: { !appended.contains($0) }) else { return nil }
    return NamedAnomaly(.phantom, "\(operation: around.violation) shows \(text(wild)), which nobody had appended")
  }

  private func conflict() -> NamedAnomaly? {
    let mine = Dictionary(
      entries(around.violation).map { ($0.index, $0.element) }, uniquingKeysWith: { first, _ in first })
    if mine.isEmpty { return nil }
    let isAppend = if case .append = around.operation { true } else { false }
    for other in around.begun.reversed() where other != around.violation && around.isDone(other) {
      let areAppends = if isAppend, case .append = around[other] { true } else { false }
      for entry in entries(other) {
        guard let element = mine[entry.index], element != entry.element || areAppends else { continue }
        return NamedAnomaly(
          .conflictingEntries,
          "\(operation: other) has \(text(entry.element)) at index \(entry.index), \(operation: around.violation) has"
            + " \(text(element)) there")
      }
    }
    return nil
  }

  /// An index that was certainly filled, in the range that the read asked for, and not in its answer.
  private func lost() -> NamedAnomaly? {
    guard case .read(let read) = around.operation, read.isContiguous else { return nil }
    let end = read.from + Int64(read.elements.count)
    for other in around.begun.reversed() where other != around.violation && around.isBefore(other) {
      for entry in entries(other).reversed() where entry.index >= end && entry.index < read.to {
        return NamedAnomaly(
          .lostElement,
          "\(operation: other) finished before \(operation: around.violation) began, which does not show"
            + " \(text(entry.element)) at index \(entry.index)")
      }
    }
    return nil
  }
}
