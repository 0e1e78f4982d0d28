import Histories

/// Decides whether two reads saw two writes in opposite orders: a long fork.
///
/// A transaction writes one key (`[["w", k, v]]`), each key once, or reads the keys of a group (`[["r", k, null], …]`).
/// Every order of the writes makes the reads of a group prefixes of one another, so that they form a chain by what they
/// saw; two that do not compare are a fork, which parallel snapshot isolation allows and snapshot isolation does not
/// (Sovran et al., "Transactional storage for geo-replicated systems", SOSP 2011; the long-fork workload of Jepsen).
public enum LongForkChecker {
  public static let name = "long-fork"
  /// Recorded in the result.
  public static let algorithm = "chains of reads"

  /// Valid: no two reads of the same keys fork. A key that is written twice, or reads of sets of keys that overlap
  /// without being the same, leave the verdict `unknown`, unless a fork is found.
  ///
  /// - Throws: `PairingError`; `MalformedHistory` for the first transaction that is neither one write nor reads of
  ///   different keys.
  public static func report(_ history: History) throws -> InvariantReport {
    try history.requireWhole("a history of transactions")
    let transactions = try Transactions(history, .register)
    let roles = try roles(of: transactions)
    var log = FindingLog(history)
    let writes = KeyWrites(transactions)
    var groups = ReadGroups(transactions)
    var tally = (reads: 0, writes: 0, early: 0, late: 0)
    for transaction in 0..<transactions.count where transactions.outcomes[transaction] != .failed {
      guard roles[transaction] == .read else {
        tally.writes += 1
        continue
      }
      guard transactions.outcomes[transaction] == .ok else { continue }
      tally.reads += 1
      writes.check(transaction, &log)
      let seen = transactions.operations[transactions.micro(transaction)].count { !$0.value.isNull }
      if seen == 0 { tally.early += 1 }
      if seen == transactions.micro(transaction).count { tally.late += 1 }
      groups.add(transaction, seen: seen, writes, &log)
    }
    return log.report(
      checker: name, algorithm: algorithm, unknown: unknown(tally.reads, writes, groups),
      statistics: [
        ("reads", .int(Int64(tally.reads))), ("writes", .int(Int64(tally.writes))),
        ("groups", .int(Int64(groups.count))), ("group-keys-max", .int(Int64(groups.keysMax))),
        ("reads-of-nothing", .int(Int64(tally.early))), ("reads-of-everything", .int(Int64(tally.late))),
      ])
  }

  private enum Role { case read, write }

  private static func roles(of transactions: Transactions) throws(MalformedHistory) -> [Role] {
    var roles: [Role] = []
    roles.reserveCapacity(transactions.count)
    // By key: the last transaction that read it, plus one.
    var readers = [Int](repeating: 0, count: transactions.keys.count)
    for transaction in 0..<transactions.count {
      let micro = transactions.operations[transactions.micro(transaction)]
      var isFine = !micro.isEmpty
      for operation in micro {
        if operation.kind == .write, micro.count > 1 { isFine = false }
        if readers[Int(operation.key)] == transaction + 1 { isFine = false }
        readers[Int(operation.key)] = transaction + 1
      }
      guard isFine else {
        let invocation = Int(transactions.invocations[transaction])
        throw MalformedHistory(
          index: invocation,
          message: "a transaction of this workload is one write, [[\"w\", key, value]], or reads of different keys, "
            + "[[\"r\", key, null], …], not \(transactions.history.payload(at: invocation))"
        )
      }
      roles.append(micro.first?.kind == .write ? .write : .read)
    }
    return roles
  }

  private static func unknown(_ reads: Int, _ writes: KeyWrites, _ groups: ReadGroups) -> String? {
    if let (key, first, second) = writes.rewritten {
      return "key \(key) is written twice (events \(first) and \(second)): its versions have no known order"
    }
    if let (first, second) = groups.overlap {
      return "the reads of events \(first) and \(second) share keys, but do not read the same ones: "
        + "only reads of the same keys are compared"
    }
    return groups.count == 0 ? "no read of two keys or more completed" : nil
  }
}
