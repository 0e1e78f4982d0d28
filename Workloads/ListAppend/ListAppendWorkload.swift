extension Workload {
  /// Transactions that append to lists and read them whole.
  ///
  /// | f | invocation | ok |
  /// |---|---|---|
  /// | txn | `[["r", k, null], ["append", k, v], …]` | the same with what was read: a list, or null for a new key |
  ///
  /// A list tells the order of its versions, so that every isolation level can be decided (Kingsbury and Alvaro, *Elle*,
  /// VLDB 2020). How the load is shaped to catch bugs: see `TransactionGenerator`.
  public static let listAppend = transactions(
    "list-append", summary: "transactions that append to lists and read them whole", write: "append",
    model: "list-append")
}
