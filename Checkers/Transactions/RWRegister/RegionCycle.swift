/// A cycle of events of a region as one of its members.
enum RegionCycle {
  /// The steps between members: what leads from one to its own commit is none, and a way along completions is one.
  ///
  /// - Parameter path: each edge from the target of the one before; the last one leads to the source of the first.
  /// - Returns: nil for a walk among completions alone.
  static func steps(_ path: [OrderRegion.Edge], _ region: OrderRegion) -> TransactionCycle? {
    let events = region.claim.eventCount(region.members.count)
    // From a member on, so that no step is cut in two.
    guard let first = path.firstIndex(where: { $0.source < events }) else { return nil }
    var steps: [TransactionCycle.Step] = []
    var timed: UInt32?
    for edge in path[first...] + path[..<first] {
      if edge.source < events, edge.target >= events { timed = edge.link.source }
      if edge.target >= events { continue }
      if let source = timed {
        steps.append(.init(source: source, link: .realtime, target: edge.link.target))
        timed = nil
      } else if edge.link.source != edge.link.target {
        steps.append(edge.link)
      }
    }
    return steps.isEmpty ? nil : TransactionCycle(steps: steps)
  }
}
