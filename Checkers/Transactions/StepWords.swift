import Histories

extension IsolationReport.Step {
  /// The edge of a cycle in words, where transactions are called T1, T2, … by their places in it.
  ///
  /// - Parameter dependency: the key of a dependency and why it is one, which depends on what the objects are.
  init(
    _ link: TransactionCycle.Link, from source: Int, to target: Int,
    dependency: (TransactionGraph.Kind, _ from: String, _ to: String) -> (key: Value?, reason: String)
  ) {
    let (from, to) = ("T\(source + 1)", "T\(target + 1)")
    (self.source, self.target) = (source, target)
    switch link {
    case .process: (self.link, key, reason) = ("process", nil, "\(from) and \(to) ran in this order in one process")
    case .realtime: (self.link, key, reason) = ("realtime", nil, "\(from) had completed before \(to) was invoked")
    case .dependency(let kind):
      self.link = ["ww", "wr", "rw"][Int(kind.rawValue)]
      (key, reason) = dependency(kind, from, to)
    }
  }
}

extension IsolationReport {
  /// What a cycle of so many transactions is, in words.
  static func circle(of transactions: Int) -> String {
    transactions == 2
      ? "two transactions, each of which must come before the other"
      : "a circle of \(transactions) transactions, each of which must come before the next"
  }
}
