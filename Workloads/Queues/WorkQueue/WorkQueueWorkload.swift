import Checkers
import Generators
import Histories

extension Workload {
  /// Queues that lend a message until it is acknowledged, or for a time (Amazon SQS, beanstalkd).
  ///
  /// | f | invocation | ok |
  /// |---|---|---|
  /// | enqueue | `[q, {"value": v, "producer": n, "sequence": m}]` | the same |
  /// | resend | the same, of a message that was enqueued before | the same |
  /// | receive | `[q, {"receiver": name, "visibilityMs": n}]` | `[q, {"id": id, "value": v, …}]`, or `[q, null]` |
  /// | ack, nack | `[q, id]` | the same; of a delivery whose time is over `fail` |
  /// | drain | `[q, null]` | `[q, [v, …]]`: all that is left, lent or not |
  ///
  /// The id is that of one delivery. A receive asks for the visibility timeout that `exclusive-delivery` is then held to. At
  /// the end every queue used last is drained. How the load is shaped to catch bugs: see `WorkQueueGenerator`.
  public static let workQueue = Workload(
    name: WorkQueueChecker.name,
    summary: "messages for queues that lend them until they are acknowledged, or for a time",
    operations: [
      .init("enqueue", #"[q, {"value": v, "producer": n, "sequence": m}]"#),
      .init(Producers.resend, "the same, of what was enqueued before"),
      .init("receive", #"[q, {"receiver": name, "visibilityMs": n}] → [q, {"id": id, "value": v, …} or null]"#),
      .init("ack", "[q, id]"), .init("nack", "[q, id]"), .init("drain", "[q, null] → [q, [v, …]]"),
    ],
    parameters: [
      Parameter("keys", .int(1...10_000), default: 2, "queues in use at any time"),
      Parameter(
        "opsPerKey", .int(0...1_000_000), default: 3_000,
        "messages and receives until a new queue takes a queue's place; 0: never"),
      Parameter(
        visibilityParameter, .double(0.001...86_400), default: .double(2),
        "seconds for which a receiver asks to have a message to itself"),
      Parameter(
        "retries", .int(0...1_000), default: 5,
        "how often a message of unknown outcome is sent again, until its thread goes on as another producer"),
      Parameter(
        "mix", .weights(WorkQueueGenerator.functions), default: ["enqueue": 2, "resend": .double(0.1), "receive": 4],
        "shares of the operations besides acks and nacks"),
      Parameter(
        "fates", .weights(Holdings.Fate.allCases.map(\.rawValue)),
        default: ["ack": 6, "nack": 1, "late-ack": 1, "late-nack": .double(0.5), "never": .double(0.5)],
        "what becomes of messages that were received"),
      Parameter(
        "distribution", .choice(["uniform", "zipf"]), default: "uniform", "which of the queues in use is taken"),
      Parameter("skew", .double(0...10), default: .double(0.99), "exponent of distribution=zipf"),
      Parameter(
        "settle", .double(0...3_600), default: .double(10), "seconds at the end in which every queue must be drained"),
    ],
    claims: WorkQueueChecker.Promise.allCases.map(\.rawValue),
    defaultClaims: [WorkQueueChecker.Promise.atLeastOnce, .ackedNeverAgain, .exclusiveDelivery, .keptUntilAcked].map(
      \.rawValue),
    keyed: true,
    build: { try buildWorkQueue($0) })

  /// The name of the parameter that says how long a message is its receiver's.
  public static let visibilityParameter = "visibility"

  private static func buildWorkQueue(_ settings: WorkloadSettings) throws -> WorkloadInstance {
    let visibility = Int64(try settings.double(visibilityParameter) * 1_000) * 1_000_000
    let holdings = Holdings(
      threads: settings.threads, fates: try settings.weights("fates", of: Holdings.Fate.allCases.map(\.rawValue)),
      visibility: visibility, stream: settings.streams.stream("work-queue/fates"))
    let generator = WorkQueueGenerator(
      queues: try settings.rotatingKeys(), nodes: settings.nodes,
      producers: Producers(threads: settings.threads, put: "enqueue", attemptsMax: try settings.int("retries")),
      holdings: holdings, visibilityMilliseconds: visibility / 1_000_000,
      weights: try settings.weights("mix", of: WorkQueueGenerator.functions),
      stream: settings.streams.stream("work-queue/operations"))
    let settle = Int64(try settings.double("settle") * 1_000_000_000)
    var assumptions = Assumptions()
    assumptions.visibilityTimeout = visibility
    return WorkloadInstance(
      generator: generator.onClients(),
      finalGenerator: { $0.finalDrains(visibility: visibility, settle: settle).onClients() },
      checks: try ClaimCheck.invariants(ofModel: WorkQueueChecker.name, assuming: assumptions))
  }
}
