import Histories

/// Exactly one operation, once.
public func once(_ operation: GeneratedOperation) -> some Generator { OperationList(operations: [operation]) }

/// Exactly one operation, once.
public func once(_ function: String, _ value: Value = .null) -> some Generator {
  once(GeneratedOperation(function, value))
}

/// Each of the operations once, in this order; they may run side by side.
public func operations(_ operations: [GeneratedOperation]) -> some Generator { OperationList(operations: operations) }

/// The same operation again and again, without end.
public func forever(_ operation: GeneratedOperation) -> some Generator { Constant(operation: operation) }

/// The same operation again and again, without end.
public func forever(_ function: String, _ value: Value = .null) -> some Generator {
  forever(GeneratedOperation(function, value))
}

/// An operation made afresh each time from the moment and from random numbers; nil ends it.
///
/// The stream belongs to this generator: give every `produce` a stream of its own name. When the scheduler throws an
/// answer away, its random choices are undone with it, so that asking often changes nothing.
public func produce(
  _ stream: RandomStream, _ make: @escaping @Sendable (Context, inout RandomStream) -> GeneratedOperation?
) -> some Generator {
  Produced(stream: stream, make: make)
}

/// No operation at all.
public func nothing() -> some Generator { OperationList(operations: []) }

/// Never an operation, and never an end: only useful beside others in a `race`, or until an outside stop.
public func pending() -> some Generator { Pending() }

/// One thread does nothing for so long; what follows in a sequence waits only if it needs that thread.
public func sleep(seconds: Double) -> some Generator {
  once(GeneratedOperation.sleep(nanoseconds: nanoseconds(seconds)))
}

struct OperationList: Generator {
  let operations: [GeneratedOperation]
  private var position = 0

  init(operations: [GeneratedOperation]) { self.operations = operations }

  mutating func next(_ context: Context) -> Next {
    guard position < operations.count else { return .exhausted }
    let answer = operations[position].offered(in: context)
    if case .operation = answer { position += 1 }
    return answer
  }
}

struct Constant: Generator {
  let operation: GeneratedOperation

  mutating func next(_ context: Context) -> Next { operation.offered(in: context) }
}

struct Pending: Generator {
  mutating func next(_ context: Context) -> Next { .pending(until: nil) }
}

struct Produced: Generator {
  var stream: RandomStream
  let make: @Sendable (Context, inout RandomStream) -> GeneratedOperation?

  /// Asks only while a thread is free: the closure may take a free thread for granted.
  mutating func next(_ context: Context) -> Next {
    if context.free.isEmpty { return .pending(until: nil) }
    return make(context, &stream)?.offered(in: context) ?? .exhausted
  }
}

/// Seconds as whole nanoseconds; never negative, and far below overflow for any span that a run can have.
func nanoseconds(_ seconds: Double) -> Int64 { Int64(min(max(seconds, 0), 1e9) * 1e9) }
