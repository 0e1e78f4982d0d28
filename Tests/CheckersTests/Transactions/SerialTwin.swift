import Histories

/// Serializability by its definition: some order of the committed transactions, executed one after the other, gives
/// every read its answer (Papadimitriou, "The serializability of concurrent database updates", JACM 1979, section 2).
///
/// An order that keeps that of each process makes it strong-session serializability (Daudjee and Salem, "Lazy database
/// replication with ordering guarantees", ICDE 2004), one that keeps real time strict serializability (Herlihy and
/// Wing, "Linearizability", TOPLAS 1990, section 2.2, for a whole database).
struct SerialTwin {
  typealias Order = @Sendable (TwinTransaction, TwinTransaction) -> Bool

  let transactions: [TwinTransaction]
  let mustPrecede: Order

  static func holds(_ transactions: [TwinTransaction], keys: Int, _ mustPrecede: @escaping Order) -> Bool {
    SerialTwin(transactions: transactions, mustPrecede: mustPrecede)
      .continues(Array(transactions.indices), Array(repeating: [], count: keys))
  }

  /// Whether the transactions left can follow, from these lists on.
  private func continues(_ left: [Int], _ lists: [[Int]]) -> Bool {
    if left.isEmpty { return true }
    for next in left where !left.contains(where: { mustPrecede(transactions[$0], transactions[next]) }) {
      var after = lists
      if transactions[next].run(on: &after), continues(left.filter { $0 != next }, after) { return true }
    }
    return false
  }
}
