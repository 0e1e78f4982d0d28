import Histories

/// An operation of a queue, a stack or a priority queue over interned values.
@frozen public enum ContainerOperation: Hashable, Sendable, BitwiseCopyable {
  case insert(UInt32)
  /// A removal that answered this value.
  case remove(UInt32)
  /// A removal that answered that there was nothing.
  case removeNothing
  /// A removal whose answer is not known.
  case removeUnknown
}

/// What the operations of a container are called in histories and reports.
@usableFromInline struct ContainerWords: Sendable {
  let model: String
  let insert: String
  /// The first is the name in reports.
  let removals: [String]

  /// The operation that was recorded: `insert` v, `remove` null → v, or → null where there was nothing.
  ///
  /// - Throws: `MalformedOperation` for another function, and for an insertion of null, which no removal could answer.
  func lower(_ call: RecordedCall, _ values: inout ValueTable) throws(MalformedOperation) -> ContainerOperation {
    if call.function == insert {
      if call.input.isNull {
        throw MalformedOperation("'\(insert)' takes a value other than null: '\(removals[0])' answers null for nothing")
      }
      try call.requireEcho(values)
      return .insert(values.intern(call.input))
    }
    guard removals.contains(call.function) else {
      let known = ([insert] + removals).joined(separator: ", ")
      throw MalformedOperation("unknown function '\(call.function)': \(model) knows \(known)")
    }
    try call.requireNoKey(values)
    if call.outcome != .ok { return .removeUnknown }
    return call.output.isNull ? .removeNothing : .remove(values.intern(call.output))
  }

  func label(_ operation: ContainerOperation, _ values: ValueTable) -> String {
    switch operation {
    case .insert(let value): "\(insert) \(values[value])"
    case .remove(let value): "\(removals[0]) → \(values[value])"
    case .removeNothing: "\(removals[0]) → null"
    case .removeUnknown: "\(removals[0]) → ?"
    }
  }

  /// Why the operation cannot happen.
  ///
  /// - Parameters:
  ///   - next: what a removal would take; nil where there is nothing.
  ///   - count: values in the container.
  func refusal(of operation: ContainerOperation, next: Value?, count: Int, _ values: ValueTable) -> String {
    let there = next.map { "\($0) is next" } ?? "there is nothing"
    return switch operation {
    case .insert: "can always happen"
    case .remove(let value): "needs \(values[value]), but \(there)"
    case .removeUnknown: "needs a value, but \(there)"
    case .removeNothing: "needs nothing to be there, but there \(count == 1 ? "is 1 value" : "are \(count) values")"
    }
  }
}
