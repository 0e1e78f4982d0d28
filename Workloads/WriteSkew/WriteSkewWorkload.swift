import Checkers
import Generators
import Histories

extension Workload {
  /// Couples of transactions that read the same two lists and append to one of them each.
  ///
  /// | f | invocation | ok |
  /// |---|---|---|
  /// | txn | `[["r", a, null], ["r", b, null], ["append", a or b, v]]` | the same with the lists that were read |
  ///
  /// Judged as `list-append`; all of the load is what serializability forbids and snapshot isolation allows.
  public static let writeSkew = Workload(
    name: "write-skew", summary: "couples of transactions that read two lists and append to one each",
    operations: [
      .init("txn", #"[["r", a, null], ["r", b, null], ["append", a or b, v]] → the same with what was read"#)
    ],
    parameters: [
      Parameter("pairs", .int(1...10_000), default: 2, "pairs of keys in use at any time"),
      Parameter(
        "couplesPerPair", .int(0...1_000_000), default: 16,
        "couples of transactions until a new pair takes a pair's place; 0: never"),
    ],
    claims: isolationLevels, defaultClaims: [TransactionModel.defaultClaim.rawValue], keyed: false,
    build: { settings in
      let live = try settings.int("pairs")
      let pairs = RotatingKeys(
        live: live, opsPerKey: try settings.int("couplesPerPair"), distribution: .uniform(live))
      let generator = WriteSkewGenerator(pairs: pairs, stream: settings.streams.stream("write-skew/transactions"))
      return try instance(generator, model: "list-append", threads: settings.threads)
    })
}
