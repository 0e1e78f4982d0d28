/// A promise that was broken: which one, and how.
public struct Violation: Error, Sendable, CustomStringConvertible {
  /// Which promise.
  public let invariant: String
  /// What was seen.
  public let detail: String
  /// One line.
  public var description: String { "\(invariant): \(detail)" }

  /// What was seen to break a promise.
  public init(_ invariant: String, _ detail: String) {
    self.invariant = invariant
    self.detail = detail
  }
}
