/// Something wrong that needs no cycle to show: a read that no level above the given one allows.
struct LocalAnomaly: Hashable {
  var anomaly: TransactionAnomaly
  /// Transactions (positions in `Transactions`), the one that saw it first.
  var transactions: [UInt32]
  /// One sentence for a person.
  var summary: String
}
