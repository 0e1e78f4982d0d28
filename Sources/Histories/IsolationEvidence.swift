/// What a transactional history says of every isolation level, as results store it and reports draw it.
public struct IsolationEvidence: Hashable, Sendable, Codable {
  /// Of the file's form.
  public var schema = 1
  /// The level that was claimed.
  public var claim: String
  /// Every level with its verdict, weakest first.
  public var ladder: [Rung]
  /// The strongest levels that hold: none of them holds because another does.
  public var strongestSatisfied: [String]
  /// The weakest levels that are broken: none of them is broken because another is.
  public var weakestBroken: [String]
  /// What is wrong, some of every kind: first what breaks the claim.
  public var anomalies: [Anomaly]
  /// How many there are of each kind, listed or not; of cycles at least so many.
  public var counts: [Count]
  /// Transactions that were taken for committed.
  public var committed: Int

  public init(
    claim: String, ladder: [Rung], strongestSatisfied: [String], weakestBroken: [String], anomalies: [Anomaly],
    counts: [Count], committed: Int
  ) {
    (self.claim, self.ladder, self.committed) = (claim, ladder, committed)
    (self.strongestSatisfied, self.weakestBroken) = (strongestSatisfied, weakestBroken)
    (self.anomalies, self.counts) = (anomalies, counts)
  }

  /// How many anomalies of one name there are.
  public struct Count: Hashable, Sendable, Codable {
    public var name: String
    public var count: Int

    public init(name: String, count: Int) { (self.name, self.count) = (name, count) }
  }

  /// One level.
  public struct Rung: Hashable, Sendable, Codable {
    public var level: String
    public var verdict: Verdict
    /// Positions in `anomalies` of what breaks it; those that are not listed are left out.
    public var anomalies: [Int]
    /// Why it is `unknown`.
    public var reason: String?

    public init(level: String, verdict: Verdict, anomalies: [Int], reason: String?) {
      (self.level, self.verdict, self.anomalies, self.reason) = (level, verdict, anomalies, reason)
    }
  }

  /// One thing that is wrong.
  public struct Anomaly: Hashable, Sendable, Codable {
    public var name: String
    /// One sentence.
    public var summary: String
    /// Those involved; of a cycle, in its order.
    public var transactions: [Transaction]
    /// The edges of a cycle, in its order; empty for what is seen in single reads.
    public var steps: [Step]
    /// The weakest levels that this one is shown for, which tells anomalies of one name apart. None for the shortest
    /// cycle of a class where a shorter one of another class breaks the same levels; nil in older results.
    public var breaks: [String]?

    public init(
      name: String, summary: String, transactions: [Transaction], steps: [Step], breaks: [String]? = nil
    ) {
      (self.name, self.summary, self.transactions, self.steps) = (name, summary, transactions, steps)
      self.breaks = breaks
    }
  }

  /// A transaction as it is shown.
  public struct Transaction: Hashable, Sendable, Codable {
    /// Indices of the invocation and of the completion in the history; nil where nothing came back.
    public var index: Int
    public var completion: Int?
    public var process: String
    public var node: String?
    /// How it came out: ok, fail, info (also where nothing came back).
    public var type: String
    /// The micro-operations, as `append 7 1` or `r 7 → [1, 2]`; long ones are shortened.
    public var operations: [String]
    /// Nanoseconds since the run's start; the place in the file where its events have no time.
    public var invokeTime: Int64
    public var completeTime: Int64?

    public init(
      index: Int, completion: Int?, process: String, node: String?, type: String, operations: [String],
      invokeTime: Int64, completeTime: Int64?
    ) {
      (self.index, self.completion, self.process, self.node) = (index, completion, process, node)
      (self.type, self.operations) = (type, operations)
      (self.invokeTime, self.completeTime) = (invokeTime, completeTime)
    }
  }

  /// One edge of a cycle: positions in the anomaly's `transactions`.
  public struct Step: Hashable, Sendable, Codable {
    public var source: Int
    public var target: Int
    /// `ww`, `wr`, `rw`, `process` or `realtime`.
    public var link: String
    /// The object of a dependency.
    public var key: Value?
    /// Why the one comes before the other, in a sentence.
    public var reason: String

    public init(source: Int, target: Int, link: String, key: Value?, reason: String) {
      (self.source, self.target, self.link, self.key, self.reason) = (source, target, link, key, reason)
    }
  }
}

extension IsolationEvidence {
  /// How many anomalies of each kind there are in all, in a sentence; nil where all are listed.
  public var unlisted: String? {
    let listed = anomalies.reduce(into: [String: Int]()) { $0[$1.name, default: 0] += 1 }
    guard counts.contains(where: { $0.count > listed[$0.name] ?? 0 }) else { return nil }
    // Of cycles those are counted that have no transaction in common.
    let cycles = Set(anomalies.filter { !$0.steps.isEmpty }.map(\.name))
    let kinds = counts.map { (cycles.contains($0.name) ? "at least " : "") + "\($0.count) \($0.name)" }
    return "not all anomalies are listed, but some of each kind; in all there are \(kinds.joined(separator: ", "))"
  }
}
