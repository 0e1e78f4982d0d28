import Synchronization

/// What one check may use. Past it the verdict is `unknown`, and the reason says how far it got.
public struct CheckBudget: Hashable, Sendable {
  /// Seconds of wall time.
  public var secondsMax: Double
  /// Bytes that all searches under way may allocate together; the history itself is not counted.
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
