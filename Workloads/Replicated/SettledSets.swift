import Histories

/// States that sets can have in the end, by what additions and removals say of themselves.
struct SettledSets: SettledState {
  private struct Contents {
    /// There for sure: an addition was acknowledged that no removal can have observed.
    var required: Set<Value> = []
    /// Those with an addition that no acknowledged removal has observed.
    var allowed: Set<Value> = []
  }

  private var sets: [Value: Contents] = [:]

  init(_ operations: Operations) {
    let removals = Removals(operations)
    for position in 0..<operations.count where operations.function(position) == "add" {
      let operation = operations[position]
      guard let key = operation.key, operation.outcome != .fail else { continue }
      let (id, element) = (operation.output.map?["id"], operation.input)
      if let id, removals.observed[key]?.contains(id) == true { continue }
      sets[key, default: Contents()].allowed.insert(element)
      let mayBeGone = removals.unclear[key]?.contains(element) ?? false
      if operation.outcome == .ok, id != nil, !mayBeGone { sets[key, default: Contents()].required.insert(element) }
    }
  }

  func state(_ answer: Value) -> Set<Value> { Set(answer.list ?? []) }

  func isComplete(_ state: Set<Value>, of object: Value) -> Bool {
    let contents = sets[object] ?? Contents()
    return contents.required.isSubset(of: state) && state.isSubset(of: contents.allowed)
  }
}

/// What removals have taken away, by key.
private struct Removals {
  /// The ids of additions that an acknowledged removal names.
  private(set) var observed: [Value: Set<Value>] = [:]
  /// Elements with a removal of which nobody knows what it has observed.
  private(set) var unclear: [Value: Set<Value>] = [:]

  init(_ operations: Operations) {
    for position in 0..<operations.count where operations.function(position) == "remove" {
      let operation = operations[position]
      guard let key = operation.key, operation.outcome != .fail else { continue }
      if operation.outcome == .ok, let ids = operation.output.map?["context"]?.list {
        observed[key, default: []].formUnion(ids)
      } else {
        unclear[key, default: []].insert(operation.input)
      }
    }
  }
}
