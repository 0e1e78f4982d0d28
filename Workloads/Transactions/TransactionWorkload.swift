import Checkers
import Generators
import Histories

extension Workload {
  /// A workload of random transactions, claimed to be strict-serializable; the final transactions read every key.
  ///
  /// - Parameters:
  ///   - write: what a write is called: `append` or `w`.
  ///   - model: what judges its histories.
  static func transactions(_ name: String, summary: String, write: String, model: String) -> Workload {
    Workload(
      name: name, summary: summary,
      operations: [.init("txn", "[[\"r\", k, null], [\"\(write)\", k, v], …] → the same with what was read")],
      parameters: [
        Parameter("keys", .int(1...10_000), default: 4, "keys in use at any time"),
        Parameter(
          "opsPerKey", .int(0...1_000_000), default: 64,
          "micro-operations until a new key takes a key's place; 0: never"),
        Parameter("maxLength", .int(1...64), default: 4, "micro-operations of the longest transactions"),
        Parameter(
          "mix", .weights(TransactionGenerator.steps), default: ["read": 1, "write": 1],
          "shares of the micro-operations"),
        Parameter(
          "distribution", .choice(["uniform", "zipf"]), default: "uniform", "which of the keys in use is taken"),
        Parameter("skew", .double(0...10), default: .double(0.99), "exponent of distribution=zipf"),
      ],
      claims: isolationLevels, defaultClaims: [TransactionModel.defaultClaim.rawValue], keyed: false,
      build: { settings in
        let generator = TransactionGenerator(
          keys: try settings.rotatingKeys(), write: write, lengthMax: try settings.int("maxLength"),
          weights: try settings.weights("mix", of: TransactionGenerator.steps),
          stream: settings.streams.stream("\(name)/transactions"))
        return try instance(generator, model: model, threads: settings.threads)
      })
  }

  /// The load, with final transactions that read every key, and a check for each level.
  static func instance(_ generator: some Generator, model: String, threads: Int) throws -> WorkloadInstance {
    WorkloadInstance(
      generator: generator.onClients(),
      finalGenerator: { history in
        finalTransactions(reading: finalGroups(of: history.transactionKeys()), threads: threads).onClients()
      },
      checks: try ClaimCheck.isolationLevels(ofModel: model))
  }
}

extension WorkloadSettings {
  /// What the parameters `keys`, `opsPerKey`, `distribution` and `skew` say.
  func rotatingKeys() throws(WorkloadError) -> RotatingKeys {
    let live = try int("keys")
    let isZipf = try string("distribution") == "zipf"
    let distribution = isZipf ? KeyDistribution.zipf(live, skew: try double("skew")) : .uniform(live)
    return RotatingKeys(live: live, opsPerKey: try int("opsPerKey"), distribution: distribution)
  }
}
