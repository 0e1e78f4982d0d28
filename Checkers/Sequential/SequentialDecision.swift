import Histories

/// What the checker of sequential consistency says of a history.
public struct SequentialDecision: Sendable {
  public var verdict: Verdict
  /// What decided.
  public var algorithm: String
  /// Of a valid history: event indices of the invocations, in an order that proves it. Operations of unknown outcome
  /// that nothing depends on are left out.
  public var order: [Int]?
  /// Why the verdict is `unknown`.
  public var reason: String?
  public var finding: Finding?
  public var counterexample: Counterexample?
  /// What decided, for tests.
  var way: SequentialDecider.Way?

  @usableFromInline init(verdict: Verdict, algorithm: String) {
    self.verdict = verdict
    self.algorithm = algorithm
  }
}
