import Histories

/// An operation that a generator asks for.
public struct GeneratedOperation: Hashable, Sendable {
  public var function: String
  public var value: Value
  /// The thread that is to run it; nil: the scheduler takes the next free one of the generator's context.
  public var thread: ThreadID?
  /// The earliest moment, in nanoseconds since the run's start; nil: at once.
  public var time: Int64?
  /// The node that must get it, whatever node the thread is bound to.
  public var node: String?
  /// For how many nanoseconds the thread does nothing *instead of* an operation; nil for a real operation.
  ///
  /// Sleeping goes through the scheduler like an operation, because only what is dispatched moves a generator on: a
  /// generator that merely answered `pending` would forget when it began to wait. It is never seen in the history.
  public private(set) var sleep: Int64?

  public init(
    _ function: String, _ value: Value = .null, thread: ThreadID? = nil, time: Int64? = nil, node: String? = nil
  ) {
    self.function = function
    self.value = value
    self.thread = thread
    self.time = time
    self.node = node
  }

  /// Nothing, for this long (nanoseconds, at least 0), on one thread.
  public static func sleep(nanoseconds: Int64) -> GeneratedOperation {
    var operation = GeneratedOperation("")
    operation.sleep = max(0, nanoseconds)
    return operation
  }

  /// Whether this is no operation but a pause of its thread.
  public var isSleep: Bool { sleep != nil }

  /// With its thread and time filled in from the context.
  ///
  /// - Returns: `pending` while the thread that it needs (any, if it names none) is busy.
  /// - Precondition: the thread that it names is one of the context's.
  public func offered(in context: Context) -> Next {
    if let thread {
      precondition(
        context.all.contains(thread), "operation '\(function)' names thread \(thread), which its generator cannot use")
    }
    let free = thread.map { context.free.contains($0) ? $0 : nil } ?? context.nextFree
    guard let free else { return .pending(until: nil) }
    var operation = self
    operation.thread = free
    operation.time = max(context.time, time ?? context.time)
    return .operation(operation)
  }
}

/// What a generator answers.
public enum Next: Hashable, Sendable {
  /// This operation, at its time on its thread (both filled in).
  case operation(GeneratedOperation)
  /// Nothing now; ask again after an event, or at `until` (nanoseconds) at the latest where that is given.
  case pending(until: Int64?)
  /// Nothing ever again.
  case exhausted
}

/// A pure source of operations, after Jepsen's generators: a value, whose `next` moves it on.
///
/// Everything it may depend on is in the context and the events that it was told of, so two equal generators that see
/// the same give the same. The scheduler works on a copy and keeps it only when the operation was really dispatched: an
/// operation whose time lies in the future is asked for again when that time has come, or when something happened.
public protocol Generator: Sendable {
  /// The next operation for one of the free threads of `context`.
  mutating func next(_ context: Context) -> Next
  /// Told of every invocation and completion, in the order of the history; `context` is the moment after the event.
  mutating func update(_ context: Context, _ event: ThreadEvent)
}

extension Generator {
  public mutating func update(_ context: Context, _ event: ThreadEvent) {}
}

/// An event with the thread that it happened on.
public struct ThreadEvent: Hashable, Sendable {
  public var thread: ThreadID
  public var event: Event

  public init(thread: ThreadID, event: Event) {
    self.thread = thread
    self.event = event
  }
}
