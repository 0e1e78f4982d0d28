/// One cycle of each class that a graph has, whatever other classes it has too.
struct CycleClasses {
  struct Named {
    /// With the numbers of the graph that was searched.
    var cycle: TransactionCycle
    /// Cycles of the class are at least so many.
    var count: Int
  }

  private(set) var found: [Named] = []
  /// What the limits of a search left open, in sentences.
  private(set) var notices: [String] = []

  /// - Parameter graph: what is on cycles of any class.
  init(_ graph: TransactionGraph, _ budget: SearchBudget) {
    if graph.count == 0 { return }
    for order in CycleOrder.allCases {
      let all = Set(TransactionGraph.Kind.allCases)
      let whole = CycleParts(GraphView(graph, .plain, all, order))
      if whole.isEmpty { continue }
      // Without two adjacent anti-dependencies: if there are no such walks, there is no cycle of four of the classes.
      let separate = CycleParts(GraphView(graph, .startsAndCommits, all, order))
      if !separate.isEmpty {
        look(.writeCycle, order, CycleParts(GraphView(graph, .plain, [.writeWrite], order)), graph, budget)
        look(
          .informationCycle, order, CycleParts(GraphView(graph, .plain, [.writeWrite, .writeRead], order)), graph,
          budget)
        look(.single, order, separate, graph, budget)
        look(.nonadjacent, order, separate, graph, budget)
      }
      look(.antiDependencyCycle, order, whole, graph, budget)
    }
  }

  private mutating func look(
    _ anomaly: TransactionAnomaly, _ order: CycleOrder, _ parts: CycleParts, _ graph: TransactionGraph,
    _ budget: SearchBudget
  ) {
    if parts.isEmpty { return }
    let cycleClass = CycleClass(anomaly: anomaly, order: order)
    var search = CycleClassSearch(graph, cycleClass, parts, budget)
    let result = search.run()
    if let cycle = result.cycle { found.append(Named(cycle: cycle, count: result.parts)) }
    if result.isComplete || result.cycle?.steps.count == cycleClass.lengthMin { return }
    notices.append(
      result.cycle == nil
        ? "\(cycleClass.name): none was found within the limits of the search, but there may be one"
        : "\(cycleClass.name): a shorter cycle than the one shown may be there, past the limits of the search")
  }
}
