import Checkers
import Generators
import Histories

extension Workload {
  /// Partitions of a log with idempotent producers and consumers that know where they stand (Kreps et al., *Kafka*, 2011).
  ///
  /// | f | invocation | ok |
  /// |---|---|---|
  /// | send | `[p, {"value": v, "producer": n, "sequence": m}]` | `[p, [offset, v]]` |
  /// | resend | the same, of a message that was sent before | `[p, [offset, v]]`: where it is |
  /// | poll | `[p, from]` | `[p, [[offset, v], …]]`: the next messages from that offset on |
  /// | local-poll | `[p, 0]`, on the event's node | `[p, [[offset, v], …]]`: all that this replica may show |
  ///
  /// Partitions are numbered from 0 without end; the plan maps them to topics and their partitions. How the load is shaped
  /// to catch bugs: see `PartitionedLogGenerator`. At the end every partition used last gets one more message and is
  /// polled from its beginning through several nodes, and on every replica.
  public static let partitionedLog = Workload(
    name: PartitionedLogChecker.name, summary: "messages to partitions of a log, and polls of them from any offset",
    operations: [
      .init("send", #"[p, {"value": v, "producer": n, "sequence": m}] → [p, [offset, v]]"#),
      .init(Producers.resend, "the same, of what was sent before"),
      .init("poll", "[p, from] → [p, [[offset, v], …]]", readOnly: true),
      .init("local-poll", "[p, 0] → [p, [[offset, v], …]] of the event's node", readOnly: true),
    ],
    parameters: [
      Parameter("keys", .int(1...10_000), default: 4, "partitions in use at any time"),
      Parameter(
        "opsPerKey", .int(0...1_000_000), default: 2_000,
        "operations until a new partition takes a partition's place; 0: never"),
      Parameter(
        "retries", .int(0...1_000), default: 5,
        "how often a message of unknown outcome is sent again, until its thread goes on as another producer"),
      Parameter(
        "mix", .weights(PartitionedLogGenerator.functions),
        default: ["send": 2, "resend": .double(0.1), "poll": 2, "local-poll": .double(0.1)],
        "shares of the operations"),
      ReaderThreads.parameter,
      Parameter(
        "distribution", .choice(["uniform", "zipf"]), default: "uniform", "which of the partitions in use is taken"),
      Parameter("skew", .double(0...10), default: .double(0.99), "exponent of distribution=zipf"),
      Parameter(
        "settle", .double(0...3_600), default: .double(5),
        "seconds after the last message and the last fault in which every replica must have caught up"),
    ],
    claims: PartitionedLogChecker.Promise.allCases.map(\.rawValue),
    defaultClaims: [PartitionedLogChecker.Promise.logOrder.rawValue], keyed: false,
    build: { try buildPartitionedLog($0) })

  private static func buildPartitionedLog(_ settings: WorkloadSettings) throws -> WorkloadInstance {
    let weights = try settings.weights("mix", of: PartitionedLogGenerator.functions)
    let generator = PartitionedLogGenerator(
      partitions: try settings.rotatingKeys(), nodes: settings.nodes, threads: settings.threads,
      retries: try settings.int("retries"), weights: weights, readers: try settings.readerThreads(reads: weights[2]),
      stream: settings.streams.stream("partitioned-log/operations"))
    let (nodes, readers) = (settings.nodes, min(FinalReads.readersPerKey, settings.threads))
    let settle = Int64(try settings.double("settle") * 1_000_000_000)
    return WorkloadInstance(
      generator: generator.onClients(),
      finalGenerator: { $0.finalPolls(nodes: nodes, readers: readers, settle: settle) },
      checks: try ClaimCheck.invariants(ofModel: PartitionedLogChecker.name))
  }
}
