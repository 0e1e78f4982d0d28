import Checkers
import Generators
import Histories

extension Workload {
  /// Many independent registers with read, write and compare-and-set, claimed to be linearizable.
  ///
  /// | f | invocation | ok |
  /// |---|---|---|
  /// | read | `[k, null]` | `[k, v]`, v null while nothing was written |
  /// | write | `[k, v]` | `[k, v]` |
  /// | cas | `[k, [from, to]]` | the same; a mismatch is `fail` with error `compare-failed` |
  ///
  /// A system without compare-and-set does without `cas`.
  ///
  /// Weaker claims than `linearizable` need `values=unique`, where a read tells which write it saw; they are checked at
  /// the end of the run.
  ///
  /// Keys and values are integers from 0. How the load is shaped to catch bugs: see `RegisterGenerator`.
  public static let register = Workload(
    name: "register",
    summary: "read, write and compare-and-set on independent registers",
    operations: [
      .init("read", "[k, null] → [k, v]", readOnly: true), .init("write", "[k, v]"),
      .init("cas", "[k, [from, to]]", isOptional: true),
    ],
    parameters: [
      Parameter("keys", .int(1...10_000), default: 5, "keys in use at any time"),
      Parameter(
        "opsPerKey", .int(0...1_000_000), default: 200, "operations until a new key takes a key's place; 0: never"),
      Parameter(
        "values", .choice(["unique", "small"]), default: "unique", "every value written once, or few again and again"),
      Parameter("valueCount", .int(2...1_000), default: 5, "how many values there are with values=small"),
      Parameter(
        "mix", .weights(RegisterGenerator.functions), default: ["read": 2, "write": 1, "cas": 1],
        "shares of the operations"),
      ReaderThreads.parameter,
      Parameter("distribution", .choice(["uniform", "zipf"]), default: "uniform", "which of the keys in use is taken"),
      Parameter("skew", .double(0...10), default: .double(0.99), "exponent of distribution=zipf"),
      Parameter(
        "staleness", .double(0.000_001...86_400), default: .double(5),
        "seconds for which a read may be stale, for the claim bounded-staleness"),
    ],
    claims: ["linearizable", "sequential"] + RegisterConsistency.levels.reversed().map(\.rawValue)
      + [WeakCausalChecker.claim, StalenessChecker.claim],
    defaultClaims: ["linearizable"], keyed: true,
    build: { try buildRegister($0) })

  private static func buildRegister(_ settings: WorkloadSettings) throws -> WorkloadInstance {
    let keys = try settings.rotatingKeys()
    let isUnique = try settings.string("values") == "unique"
    let weights = try settings.weights("mix", of: RegisterGenerator.functions)
    let generator = RegisterGenerator(
      keys: keys,
      values: isUnique ? .unique : .small(count: try settings.int("valueCount")),
      weights: weights, readers: try settings.readerThreads(reads: weights[0]),
      stream: settings.streams.stream("register/operations"))
    let threads = settings.threads
    return WorkloadInstance(
      generator: generator.onClients(),
      finalGenerator: { finalReads(of: $0, threads: threads).onClients() },
      checks: [.linearizableRegister]
        + ClaimCheck.weakerRegister(.time(Int64(try settings.double("staleness") * 1_000_000_000))))
  }
}
