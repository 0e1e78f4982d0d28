import Histories

/// Decides which isolation levels a history of list-append transactions satisfies.
///
/// Keys hold lists that transactions append to and read whole, so that every read says which versions came before
/// (Kingsbury and Alvaro, "Elle", VLDB 2020). The levels are those of `IsolationLevel`; each is decided exactly, except
/// where several appends to one key were never read.
public enum ListAppendChecker {
  /// Recorded in the result and described in Docs/checkers.md.
  public static let algorithm = "cycles of dependencies (Adya)"

  /// - Throws: `PairingError`; `MalformedHistory` for the first transaction that cannot be read, and for two appends of
  ///   one value to one key, after which no read says which of them it saw.
  ///
  /// - Parameters:
  ///   - budget: seconds after which what is not linear in the history ends, with verdicts that are `unknown` and say
  ///     so. Memory is linear in the history; `bytesMax` does not bound it.
  ///   - cancellation: ends the same from outside.
  public static func report(
    _ history: History, budget: CheckBudget = CheckBudget(), cancellation: CheckCancellation? = nil
  ) throws -> IsolationReport {
    let searches = SearchBudget(budget, cancellation: cancellation)
    let transactions = try Transactions(history, .listAppend)
    let appends = AppendIndex(transactions.operations)
    if let duplicate = appends.duplicate { throw duplicated(duplicate, transactions) }
    let versions = ListVersions(transactions, appends)
    let single = ListAnomalies(transactions, versions, appends)
    let dependencies = ListDependencies(transactions, versions)
    let analysis = CycleAnalysis(dependencies.graph, budget: searches) { dependencies.versionOrders }
    let pairs = ListPairAnomalies(dependencies, among: analysis.members, seeing: single.disordered)
    var ladder = LadderBuilder(analysis, explain: ListExplanation(dependencies).anomaly)
    for anomaly in single.found + pairs.found { ladder.add(anomaly, transactions) }
    ladder.uncertainty = uncertainty(dependencies, analysis)
    if dependencies.isIncomplete {
      ladder.incompleteness = "too many appends were never read: not all dependencies were followed"
    }
    return ladder.report(
      counts: single.counts.merging(pairs.counts) { $0 + $1 }, committed: dependencies.committed.count,
      algorithm: Self.algorithm)
  }

  private static func duplicated(
    _ duplicate: (first: UInt32, second: UInt32), _ transactions: Transactions
  ) -> MalformedHistory {
    let (first, second) = (
      transactions.operations[Int(duplicate.first)], transactions.operations[Int(duplicate.second)]
    )
    let value = transactions.history.values.value(second.value)
    let where1 = transactions.invocations[Int(first.transaction)]
    return MalformedHistory(
      index: Int(transactions.invocations[Int(second.transaction)]),
      message: "\(value) is appended to key \(transactions.key(second.key)) again (first at event \(where1)); "
        + "every append to a key needs a value of its own")
  }

  /// Why a level that depends on the order of all versions cannot be called satisfied.
  private static func uncertainty(_ dependencies: ListDependencies, _ analysis: CycleAnalysis) -> String? {
    guard let (key, _) = dependencies.unseen.first(where: { analysis.isConnected($0.nodes) }) else { return nil }
    return "several appends to key \(dependencies.transactions.key(key)) were never read: their order is not known"
  }
}
