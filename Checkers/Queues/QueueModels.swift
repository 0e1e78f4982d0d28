import Histories

extension InvariantModel.Claim {
  public static let atLeastOnce = TotalQueueChecker.Promise.atLeastOnce.rawValue
  public static let exactlyOnce = TotalQueueChecker.Promise.exactlyOnce.rawValue
  public static let noLoss = TotalQueueChecker.Promise.noLoss.rawValue
  public static let noDuplicates = TotalQueueChecker.Promise.noDuplicates.rawValue
  public static let fifoPerKey = TotalQueueChecker.Promise.fifoPerKey.rawValue
  public static let ackedNeverAgain = WorkQueueChecker.Promise.ackedNeverAgain.rawValue
  public static let exclusiveDelivery = WorkQueueChecker.Promise.exclusiveDelivery.rawValue
  public static let keptUntilAcked = WorkQueueChecker.Promise.keptUntilAcked.rawValue
  public static let logOrder = PartitionedLogChecker.Promise.logOrder.rawValue
  public static let logAgreement = ReplicatedLogChecker.Promise.logAgreement.rawValue
  public static let logGapless = ReplicatedLogChecker.Promise.logGapless.rawValue
  public static let uniqueIDs = UniqueIDChecker.promise
}

extension InvariantModel {
  /// Queues and logs, in the order in which they are listed.
  static let queues: [InvariantModel] = [totalQueue, workQueue, partitionedLog, replicatedLog, uniqueIDs]

  private static let totalQueue = InvariantModel(
    TotalQueueChecker.name, "a queue that is drained at the end: the fate of every message",
    [
      .init("enqueue", .any, #"v, or {"value": v, …}"#), .init("resend", .any, "what was enqueued before, once more"),
      .init("dequeue", .any, "null, or who takes it → v, or null where it is empty"),
      .init("drain", .null, "null → [v, …]: all that is left"),
    ],
    claims: TotalQueueChecker.Promise.allCases.map(\.rawValue), allowsKeys: true
  ) { history, claim, _ in
    try TotalQueueChecker.report(history, TotalQueueChecker.Promise(rawValue: claim) ?? .atLeastOnce)
  }

  private static let workQueue = InvariantModel(
    WorkQueueChecker.name, "a queue that lends messages until they are acknowledged, or for a time",
    [
      .init("enqueue", .any, #"v, or {"value": v, …}"#), .init("resend", .any, "what was enqueued before, once more"),
      .init(
        "receive", .any, #"null, or who holds it → {"id": id, "value": v, "attempt": n}, or null where there is none"#),
      .init("ack", .any, "id"), .init("nack", .any, "id"),
      .init("drain", .null, "null → [v, …], or what receive returns: all that is left"),
    ],
    claims: WorkQueueChecker.Promise.allCases.map(\.rawValue), allowsKeys: true, assumes: [.visibilityTimeout]
  ) { history, claim, _, assumptions in
    let promise = WorkQueueChecker.Promise(rawValue: claim) ?? .atLeastOnce
    return try WorkQueueChecker.report(
      history, WorkQueueChecker.Options(promise: promise, visibilityTimeout: assumptions.visibilityTimeout))
  }

  private static let partitionedLog = InvariantModel(
    PartitionedLogChecker.name, "logs in partitions, with producers and consumers, in transactions or not",
    [
      .init(
        "send", .any,
        #"[p, v] or [p, {"value": v, …}] → [p, [offset, v]], or [["send", p, v], …] → [["send", p, [offset, v]], …]"#),
      .init("resend", .any, "as send, of what was sent before: says where it is"),
      .init(
        "poll", .any,
        "null → {p: [[offset, v], …]}, or from an offset on: [p, from] → [p, [[offset, v], …]], or "
          + #"[["poll"], …] → [["poll", {p: [[offset, v], …]}], …]"#),
      .init("local-poll", .any, "as poll, of the replica on the event's node"),
      .init("txn", .sendsAndPolls, "a list of both"), .init("assign", .any, "[p, …]"),
      .init("subscribe", .any, "[p, …]"),
    ] + LogLowering.silent.map { .init($0, .any, "says nothing") },
    claims: PartitionedLogChecker.Promise.allCases.map(\.rawValue), assumes: [.consumersStart]
  ) { history, claim, _, assumptions in
    let promise = PartitionedLogChecker.Promise(rawValue: claim) ?? .logOrder
    return try PartitionedLogChecker.report(
      history,
      PartitionedLogChecker.Options(
        promise: promise, startsAtBeginning: assumptions.consumersStart == .beginning))
  }

  private static let replicatedLog = InvariantModel(
    ReplicatedLogChecker.name, "an append-only log, as its replicas show it",
    [
      .init("append", .any, "v → [index, v]"),
      .init("read", .range, "[from, to] → [[index, v], …], without to; null for all", answer: .list),
      .init("read-all", .any, "null → [[index, v], …]: all that the event's node has", answer: .list),
    ],
    claims: ReplicatedLogChecker.Promise.allCases.map(\.rawValue), allowsKeys: true,
    assumes: [.currentReads, .quiescence]
  ) { history, claim, _, assumptions in
    let promise = ReplicatedLogChecker.Promise(rawValue: claim) ?? .logAgreement
    return try ReplicatedLogChecker.report(
      history,
      ReplicatedLogChecker.Options(
        promise: promise, readsAreCurrent: assumptions.readsAreCurrent,
        quiescenceNanoseconds: assumptions.quiescence ?? 0))
  }

  private static let uniqueIDs = InvariantModel(
    UniqueIDChecker.name, "ids that are given out once each", [.init("generate", .null, "null → id")],
    claims: [UniqueIDChecker.promise]
  ) { history, _, _ in try UniqueIDChecker.report(history) }
}
