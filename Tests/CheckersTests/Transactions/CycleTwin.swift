import Histories

/// Every class of cycle that a small history has: all simple cycles of its dependencies and of one order, each with the
/// name that its steps give it.
///
/// The dependencies are those of `DependencyTwin`, under the one order of versions that the history leaves open, and a
/// transaction whose outcome is unknown counts if a read shows anything of it.
struct CycleTwin {
  private let history: History

  init(_ history: History) { self.history = history }

  /// Nil where the history leaves several orders of versions open, or has none.
  func classes() throws -> Set<String>? {
    let twin = try TwinHistory(history)
    let judge = try IsolationTwin(history)
    guard let longest = judge.versions, !judge.hasSeveralUnseen else { return nil }
    let transactions = twin.transactions.filter { transaction in
      transaction.outcome == .committed
        || (transaction.outcome == .unknown
          && longest.indices.contains { key in transaction.appends(to: key).contains { longest[key].contains($0) } })
    }
    let dependencies = DependencyTwin(transactions: transactions, longest: longest, keys: twin.keys)
    guard let order = dependencies.versionOrders.first else { return nil }
    var edges: [Link] = dependencies.edges(order).map {
      Link(source: $0.source, target: $0.target, name: ["ww", "wr", "rw"][$0.kind == .ww ? 0 : $0.kind == .wr ? 1 : 2])
    }
    for source in transactions.indices {
      for target in transactions.indices {
        if transactions[source].precedesInProcess(transactions[target]) {
          edges.append(Link(source: source, target: target, name: "process"))
        }
        if transactions[source].precedesInRealTime(transactions[target]) {
          edges.append(Link(source: source, target: target, name: "realtime"))
        }
      }
    }
    return Self.names(Set(edges), transactions.count)
  }

  private struct Link: Hashable {
    var source: Int
    var target: Int
    var name: String
  }

  private static func names(_ edges: Set<Link>, _ count: Int) -> Set<String> {
    var names: Set<String> = []
    let leaving = (0..<count).map { source in edges.filter { $0.source == source } }
    func extend(_ path: [Link], _ start: Int, _ node: Int) {
      for edge in leaving[node] where edge.target >= start {
        if edge.target == start {
          names.insert(IsolationJudge.name((path + [edge]).map(\.name)))
        } else if !path.contains(where: { $0.target == edge.target }) {
          extend(path + [edge], start, edge.target)
        }
      }
    }
    for start in 0..<count { extend([], start, start) }
    return names
  }
}
