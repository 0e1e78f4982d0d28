import Checkers
import Generators
import Histories
import Testing

/// Histories of some dozens of operations in which all is well, with one thing that is not among them: it is found and
/// named, alone.
@Suite struct PlantedQueueTests {
  private static let seeds = 1...(Soak.histories(slice: 3_000) / 100)

  @Test(arguments: PlantedViolation.all)
  func `what is planted is named, and nothing else`(planted: PlantedViolation) throws {
    for seed in Self.seeds {
      let report = try planted.report(seed: seed, isPlanted: true)
      #expect(report.verdict == .invalid, "\(planted), seed \(seed): \(report)")
      #expect(report.findings.map(\.anomaly) == [planted.anomaly], "\(planted), seed \(seed): \(report)")
      #expect(report.findings.allSatisfy { !$0.summary.isEmpty && !$0.events.isEmpty }, "\(planted), seed \(seed)")
    }
  }

  @Test(arguments: PlantedViolation.all)
  func `a promise that was kept is not refuted`(planted: PlantedViolation) throws {
    for seed in Self.seeds {
      let report = try planted.report(seed: seed, isPlanted: false)
      #expect(report.verdict == .valid, "\(planted), seed \(seed): \(report)")
      #expect(report.findings.isEmpty && report.count(planted.anomaly) == 0, "\(planted), seed \(seed)")
    }
  }
}

/// A few events that break a promise, to be scattered over a history that keeps it.
struct PlantedViolation: Sendable, CustomStringConvertible {
  var anomaly: InvariantAnomaly
  /// Lines as `InvariantText` reads them, of values and processes that the rest of the history does not use.
  var text: String
  var body: QueueBody
  var isKeyed = false
  /// Where the planted events happen, if that matters.
  var node: String?
  var decide: @Sendable (History) throws -> InvariantReport

  var description: String { "\(body) with \(anomaly.rawValue)" }

  func report(seed: Int, isPlanted: Bool) throws -> InvariantReport {
    var random = RandomStreams(seed: UInt64(seed)).stream("queues/planted \(self)")
    let events = body.events(&random)
    var planted = isPlanted ? try Array(InvariantText.history(text).events) : []
    for place in planted.indices { planted[place].node = node }
    return try decide(History(keyed: isKeyed, Self.scatter(planted, over: events, &random)))
  }

  /// The planted events at random places before the last two of the others, which look at everything.
  private static func scatter(_ planted: [Event], over events: [Event], _ random: inout RandomStream) -> [Event] {
    let places = planted.map { _ in random.below(events.count - 1) }.sorted()
    var all: [Event] = []
    var next = 0
    for (place, event) in events.enumerated() {
      while next < places.count, places[next] == place {
        all.append(planted[next])
        next += 1
      }
      all.append(event)
    }
    for place in all.indices { all[place].time = Int64(place) * 1_000_000 }
    return all
  }

  // MARK: All

  static let all = total + work + logs + replicated + ids

  private static func total(_ anomaly: InvariantAnomaly, _ promise: TotalQueueChecker.Promise, _ text: String) -> Self {
    Self(anomaly: anomaly, text: text, body: .total) { try TotalQueueChecker.report($0, promise) }
  }

  private static let enqueued = "90 invoke enqueue 901\n90 ok enqueue 901\n"
  private static func dequeued(_ value: Int) -> String { "91 invoke dequeue null\n91 ok dequeue \(value)\n" }

  private static let total: [Self] = [
    total(.lostMessage, .exactlyOnce, enqueued), total(.lostMessage, .noLoss, enqueued),
    total(
      .lostMessage, .noLoss,
      "90 invoke enqueue 901\n90 info enqueue 901\n92 invoke resend 901\n92 ok resend 901\n"),
    total(.unexpectedMessage, .exactlyOnce, dequeued(901)),
    total(.abortedRead, .atLeastOnce, "90 invoke enqueue 901\n90 fail enqueue 901\n" + dequeued(901)),
    total(.duplicateMessage, .exactlyOnce, enqueued + dequeued(901) + dequeued(901)),
    total(
      .outOfOrderDelivery, .fifoPerKey,
      enqueued + "90 invoke enqueue 902\n90 ok enqueue 902\n" + dequeued(902) + dequeued(901)),
  ]

  private static func work(_ anomaly: InvariantAnomaly, _ promise: WorkQueueChecker.Promise, _ text: String) -> Self {
    Self(anomaly: anomaly, text: text, body: promise == .keptUntilAcked ? .acked : .work) {
      try WorkQueueChecker.report($0, .init(promise: promise, visibilityTimeout: 3_600_000_000_000))
    }
  }

  private static func received(_ value: Int, id: Int = 901) -> String {
    "91 invoke receive null\n91 ok receive {\"id\":\(id),\"value\":\(value)}\n"
  }

  private static let work: [Self] = [
    work(.lostMessage, .atLeastOnce, enqueued),
    work(.unexpectedMessage, .exactlyOnce, received(901)),
    work(
      .ackedRedelivery, .ackedNeverAgain,
      enqueued + received(901) + "91 invoke ack 901\n91 ok ack 901\n" + received(901)),
    work(.unkeptMessage, .keptUntilAcked, enqueued + received(901)),
    work(.unkeptMessage, .keptUntilAcked, enqueued + received(901) + "91 invoke nack 901\n91 ok nack 901\n"),
    work(
      .lostMessage, .atLeastOnce,
      "90 invoke enqueue 901\n90 info enqueue 901\n92 invoke resend 901\n92 ok resend 901\n"),
    work(.earlyRedelivery, .exclusiveDelivery, enqueued + received(901) + received(901, id: 902)),
    work(
      .sharedID, .atLeastOnce, enqueued + "90 invoke enqueue 902\n90 ok enqueue 902\n" + received(901) + received(902)),
  ]

  private static func log(
    _ anomaly: InvariantAnomaly, _ promise: PartitionedLogChecker.Promise = .logOrder, _ text: String
  ) -> Self {
    Self(anomaly: anomaly, text: text, body: .log) {
      try PartitionedLogChecker.report($0, .init(promise: promise))
    }
  }

  private static func sent(_ value: Int, _ offset: Int) -> String {
    "90 invoke send [\"p\",\(value)]\n90 ok send [\"p\",[\(offset),\(value)]]\n"
  }

  private static func polled(_ entries: String, by process: Int = 91) -> String {
    "\(process) invoke poll null\n\(process) ok poll {\"p\":\(entries)}\n"
  }

  private static func asked(_ from: Int, _ entries: String) -> String {
    "91 invoke poll [\"p\",\(from)]\n91 ok poll [\"p\",\(entries)]\n"
  }

  /// 1 is known to be in the log by the answer to what was sent again.
  private static let again =
    "90 invoke send [\"p\",1]\n90 info send [\"p\",1]\n92 invoke resend [\"p\",1]\n92 ok resend [\"p\",[0,1]]\n"
    + "92 invoke send [\"p\",2]\n92 ok send [\"p\",[1,2]]\n"

  private static func transaction(_ process: Int, _ invocation: String, _ completion: String) -> (String, String) {
    ("\(process) invoke txn \(invocation)\n", "\(process) ok txn \(completion)\n")
  }

  /// Two transactions at a time.
  private static func both(_ first: (String, String), _ second: (String, String)) -> String {
    first.0 + second.0 + first.1 + second.1
  }

  private static let three = sent(1, 0) + sent(2, 1) + sent(3, 2) + polled("[[0,1],[1,2],[2,3]]", by: 92)

  private static let logs: [Self] = [
    log(
      .inconsistentOffsets, .logOrder,
      sent(1, 0) + "93 invoke send [\"p\",2]\n93 info send [\"p\",2]\n" + polled("[[0,1]]") + polled("[[0,2]]", by: 92)),
    log(.duplicateOffset, .logOrder, sent(1, 0) + polled("[[0,1],[1,1]]")),
    log(.lostWrite, .logOrder, sent(1, 0) + sent(2, 1) + polled("[[1,2]]")),
    log(.lostWrite, .noLoss, sent(1, 0) + sent(2, 1) + polled("[[1,2]]")),
    log(.pollSkip, .fifoPerKey, three + asked(1, "[[2,3]]")),
    log(.nonmonotonicPoll, .logOrder, three + asked(2, "[[1,2],[2,3]]")),
    log(.innerPollSkip, .fifoPerKey, three + asked(0, "[[0,1],[2,3]]")),
    log(.lostWrite, .noLoss, sent(1, 0) + sent(2, 1) + asked(0, "[[1,2]]")),
    log(.lostWrite, .noLoss, again + asked(0, "[[1,2]]")),
    log(.duplicateOffset, .noDuplicates, again + asked(1, "[[1,2],[2,1]]")),
    log(.pollSkip, .logOrder, three + polled("[[0,1]]") + polled("[[2,3]]")),
    log(.nonmonotonicPoll, .fifoPerKey, three + polled("[[0,1],[1,2]]") + polled("[[1,2],[2,3]]")),
    log(.nonmonotonicSend, .logOrder, sent(1, 1) + sent(2, 0) + polled("[[0,2],[1,1]]")),
    log(.innerPollSkip, .logOrder, three + polled("[[0,1],[2,3]]")),
    log(.innerNonmonotonicPoll, .logOrder, three + polled("[[1,2],[0,1]]")),
    log(
      .innerNonmonotonicSend, .logOrder,
      #"90 invoke txn [["send","p",1],["send","p",2]]"# + "\n"
        + #"90 ok txn [["send","p",[1,1]],["send","p",[0,2]]]"# + "\n" + polled("[[0,2],[1,1]]")),
    log(.abortedRead, .logOrder, "90 invoke send [\"p\",1]\n90 fail send [\"p\",1]\n" + polled("[[0,1]]")),
    log(.thinAirRead, .readCommitted, polled("[[0,1]]")),
    log(
      .readCycle, .logOrder,
      both(
        transaction(90, #"[["send","p",1],["poll"]]"#, #"[["send","p",[0,1]],["poll",{"q":[[0,2]]}]]"#),
        transaction(91, #"[["send","q",2],["poll"]]"#, #"[["send","q",[0,2]],["poll",{"p":[[0,1]]}]]"#))),
    log(
      .mixedCycle, .readCommitted,
      both(
        transaction(90, #"[["send","p",1],["poll"]]"#, #"[["send","p",[0,1]],["poll",{"q":[[0,3]]}]]"#),
        transaction(
          91, #"[["send","p",2],["send","q",3]]"#, #"[["send","p",[1,2]],["send","q",[0,3]]]"#))),
    log(
      .sendCycle, .readCommitted,
      both(
        transaction(
          90, #"[["send","p",1],["send","q",4]]"#, #"[["send","p",[0,1]],["send","q",[1,4]]]"#),
        transaction(
          91, #"[["send","p",2],["send","q",3]]"#, #"[["send","p",[1,2]],["send","q",[0,3]]]"#))),
  ]

  private static func replicated(
    _ anomaly: InvariantAnomaly, _ promise: ReplicatedLogChecker.Promise, _ text: String, node: String? = nil
  ) -> Self {
    Self(anomaly: anomaly, text: text, body: .replicated, isKeyed: true, node: node) {
      try ReplicatedLogChecker.report($0, .init(promise: promise, quiescenceNanoseconds: 1))
    }
  }

  private static func appended(_ value: Int, _ index: Int) -> String {
    "90 invoke append [\"p\",\(value)]\n90 ok append [\"p\",[\(index),\(value)]]\n"
  }

  private static func shown(_ function: String, _ entries: String) -> String {
    let asked = function == "read" ? "[0,9]" : "null"
    return "91 invoke \(function) [\"p\",\(asked)]\n91 ok \(function) [\"p\",\(entries)]\n"
  }

  private static let replicated: [Self] = [
    replicated(.conflictingEntries, .logAgreement, appended(1, 0) + appended(2, 0)),
    replicated(.lostEntry, .logAgreement, appended(1, 0) + shown("read-all", "[]")),
    replicated(.lostEntry, .noLoss, appended(1, 0) + appended(2, 1) + shown("read-all", "[[0,1]]")),
    replicated(
      .shrunkenLog, .logAgreement,
      appended(1, 0) + shown("read-all", "[[0,1]]") + shown("read-all", "[]") + shown("read-all", "[[0,1]]"),
      node: "n9"),
    replicated(.reorderedEntries, .logAgreement, appended(1, 1) + appended(2, 0)),
    replicated(.logGap, .logGapless, appended(1, 0) + appended(2, 1) + appended(3, 2) + shown("read", "[[0,1],[2,3]]")),
    replicated(.duplicateEntry, .noDuplicates, appended(1, 0) + shown("read", "[[0,1],[1,1]]")),
    replicated(.thinAirRead, .logAgreement, shown("read", "[[0,1]]")),
    replicated(
      .abortedRead, .logAgreement,
      "90 invoke append [\"p\",1]\n90 fail append [\"p\",1]\n" + shown("read", "[[0,1]]")),
  ]

  private static let ids = [
    Self(
      anomaly: .duplicateID,
      text: "90 invoke generate null\n91 invoke generate null\n91 ok generate 901\n90 ok generate 901\n", body: .ids
    ) { try UniqueIDChecker.report($0) }
  ]
}
