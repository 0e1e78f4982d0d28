/// A broken promise, and what was seen.
public struct Violation: Error, Sendable, CustomStringConvertible {
  public let invariant: String
  public let detail: String
  public var description: String { "\(invariant): \(detail)" }

  init(_ invariant: String, _ detail: String) {
    self.invariant = invariant
    self.detail = detail
  }
}
