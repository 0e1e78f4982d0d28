extension Workload {
  /// Transactions that read and write registers.
  ///
  /// | f | invocation | ok |
  /// |---|---|---|
  /// | txn | `[["r", k, null], ["w", k, v], …]` | the same with what was read: a value, or null for a new key |
  ///
  /// For systems without lists. A register tells nothing of the versions that were overwritten before anybody read them,
  /// so its histories say less than those of `list-append`. The load is the same: see `TransactionGenerator`.
  public static let rwRegister = transactions(
    "rw-register", summary: "transactions that read and write registers", write: "w", model: "rw-register")
}
