/// What a generator may know of the moment.
public struct Context: Hashable, Sendable {
  /// Nanoseconds since the run's start.
  public var time: Int64
  /// Threads that exist for this generator.
  public var all: ThreadSet
  /// Those of them that wait for an operation.
  public var free: ThreadSet
  /// Where the search for a free client begins: one behind the last dispatched, so that all get their turn.
  public var cursor: Int

  public init(time: Int64, all: ThreadSet, free: ThreadSet, cursor: Int = 0) {
    self.time = time
    self.all = all
    self.free = free
    self.cursor = cursor
  }

  /// The free thread whose turn it is.
  public var nextFree: ThreadID? { free.first(from: cursor) }

  /// The same moment for a generator that may use only some of the threads.
  public func restricted(to threads: ThreadSet) -> Context {
    var context = self
    context.all = all.intersection(threads)
    context.free = free.intersection(threads)
    return context
  }
}
