import Histories

/// A model of something that values are put into and taken out of: a queue, a stack, a bag.
///
/// It has the names of its functions, and gets from here how they are read and shown.
public protocol ContainerModel: SequentialModel where Operation: ContainedOperation {
  static var words: ContainerWords { get }
}

extension ContainerModel {
  public var name: String { Self.words.model }

  public func label(_ operation: Operation, _ values: ValueTable) -> String {
    Self.words.label(operation.operation, values)
  }
}

extension ContainerModel where Operation == ContainerOperation {
  public func lower(
    _ call: RecordedCall, _ values: inout ValueTable
  ) throws(MalformedOperation) -> ContainerOperation? {
    try Self.words.lower(call, &values)
  }
}

/// A container in which one value is next: two places in a list are all that tells a queue from a stack.
///
/// It is empty at first. A removal of unknown outcome may have taken whatever was next.
public protocol OrderedContainerModel: ContainerModel where State == [Operation.Element] {
  /// Where an insertion puts the element.
  static func place(of element: Operation.Element, in state: State) -> Int

  /// Where the element is that a removal takes; `state` is not empty.
  static func next(in state: State) -> Int
}

extension OrderedContainerModel {
  public func initial(_ values: inout ValueTable) -> State { [] }

  @inlinable public func step(_ state: State, _ operation: Operation) -> State? {
    switch operation.operation {
    case .insert:
      var next = state
      next.insert(operation.element, at: Self.place(of: operation.element, in: state))
      return next
    case .remove:
      return !state.isEmpty && state[Self.next(in: state)] == operation.element ? Self.rest(of: state) : nil
    case .removeNothing: return state.isEmpty ? state : nil
    case .removeUnknown: return state.isEmpty ? nil : Self.rest(of: state)
    }
  }

  /// What a removal leaves.
  @inlinable static func rest(of state: State) -> State {
    var rest = state
    rest.remove(at: next(in: state))
    return rest
  }

  @inlinable public func traits(of operation: Operation) -> OperationTraits<State> {
    switch operation.operation {
    case .insert: OperationTraits(isObserver: false, condition: .always, result: nil)
    case .removeNothing: OperationTraits(isObserver: true, condition: .only([]), result: [])
    case .remove, .removeUnknown: .unknown
    }
  }

  public func value(of state: State, _ values: ValueTable) -> Value {
    .list(state.map { Operation.value(of: $0, values) })
  }

  public func refusal(of operation: Operation, in state: State, _ values: ValueTable) -> String {
    let next = state.isEmpty ? nil : Operation.value(of: state[Self.next(in: state)], values)
    return Self.words.refusal(of: operation.operation, next: next, count: state.count, values)
  }
}
