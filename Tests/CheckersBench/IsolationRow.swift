import Checkers
import Histories

/// One history of transactions, with the checker that it is for.
struct IsolationRow {
  var name: String
  var history: () throws -> History
  var check: (History) throws -> IsolationReport
  /// What the history is known to be.
  var isExpected: (IsolationReport) -> Bool
  /// Which rows differ from this one in nothing but how many transactions they have: whether the cost grows as fast.
  var series: (name: String, transactions: Int)?
}
