/// What transactions are held to. The log gives the order of commits, so each level is checked exactly and not by cycles.
public enum TransactionPromise: String, CaseIterable, Sendable {
  /// Every transaction happened at one moment between its invocation and its answer, all of it or nothing.
  case strictSerializability = "Strict Serializability"
  /// It may read at an earlier moment than that of its writes, if nobody else wrote the same keys in between. The earlier
  /// moment too is after its invocation.
  case snapshotIsolation = "Snapshot Isolation"
  /// Each of its reads may be of another moment, but of a moment between two transactions.
  case readCommitted = "Read Committed"
}
