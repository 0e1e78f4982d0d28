import Histories

/// One order for all objects from a linearization of each: linearizability is local (Herlihy & Wing, 1990, theorem 1),
/// and what is linearizable is sequentially consistent.
///
/// Give each operation a *point*: the latest invocation among itself and all before it in the linearization of its
/// object. Points never decrease along a linearization, and operations of two objects never share one (an event invokes
/// one operation), so sorting by point, with ties as they are, keeps every linearization: the merged order is legal. The
/// point of an operation lies between its invocation and its completion, for nothing that it follows was invoked after
/// it had returned. Hence if one returned before the other was invoked, its point is the smaller one: the merged order
/// keeps real time, and with it the order of every process.
enum MergedLinearizations {
  /// - Parameter linearizations: of each object, event indices of invocations.
  static func order(_ linearizations: [[Int]]) -> [Int] {
    if linearizations.count == 1 { return linearizations[0] }
    var placed: [(point: Int, invocation: Int)] = []
    for linearization in linearizations {
      var point = -1
      for invocation in linearization {
        point = max(point, invocation)
        placed.append((point, invocation))
      }
    }
    // Ties are of one object; the number of the entry keeps their order.
    let sorted = placed.indices.sorted { (placed[$0].point, $0) < (placed[$1].point, $1) }
    return sorted.map { placed[$0].invocation }
  }
}
