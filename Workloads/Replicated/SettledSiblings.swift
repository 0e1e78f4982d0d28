import Histories

/// Siblings that keys can have in the end, by what the contexts of puts cover.
struct SettledSiblings: SettledState {
  private struct Siblings {
    /// Values that the context of a put covers that was acknowledged, and that of one that may have happened.
    var (overwritten, maybeOverwritten): (Set<Value>, Set<Value>) = ([], [])
    var acknowledged: Set<Value> = []
  }

  private var keys: [Value: Siblings] = [:]

  init(_ operations: Operations) {
    let covers = ContextCovers(operations)
    for position in 0..<operations.count where operations.function(position) == "put" {
      let operation = operations[position]
      guard let key = operation.key, operation.outcome != .fail, let put = operation.input.map else { continue }
      let covered = put["context"].map { covers.values(of: key, $0) } ?? []
      if operation.outcome == .ok {
        keys[key, default: Siblings()].overwritten.formUnion(covered)
        if let value = put["value"], !value.isNull { keys[key, default: Siblings()].acknowledged.insert(value) }
      } else {
        keys[key, default: Siblings()].maybeOverwritten.formUnion(covered)
      }
    }
  }

  func state(_ answer: Value) -> Set<Value> { Set((answer.map?["values"]?.list ?? []).filter { !$0.isNull }) }

  func isComplete(_ state: Set<Value>, of object: Value) -> Bool {
    guard let siblings = keys[object] else { return true }
    let required = siblings.acknowledged.subtracting(siblings.overwritten).subtracting(siblings.maybeOverwritten)
    return required.isSubset(of: state) && siblings.overwritten.isDisjoint(with: state)
  }
}

/// What contexts cover: all that any get showed that returned them.
private struct ContextCovers {
  private var shown: [Value: [Value: Set<Value>]] = [:]

  init(_ operations: Operations) {
    for position in 0..<operations.count
    where operations.function(position) != "put" && operations.outcome(position) == .ok {
      let operation = operations[position]
      guard let key = operation.key, let got = operation.output.map, let context = got["context"], !context.isNull
      else { continue }
      shown[key, default: [:]][context, default: []].formUnion(got["values"]?.list ?? [])
    }
  }

  func values(of key: Value, _ context: Value) -> Set<Value> { shown[key]?[context] ?? [] }
}
