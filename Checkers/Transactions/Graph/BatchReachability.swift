/// Which of many pairs of nodes are connected in a view without cycles: 64 questions in one pass over the edges.
struct BatchReachability {
  /// One question: is any goal reached from any seed?
  struct Question {
    var seeds: [UInt32]
    var goals: [UInt32]
  }

  enum Answer {
    /// The first question that is answered with yes.
    case reached(question: Int)
    case none
    /// The budget ended before all were asked.
    case exhausted
  }

  private let view: GraphView
  private let budget: SearchBudget
  /// Nodes, each before its successors.
  private let order: [UInt32]
  private let edgeCount: Int

  /// Nil if the view has a cycle.
  init?(_ view: GraphView, _ budget: SearchBudget) {
    (self.view, self.budget) = (view, budget)
    var incoming = [UInt32](repeating: 0, count: view.count)
    var edges = 0
    for node in 0..<UInt32(view.count) {
      for place in 0..<view.successorCount(node) {
        let target = view.successor(node, place)
        if target == TransactionGraph.none { continue }
        incoming[Int(target)] += 1
        edges += 1
      }
    }
    var order: [UInt32] = (0..<UInt32(view.count)).filter { incoming[Int($0)] == 0 }
    var next = 0
    while next < order.count {
      let node = order[next]
      next += 1
      for place in 0..<view.successorCount(node) {
        let target = view.successor(node, place)
        if target == TransactionGraph.none { continue }
        incoming[Int(target)] -= 1
        if incoming[Int(target)] == 0 { order.append(target) }
      }
    }
    if order.count < view.count { return nil }
    (self.order, edgeCount) = (order, edges)
  }

  func answer(_ questions: [Question]) -> Answer {
    var bits = [UInt64](repeating: 0, count: view.count)
    for first in stride(from: 0, to: questions.count, by: 64) {
      let batch = questions[first..<min(first + 64, questions.count)]
      // The first pass is linear and done in any case.
      if first > 0, !budget.goesOn(after: edgeCount + view.count) { return .exhausted }
      for (number, question) in batch.enumerated() {
        for seed in question.seeds { bits[Int(seed)] |= 1 << UInt64(number) }
      }
      spread(&bits)
      for (number, question) in batch.enumerated()
      where question.goals.contains(where: { bits[Int($0)] >> UInt64(number) & 1 == 1 }) {
        return .reached(question: first + number)
      }
      for place in bits.indices { bits[place] = 0 }
    }
    return .none
  }

  private func spread(_ bits: inout [UInt64]) {
    for node in order {
      let reached = bits[Int(node)]
      if reached == 0 { continue }
      for place in 0..<view.successorCount(node) {
        let target = view.successor(node, place)
        if target != TransactionGraph.none { bits[Int(target)] |= reached }
      }
    }
  }
}
