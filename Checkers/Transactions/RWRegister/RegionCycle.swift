/// A short cycle through the edge that closed it.
struct RegionCycle {
  private let region: OrderRegion
  private let edges: [OrderRegion.Edge]
  private let closing: OrderRegion.Edge

  /// - Parameter edges: without the closing one no cycle.
  init(_ region: OrderRegion, _ edges: [OrderRegion.Edge], _ closing: OrderRegion.Edge) {
    (self.region, self.edges, self.closing) = (region, edges, closing)
  }

  /// Breadth first from the target of the closing edge back to its source.
  var cycle: TransactionCycle? {
    var leaving = [[Int]](repeating: [], count: region.eventCount)
    for (number, edge) in edges.enumerated() where !edge.isGuard { leaving[Int(edge.source)].append(number) }
    var cameBy = [Int](repeating: -1, count: region.eventCount)
    var queue = [closing.target]
    var next = 0
    while next < queue.count, queue[next] != closing.source {
      for number in leaving[Int(queue[next])] {
        let target = edges[number].target
        if target == closing.target || cameBy[Int(target)] >= 0 { continue }
        cameBy[Int(target)] = number
        queue.append(target)
      }
      next += 1
    }
    guard next < queue.count else { return nil }
    var path = [closing]
    var event = closing.source
    while event != closing.target {
      let edge = edges[cameBy[Int(event)]]
      path.append(edge)
      event = edge.source
    }
    return steps(path.reversed())
  }

  /// The walk as steps between members: what leads from one to its own commit is none, and a way along completions is
  /// one.
  private func steps(_ path: [OrderRegion.Edge]) -> TransactionCycle? {
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
