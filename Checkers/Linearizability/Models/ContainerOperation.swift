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

/// An operation of a container, with what the container's state keeps of its value.
public protocol ContainedOperation: Hashable, Sendable {
  /// What a state holds for each value.
  associatedtype Element: Hashable & Sendable

  var operation: ContainerOperation { get }
  /// What stands for the value of an insertion, or of a removal that answered one.
  var element: Element { get }

  /// The value, for reports.
  static func value(of element: Element, _ values: ValueTable) -> Value
}

/// Most containers keep the values themselves.
extension ContainerOperation: ContainedOperation {
  @inlinable public var operation: ContainerOperation { self }

  /// The value's id; 0 where the operation has none.
  @inlinable public var element: UInt32 {
    switch self {
    case .insert(let value), .remove(let value): value
    case .removeNothing, .removeUnknown: 0
    }
  }

  public static func value(of element: UInt32, _ values: ValueTable) -> Value { values[element] }
}

/// What the operations of a container are called in histories and reports.
public struct ContainerWords: Sendable {
  /// The model's name.
  public let model: String
  /// The function that puts a value in.
  public let insert: String
  /// The functions that take one out; the first is the name in reports.
  public let removals: [String]

  public init(model: String, insert: String, removals: [String]) {
    precondition(!removals.isEmpty, "a container has a function that takes a value out")
    self.model = model
    self.insert = insert
    self.removals = removals
  }

  /// The operation that was recorded: `insert` v, `remove` null → v, or → null where there was nothing.
  ///
  /// - Throws: `MalformedOperation` for another function, and for an insertion of null, which no removal could answer.
  public func lower(_ call: RecordedCall, _ values: inout ValueTable) throws(MalformedOperation) -> ContainerOperation {
    if call.function == insert {
      if call.input.isNull {
        throw MalformedOperation("'\(insert)' takes a value other than null: '\(removals[0])' answers null for nothing")
      }
      return .insert(values.intern(call.input))
    }
    guard removals.contains(call.function) else {
      let known = ([insert] + removals).joined(separator: ", ")
      throw MalformedOperation("unknown function '\(call.function)': \(model) knows \(known)")
    }
    if call.outcome != .ok { return .removeUnknown }
    return call.output.isNull ? .removeNothing : .remove(values.intern(call.output))
  }

  /// The operation in a few characters.
  public func label(_ operation: ContainerOperation, _ values: ValueTable) -> String {
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
  public func refusal(of operation: ContainerOperation, next: Value?, count: Int, _ values: ValueTable) -> String {
    let there = next.map { "\($0) is next" } ?? "there is nothing"
    return switch operation {
    case .insert: "can always happen"
    case .remove(let value): "needs \(values[value]), but \(there)"
    case .removeUnknown: "needs a value, but \(there)"
    case .removeNothing: "needs nothing to be there, but there \(count == 1 ? "is 1 value" : "are \(count) values")"
    }
  }
}
