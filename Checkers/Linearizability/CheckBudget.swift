import Synchronization

/// What one check may use. Past it the verdict is `unknown`, and the reason says how far it got.
public struct CheckBudget: Hashable, Sendable {
  /// Seconds of wall time.
  public var secondsMax: Double
  /// Bytes that all searches under way may allocate together: lowered operations, schedules, configurations, caches and
  /// interned states.
  ///
  /// Not counted are what lies there before a search begins and does not grow with it (the history, its pairing, the
  /// tables of values and labels: some 100 bytes for an operation), what a model's state allocates beyond its own
  /// fields, and the trials that reduce a counterexample, which get what their search left over, one at a time.
  public var bytesMax: Int

  public init(secondsMax: Double = 60, bytesMax: Int = 1 << 30) {
    self.secondsMax = secondsMax
    self.bytesMax = bytesMax
  }
}

/// Ends a check from outside: all its searches stop within some thousand configurations, and its verdict is `unknown`.
public final class CheckCancellation: Sendable {
  private let flag = Atomic<Bool>(false)

  public init() {}

  public func cancel() { flag.store(true, ordering: .relaxed) }
  public var isCancelled: Bool { flag.load(ordering: .relaxed) }
}
