/// Lines up groups of operations, each group after the one before, and checks real time between them: one pass.
struct GroupSweep<Operation: Sendable> {
  private let history: ObjectHistory<Operation>
  private(set) var order: [UInt32] = []
  /// Of the groups so far: the operation invoked last.
  private var latest: UInt32?

  init(_ history: ObjectHistory<Operation>) {
    self.history = history
    order.reserveCapacity(history.count)
  }

  /// Adds a group, given in order of invocation; the order inside it is free.
  ///
  /// - Returns: the first pair in the wrong order: `later` returned before `earlier`, of an earlier group, was invoked.
  mutating func extend(_ group: some RandomAccessCollection<UInt32>) -> (later: UInt32, earlier: UInt32)? {
    if let latest {
      let time = history.invocations[Int(latest)]
      if let later = group.first(where: { history.completions[Int($0)] < time }) { return (later, latest) }
    }
    order.append(contentsOf: group)
    latest = [latest, group.last].compactMap(\.self).max()
    return nil
  }
}
