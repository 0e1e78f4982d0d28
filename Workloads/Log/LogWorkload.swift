import Checkers
import Generators
import Histories

extension Workload {
  /// Many independent append-only logs, on replicas that must agree.
  ///
  /// | f | invocation | ok |
  /// |---|---|---|
  /// | append | `[log, v]` | `[log, [index, v]]` |
  /// | read | `[log, [from, to]]`, without `to`, or `[log, null]` for all | `[log, [[index, v], …]]` |
  /// | read-all | `[log, null]`, on the event's node | `[log, [[index, v], …]]`: all that this replica has |
  ///
  /// Reads are linearizable; what one replica has may be late, but its entries are those of all others. How the load is
  /// shaped to catch bugs: see `LogGenerator`. At the end every log used last is read through several nodes, and from
  /// every replica.
  public static let log = Workload(
    name: "log", summary: "appends to logs, reads of them, and reads of single replicas",
    operations: [
      .init("append", "[log, v] → [log, [index, v]]"),
      .init("read", "[log, [from, to]] or [log, null] → [log, [[index, v], …]]", readOnly: true),
      .init("read-all", "[log, null] → [log, [[index, v], …]] of the event's node", readOnly: true),
    ],
    parameters: [
      Parameter("keys", .int(1...10_000), default: 4, "logs in use at any time"),
      Parameter(
        "opsPerKey", .int(0...1_000_000), default: 200, "operations until a new log takes a log's place; 0: never"),
      Parameter(firstIndexParameter, .int(0...1_000_000), default: 0, "the index that the first entry of a log gets"),
      Parameter(
        "mix", .weights(LogGenerator.functions), default: ["append": 2, "read": 2, "read-all": .double(0.5)],
        "shares of the operations"),
      ReaderThreads.parameter,
      Parameter("distribution", .choice(["uniform", "zipf"]), default: "uniform", "which of the logs in use is taken"),
      Parameter("skew", .double(0...10), default: .double(0.99), "exponent of distribution=zipf"),
      Parameter(
        "settle", .double(0...3_600), default: .double(5),
        "seconds after the last append and the last fault in which every replica must have caught up"),
    ],
    claims: ["linearizable"] + ReplicatedLogChecker.Promise.allCases.map(\.rawValue),
    defaultClaims: ["linearizable", ReplicatedLogChecker.Promise.logAgreement.rawValue], keyed: true,
    build: { try buildLog($0) })

  /// The name of the parameter that says where logs begin.
  public static let firstIndexParameter = "firstIndex"

  private static func buildLog(_ settings: WorkloadSettings) throws -> WorkloadInstance {
    let firstIndex = Int64(try settings.int(firstIndexParameter))
    let weights = try settings.weights("mix", of: LogGenerator.functions)
    let generator = LogGenerator(
      logs: try settings.rotatingKeys(), firstIndex: firstIndex, nodes: settings.nodes,
      weights: weights, readers: try settings.readerThreads(reads: weights[1]),
      stream: settings.streams.stream("log/operations"))
    let (threads, nodes) = (settings.threads, settings.nodes)
    let settle = try settings.settle()
    var assumptions = Assumptions()
    assumptions.quiescence = settle
    return WorkloadInstance(
      generator: generator.onClients(),
      finalGenerator: { history in
        let logs = history.keysUsedLast(max: SettlingReads.objectsMax)
        let readers = min(FinalReads.readersPerKey, threads)
        return SettlingReads.ofLogs(logs, of: history, nodes: nodes, readers: readers, settle: settle).onClients()
      },
      checks: [.linearizable(checker: "log", model: AppendLog(firstIndex: firstIndex))]
        + (try ClaimCheck.invariants(ofModel: ReplicatedLogChecker.name, assuming: assumptions)).map { check in
          var check = check
          if check.claim == ReplicatedLogChecker.Promise.logAgreement.rawValue { check.online = .logAgreement }
          return check
        })
  }
}
