import Checkers
import Generators
import Histories

extension Workload {
  /// Queues that members of a group of consumers take messages from, one at a time; at the end they are drained.
  ///
  /// | f | invocation | ok |
  /// |---|---|---|
  /// | enqueue | `[q, v]` | the same |
  /// | dequeue | `[q, member]` | `[q, v]`, or `[q, null]` where there was nothing for this member |
  /// | drain | `[q, null]` | `[q, [v, …]]`: all that nobody has done with |
  ///
  /// A dequeue counts as done with what the member got *before*: that is what it says by asking for more. So one without
  /// an answer has taken nothing, and a plan may describe it as read-only; whoever loses a message together with its
  /// answer is then found out, where otherwise nobody could tell. How the load is shaped to catch bugs: see
  /// `TotalQueueGenerator`.
  public static let totalQueue = Workload(
    name: TotalQueueChecker.name, summary: "messages for queues that groups of consumers take them from",
    operations: [
      .init("enqueue", "[q, v]"), .init("dequeue", "[q, member] → [q, v or null]", readOnly: true),
      .init("drain", "[q, null] → [q, [v, …]]"),
    ],
    parameters: [
      Parameter("keys", .int(1...10_000), default: 2, "queues in use at any time"),
      Parameter(
        "opsPerKey", .int(0...1_000_000), default: 4_000, "operations until a new queue takes a queue's place; 0: never"
      ),
      Parameter(
        "mix", .weights(TotalQueueGenerator.functions), default: ["enqueue": 1, "dequeue": 3],
        "shares of the operations"),
      Parameter(
        "distribution", .choice(["uniform", "zipf"]), default: "uniform",
        "which of the queues in use gets a message"),
      Parameter("skew", .double(0...10), default: .double(0.99), "exponent of distribution=zipf"),
      Parameter(
        "settle", .double(0...3_600), default: .double(10), "seconds at the end in which every queue must be drained"),
    ],
    claims: TotalQueueChecker.Promise.allCases.map(\.rawValue),
    defaultClaims: [TotalQueueChecker.Promise.atLeastOnce.rawValue], keyed: true,
    build: { try buildTotalQueue($0) })

  private static func buildTotalQueue(_ settings: WorkloadSettings) throws -> WorkloadInstance {
    let generator = TotalQueueGenerator(
      queues: try settings.rotatingKeys(), threads: settings.threads,
      weights: try settings.weights("mix", of: TotalQueueGenerator.functions),
      stream: settings.streams.stream("total-queue/operations"))
    let settle = Int64(try settings.double("settle") * 1_000_000_000)
    return WorkloadInstance(
      generator: generator.onClients(), finalGenerator: { $0.finalDrains(settle: settle).onClients() },
      checks: try ClaimCheck.invariants(ofModel: TotalQueueChecker.name))
  }
}
