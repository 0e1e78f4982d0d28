/// Nodes whose data a fault has harmed, over the whole run.
///
/// A node that lost data does not get it back when the fault is healed: it may stay down, or be wrong for ever. So targets that
/// leave a majority alone must leave the same majority alone each time, or a few injections would harm every copy there is.
struct HarmedNodes {
  private var names: Set<String> = []

  /// Of the nodes that an action chose, and of those harmed before, as many as may be harmed; the result counts as harmed.
  ///
  /// A choice of more than a minority is taken as it is: a plan asked for it by name.
  mutating func choose(_ chosen: [String], of order: [String]) -> [String] {
    let limit = max(1, (order.count - 1) / 2)
    var result = chosen
    if chosen.count <= limit {
      var room = max(0, limit - names.count)
      result = chosen.filter { node in
        if names.contains(node) { return true }
        room -= 1
        return room >= 0
      }
      if result.isEmpty { result = Array(order.filter(names.contains).prefix(chosen.count)) }
    }
    names.formUnion(result)
    return result
  }
}
