import RaftKV

/// What the whole cluster has committed, in order, as seen from above: the yardstick of several invariants.
struct CommittedLog {
  struct Position {
    var entry: Entry
    /// Term of the server that committed it first.
    var commitTerm: Term
  }

  /// Position 0 is index 1.
  private(set) var positions: [Position] = []

  var lastIndex: LogIndex { LogIndex(positions.count) }

  subscript(index: LogIndex) -> Position { positions[Int(index - 1)] }

  mutating func append(_ position: Position) { positions.append(position) }
}

/// A promise that was broken: which one, and how.
public struct Violation: Error, Sendable, CustomStringConvertible {
  public let invariant: String
  public let detail: String
  public var description: String { "\(invariant): \(detail)" }

  init(_ invariant: String, _ detail: String) {
    self.invariant = invariant
    self.detail = detail
  }
}
