import Histories

/// What a transactional history says of every isolation level.
public struct IsolationReport: Hashable, Sendable {
  /// One level's verdict.
  public struct Rung: Hashable, Sendable {
    public var level: IsolationLevel
    public var verdict: Verdict
    /// Positions in `anomalies` of what breaks it; the first is the one to show.
    public var witnesses: [Int]
    /// Why it is `unknown`.
    public var reason: String?
  }

  /// One thing that is wrong.
  public struct Anomaly: Hashable, Sendable {
    /// Its name, with `-process` or `-realtime` where only that order makes it one.
    public var name: String
    /// One sentence.
    public var summary: String
    /// Event indices of the invocations of the transactions involved; of a cycle, in its order.
    public var transactions: [Int]
    /// How each transaction of a cycle leads to the next.
    public var steps: [Step]
  }

  /// One edge of a cycle.
  public struct Step: Hashable, Sendable {
    /// Positions in the anomaly's `transactions`.
    public var source: Int
    public var target: Int
    /// `ww`, `wr`, `rw`, `process` or `realtime`.
    public var link: String
    /// The object of a dependency.
    public var key: Value?
    /// Why the one comes before the other, in a sentence.
    public var reason: String
  }

  /// Every level, weakest first.
  public var ladder: [Rung]
  public var anomalies: [Anomaly]
  /// How many of each kind there are, where that was counted: not all are in `anomalies`. Of cycles at least so many, as
  /// those are counted that have no transaction in common.
  public var counts: [String: Int]
  /// Transactions that were taken for committed.
  public var committed: Int
  public var algorithm: String
  /// What limits left open that concerns no verdict, in sentences: cycles that were not looked for everywhere.
  public var notices: [String] = []

  /// The strongest levels that the history satisfies: none of them holds because another does.
  public var strongestSatisfied: [IsolationLevel] {
    let valid = Set(ladder.filter { $0.verdict == .valid }.map(\.level))
    let implied = valid.reduce(into: Set<IsolationLevel>()) { $0.formUnion($1.implications.subtracting([$1])) }
    return IsolationLevel.allCases.filter { valid.contains($0) && !implied.contains($0) }
  }

  /// The weakest levels that it breaks: none of them is broken because another is.
  public var weakestBroken: [IsolationLevel] {
    let broken = Set(ladder.filter { $0.verdict == .invalid }.map(\.level))
    return IsolationLevel.allCases.filter {
      broken.contains($0) && $0.implications.intersection(broken) == [$0]
    }
  }

  public func rung(_ level: IsolationLevel) -> Rung? { ladder.first { $0.level == level } }
}
