import Checkers
import Generators
import Histories

extension Workload {
  /// Keys that are written once each, and read in groups.
  ///
  /// | f | invocation | ok |
  /// |---|---|---|
  /// | txn | `[["w", k, v]]` | the same |
  /// | txn | `[["r", k, null], …]`, the keys of a group | the same with what was read, null for an unwritten key |
  ///
  /// A long fork is two reads that saw two writes in opposite orders. How the load is shaped: see `LongForkGenerator`.
  public static let longFork = Workload(
    name: "long-fork", summary: "keys that are written once each, and read in groups",
    operations: [.init("txn", #"[["w", k, v]], or [["r", k, null], …] → the same with what was read"#)],
    parameters: [
      Parameter("groups", .int(1...1_000), default: 2, "groups of keys in use at any time"),
      Parameter("groupSize", .int(2...64), default: 6, "keys of a group"),
    ],
    claims: [InvariantModel.Claim.noLongFork], defaultClaims: [InvariantModel.Claim.noLongFork], keyed: false,
    build: { try buildLongFork($0) })

  private static func buildLongFork(_ settings: WorkloadSettings) throws -> WorkloadInstance {
    let (size, threads) = (try settings.int("groupSize"), settings.threads)
    let generator = LongForkGenerator(
      live: try settings.int("groups"), size: size, stream: settings.streams.stream("long-fork/transactions"))
    return WorkloadInstance(
      generator: generator.onClients(),
      finalGenerator: { history in
        finalTransactions(reading: longForkGroups(of: history.transactionKeys(), size: size), threads: threads)
          .onClients()
      },
      checks: try ClaimCheck.invariants(ofModel: "long-fork"))
  }

  /// The groups of these keys, whole, as only reads of the same keys are compared; in the order of their first key.
  private static func longForkGroups(of keys: [Int], size: Int) -> [[Int]] {
    var known: Set<Int> = []
    return keys.map { $0 / size }.filter { known.insert($0).inserted }.map {
      Array(LongForkGenerator.keys(of: $0, size: size))
    }
  }
}
