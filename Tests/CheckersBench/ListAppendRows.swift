import Checkers
import Generators
import Histories

/// Histories of list-append transactions, of about four micro-operations by twenty clients.
struct ListAppendRows {
  let quick: Bool

  /// Transactions of the rows that tell whether the cost grows linearly.
  var sizes: [Int] { quick ? [1_000, 10_000] : [10_000, 100_000, 1_000_000] }

  /// Ten keys at a time, each replaced after 32 appends, as Jepsen's generator does; and after 256, for long lists.
  var all: [IsolationRow] {
    let short = sizes.map { valid($0, 10, 32) } + sizes.map { planted($0, 10, 32) }
    let long = sizes.map { valid($0, 10, 256) }
    // Lists of 512 elements on average: more transactions are more memory than the history needs elsewhere.
    let wide = sizes.filter { $0 <= 100_000 }.flatMap { [valid($0, 32, 1024), planted($0, 32, 1024)] }
    return short + long + wide + DenseHistory.Shape.allCases.map { dense($0, quick ? 10_000 : 100_000) }
  }

  func options(_ count: Int, _ keys: Int, _ writes: Int) -> SyntheticTransactions.Options {
    .init(transactions: count, clients: 20, activeKeys: keys, appendsPerKey: writes)
  }

  private func valid(_ count: Int, _ keys: Int, _ writes: Int) -> IsolationRow {
    let options = options(count, keys, writes)
    return IsolationRow(
      name: "\(count) txns, \(keys) keys × \(writes), valid",
      history: { try SyntheticTransactions(options, seed: 1).history() }, check: Self.check,
      isExpected: { $0.strongestSatisfied == [.strictSerializable] }, series: ("\(keys) keys × \(writes), valid", count)
    )
  }

  private func planted(_ count: Int, _ keys: Int, _ writes: Int) -> IsolationRow {
    var options = options(count, keys, writes)
    options.planted = .antiDependencyCycle
    return IsolationRow(
      name: "\(count) txns, \(keys) keys × \(writes), skew",
      history: { [options] in try SyntheticTransactions(options, seed: 1).history() }, check: Self.check,
      isExpected: { report in
        Set(report.weakestBroken) == [.repeatableRead, .updateSerializable]
          && report.anomalies.map(\.name) == ["G2-item"]
      }, series: ("\(keys) keys × \(writes), skew", count))
  }

  /// Every class that has a cycle is to be shown one, and nothing is left open.
  private func dense(_ shape: DenseHistory.Shape, _ count: Int) -> IsolationRow {
    IsolationRow(
      name: "\(count) txns on one component, \(shape.rawValue)",
      history: { DenseHistory.history(shape, transactions: count, seed: 1) }, check: Self.check,
      isExpected: { report in
        let names = Set(report.anomalies.map(\.name))
        return report.rung(.serializable)?.verdict == .invalid && names.isSuperset(of: shape.classes)
          && !report.ladder.contains { $0.verdict == .unknown }
      }, series: nil)
  }

  private static func check(_ history: History) throws -> IsolationReport { try ListAppendChecker.report(history) }
}

extension DenseHistory.Shape {
  /// Classes of cycles that the transactions have for certain.
  fileprivate var classes: Set<String> {
    switch self {
    case .tangle: ["G1c", "G-single", "G-nonadjacent", "G2-item"]
    case .ring: ["G2-item"]
    }
  }
}
