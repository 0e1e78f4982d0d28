import Checkers
import Histories
import Testing

/// One history for each thing that the checkers of logs must tell apart, with the sentence that a reader gets.
@Suite struct LogCaseTests {
  private static func sent(_ value: Int, _ offset: Int) -> String {
    "0 invoke send [0,\(value)]\n0 ok send [0,[\(offset),\(value)]]\n"
  }

  private static func polled(_ entries: String, by process: Int = 1) -> String {
    "\(process) invoke poll null\n\(process) ok poll {\"0\":\(entries)}\n"
  }

  private static func report(
    _ text: String, _ promise: PartitionedLogChecker.Promise = .logOrder, startsAtBeginning: Bool = true
  ) throws -> InvariantReport {
    try PartitionedLogChecker.report(
      InvariantText.history(text),
      PartitionedLogChecker.Options(promise: promise, startsAtBeginning: startsAtBeginning))
  }

  private static let three = sent(1, 0) + sent(2, 1) + sent(3, 5)

  @Test func `a consumer that leaves out a message skips it`() throws {
    let text = Self.three + Self.polled("[[0,1],[1,2],[5,3]]", by: 2) + Self.polled("[[0,1]]") + Self.polled("[[5,3]]")
    let report = try Self.report(text)
    #expect(report.findings.map(\.anomaly) == [.pollSkip])
    #expect(
      report.findings.first?.summary
        == "key \"0\": process 1's poll (events 8–9, 0.009 s) ended with 1 at offset 0; then "
        + "process 1's poll (events 10–11, 0.011 s) began with 3 at offset 5, and not the message between")
  }

  @Test func `offsets without a message are no gap`() throws {
    #expect(try Self.report(Self.three + Self.polled("[[0,1],[1,2]]") + Self.polled("[[5,3]]")).verdict == .valid)
  }

  @Test(arguments: [("assign []", Verdict.valid), ("assign [0]", .invalid), ("subscribe [0]", .valid)])
  func `positions end with the assignment`(between: String, verdict: Verdict) throws {
    let change = "1 invoke \(between)\n1 ok \(between)\n"
    let text = Self.three + Self.polled("[[0,1],[1,2],[5,3]]") + change + Self.polled("[[1,2]]")
    #expect(try Self.report(text).verdict == verdict)
  }

  /// A failed poll is held to leave the position as it was, as in Jepsen.
  @Test func `a failed call does not move a consumer`() throws {
    let failed = "1 invoke poll null\n1 fail poll null\n"
    let text = Self.three + Self.polled("[[0,1]]") + failed + Self.polled("[[1,2],[5,3]]")
    #expect(try Self.report(text).verdict == .valid)
  }

  /// What only a failed call sent is no message of the log, wherever somebody met it: who leaves it out skips nothing.
  @Test func `a consumer may leave out what was given up`() throws {
    let failed = "3 invoke send [0,9]\n3 fail send [0,9]\n"
    let text =
      Self.sent(1, 0) + failed + Self.sent(3, 2) + Self.polled("[[0,1],[1,9],[2,3]]", by: 2) + Self.polled("[[0,1]]")
      + Self.polled("[[2,3]]")
    #expect(try Self.report(text).findings.map(\.anomaly) == [.abortedRead])
  }

  /// Its message may have got into the log at any time.
  @Test func `what a send of unknown outcome put where orders no later send`() throws {
    let text =
      "0 invoke send [0,1]\n0 info send [0,1]\n0 invoke send [0,2]\n0 ok send [0,[0,2]]\n"
      + Self.polled("[[0,2],[1,1]]")
    #expect(try Self.report(text, .fifoPerKey).verdict == .valid)
  }

  /// A poll that began before it, and ended after the send had begun, is no excuse.
  @Test func `the first poll to end decides whether a message was there too early`() throws {
    let text = """
      1 invoke poll null
      2 invoke poll null
      2 ok poll {"0":[[0,1]]}
      0 invoke send [0,1]
      0 ok send [0,[0,1]]
      1 ok poll {"0":[[0,1]]}
      """
    #expect(try Self.report(text).findings.map(\.anomaly) == [.thinAirRead])
  }

  // MARK: lost writes

  @Test func `what nobody polled is lost if something behind it was polled`() throws {
    let report = try Self.report(Self.three + Self.polled("[[1,2],[5,3]]"), .noLoss)
    #expect(report.findings.map(\.anomaly) == [.lostWrite])
    #expect(
      report.findings.first?.summary == "key \"0\": process 0's send (events 0–1, 0.001 s) was acknowledged with 1 at "
        + "offset 0, which nobody polled, though process 1's poll (events 6–7, 0.007 s) got what is at offset 5")
  }

  @Test func `consumers that begin later have lost nothing that is before`() throws {
    let text = Self.three + Self.polled("[[1,2],[5,3]]")
    #expect(try Self.report(text, .noLoss, startsAtBeginning: false).verdict == .valid)
    let skipping = Self.three + Self.polled("[[0,1],[5,3]]")
    #expect(try Self.report(skipping, .noLoss, startsAtBeginning: false).verdict == .invalid)
    // Nobody who got what is before it polled again.
    let between = Self.three + Self.polled("[[0,1]]") + Self.polled("[[5,3]]", by: 2)
    #expect(try Self.report(between, .noLoss, startsAtBeginning: false).verdict == .valid)
    #expect(try Self.report(between, .noLoss).verdict == .invalid)
  }

  /// Jepsen's checker calls this lost; the crashed poll may have got the message, and the group have gone on behind it.
  @Test func `a poll of unknown outcome may have got what nobody else did`() throws {
    let crashed = "2 invoke poll null\n2 info poll null\n"
    let report = try Self.report(Self.three + crashed + Self.polled("[[1,2],[5,3]]"), .noLoss)
    #expect(report.verdict == .unknown)
    #expect(report.reason?.contains("the 1 polls of unknown outcome may have got them") == true)
    // One client got what is before and what is behind: then it had to get what is between.
    let passed = Self.three + crashed + Self.polled("[[0,1],[5,3]]")
    #expect(try Self.report(passed, .noLoss).verdict == .invalid)
  }

  @Test func `what is behind all that was polled is unseen`() throws {
    let report = try Self.report(Self.three + Self.polled("[[0,1]]"))
    #expect(report.verdict == .valid)
    #expect(report.statistic("unseen") == 2)
  }

  // MARK: transactions

  @Test func `a partition has one name as a number and as a text`() throws {
    let text = #"""
      0 invoke txn [["send",0,1],["send","0",2]]
      0 ok txn [["send",0,[0,1]],["send","0",[0,2]]]
      1 invoke poll null
      1 ok poll {"0":[[0,1]]}
      """#
    let report = try Self.report(text)
    #expect(report.findings.map(\.anomaly).contains(.inconsistentOffsets))
    #expect(report.statistic("partitions") == 1)
  }

  @Test func `a circle of polls is told step by step`() throws {
    let text = #"""
      0 invoke txn [["send",0,1],["poll"]]
      1 invoke txn [["poll"],["send",1,2]]
      1 ok txn [["poll",{"0":[[0,1]]}],["send",1,[0,2]]]
      0 ok txn [["send",0,[0,1]],["poll",{"1":[[0,2]]}]]
      """#
    let report = try Self.report(text)
    #expect(report.findings.map(\.anomaly) == [.readCycle])
    #expect(
      report.findings.first?.summary
        == "process 0's txn (events 0–3, 0.003 s) sent 1 to partition \"0\", which process "
        + "1's txn (events 1–2, 0.002 s) polled; process 1's txn (events 1–2, 0.002 s) sent 2 to partition \"1\", which "
        + "process 0's txn (events 0–3, 0.003 s) polled")
  }

  @Test func `what a transaction of unknown outcome sent is in the log once it was polled`() throws {
    let text = #"""
      0 invoke txn [["send",0,1],["send",1,4]]
      1 invoke txn [["send",0,2],["send",1,3]]
      1 ok txn [["send",0,[1,2]],["send",1,[0,3]]]
      0 info txn [["send",0,1],["send",1,4]]

      """#
    #expect(try Self.report(text + Self.polled("[[1,2]]", by: 2)).count(.sendCycle) == 0)
    let polled = "2 invoke poll null\n2 ok poll {\"0\":[[0,1],[1,2]],\"1\":[[0,3],[1,4]]}"
    #expect(try Self.report(text + polled, .readCommitted).findings.map(\.anomaly) == [.sendCycle])
  }

  @Test func `messages of a transaction that lie side by side are nothing to look at`() throws {
    let text = #"""
      0 invoke txn [["send",0,1],["send",0,2]]
      0 ok txn [["send",0,[0,1]],["send",0,[5,2]]]

      """#
    let report = try Self.report(text + Self.polled("[[0,1],[5,2]]"))
    #expect(report.verdict == .valid && report.counts.isEmpty)
  }

  @Test func `messages of others between those of a transaction are worth a look only`() throws {
    let text = #"""
      0 invoke txn [["send",0,1],["send",0,3]]
      1 invoke send [0,2]
      1 ok send [0,[1,2]]
      0 ok txn [["send",0,[0,1]],["send",0,[2,3]]]
      2 invoke poll null
      2 ok poll {"0":[[0,1],[1,2],[2,3]]}
      """#
    let report = try Self.report(text)
    #expect(report.verdict == .valid)
    #expect(report.observations.map(\.anomaly) == [.innerSendSkip, .sendCycle])
    #expect(try Self.report(text, .readCommitted).verdict == .invalid)
  }

  // MARK: replicated-log

  private static func entries(
    _ text: String, _ promise: ReplicatedLogChecker.Promise = .logAgreement, readsAreCurrent: Bool = false,
    nodes: [Int: String] = [:]
  ) throws -> InvariantReport {
    var events = Array(try InvariantText.history(text).events)
    for (event, node) in nodes { events[event].node = node }
    return try ReplicatedLogChecker.report(
      History(events), ReplicatedLogChecker.Options(promise: promise, readsAreCurrent: readsAreCurrent))
  }

  private static let appended = "0 invoke append \"a\"\n0 ok append [0,\"a\"]\n"
  private static let empty = "1 invoke read-all null\n1 ok read-all []\n"
  private static let full = "1 invoke read-all null\n1 ok read-all [[0,\"a\"]]\n"

  @Test func `the last full read of a replica has all that was acknowledged`() throws {
    let report = try Self.entries(Self.appended + Self.empty, nodes: [3: "n2"])
    #expect(report.findings.map(\.anomaly) == [.lostEntry])
    #expect(
      report.findings.first?.summary
        == "\"a\" was acknowledged at index 0 to process 0's append (events 0–1, 0.001 s); "
        + "process 1's read-all (events 2–3, 0.003 s), the last full one of replica n2, misses it")
  }

  @Test func `a replica may lag unless full reads are current`() throws {
    let text = Self.appended + Self.empty + Self.full
    let late = try Self.entries(text, nodes: [3: "n1", 5: "n1"])
    #expect(late.verdict == .valid)
    #expect(late.observations.map(\.anomaly) == [.lateEntry])
    #expect(try Self.entries(text, readsAreCurrent: true, nodes: [3: "n1", 5: "n1"]).verdict == .invalid)
    // While clients append nobody waits for replicas to catch up: such a read is not final.
    let appending = try Self.entries(Self.appended + Self.empty + "0 invoke append 2\n0 ok append [1,2]", .noLoss)
    #expect(appending.verdict == .unknown && appending.observations.map(\.anomaly) == [.lateEntry])
    #expect(appending.reason?.contains("no replica was read in full when all was quiet") == true)
    // Another replica's read does not excuse this one's last.
    #expect(try Self.entries(text, nodes: [3: "n1", 5: "n2"]).verdict == .invalid)
  }

  /// A replica that was cut off, or had no time, may lag: what its last read misses is not lost yet.
  @Test func `what a replica misses before all is quiet is late`() throws {
    let text = Self.appended + Self.empty
    func verdict(_ text: String, _ quiescence: Int64) throws -> Verdict {
      let options = ReplicatedLogChecker.Options(promise: .noLoss, quiescenceNanoseconds: quiescence)
      return try ReplicatedLogChecker.report(try InvariantText.history(text), options).verdict
    }
    #expect(try verdict(text, 0) == .invalid)
    // Events are a millisecond apart: the read begins one after the append's end.
    #expect(try verdict(text, 1_000_000) == .invalid)
    #expect(try verdict(text, 1_000_001) == .unknown)
    #expect(try verdict(text + "-1 info stop-partition null\n", 0) == .unknown)
    #expect(try verdict(text + "-1 info stop-partition null\n", 1_000_000) == .invalid)
    #expect(try verdict("-1 info start-partition null\n" + text, 0) == .unknown)
    // Who has everything needs no quiet.
    #expect(try verdict(Self.appended + Self.full, 1_000_000_000) == .valid)
    #expect(try verdict(Self.appended + Self.full + "-1 info stop-partition null\n", 0) == .valid)
    // An append of another log keeps the replicas busy, too, for nobody says how long.
    let busy = "0 invoke append [1,5]\n0 ok append [1,[0,5]]\n1 invoke read-all [1,null]\n1 ok read-all [1,[]]\n"
    let other = "2 invoke append [2,6]\n2 ok append [2,[0,6]]\n1 invoke read-all [2,null]\n1 ok read-all [2,[[0,6]]]\n"
    func keyed(_ text: String, _ quiescence: Int64) throws -> Verdict {
      let options = ReplicatedLogChecker.Options(promise: .noLoss, quiescenceNanoseconds: quiescence)
      return try ReplicatedLogChecker.report(try InvariantText.history(text, keyed: true), options).verdict
    }
    #expect(try keyed(busy, 0) == .invalid)
    #expect(try keyed(busy + other, 0) == .unknown)
    #expect(try keyed(busy + other, 1_000_000) == .invalid)
  }

  /// The default claim has acknowledged entries stay, which only a full read in the end tells.
  @Test func `what nobody read in full in the end may be lost`() throws {
    let partial = Self.appended + "1 invoke read [0,1]\n1 ok read [[0,\"a\"]]"
    for promise in [ReplicatedLogChecker.Promise.logAgreement, .noLoss] {
      let report = try Self.entries(partial, promise)
      #expect(report.verdict == .unknown)
      #expect(report.reason == "no full read began after an append was acknowledged")
      #expect(try Self.entries(partial + "\n" + Self.full, promise).verdict == .valid)
    }
    #expect(try Self.entries(partial, .logGapless).verdict == .valid)
    // Of two logs one was read: the other may have lost all that it had.
    let keyed = try InvariantText.history(
      "0 invoke append [1,5]\n0 ok append [1,[0,5]]\n0 invoke append [2,6]\n0 ok append [2,[0,6]]\n"
        + "1 invoke read-all [1,null]\n1 ok read-all [1,[[0,5]]]", keyed: true)
    let report = try ReplicatedLogChecker.report(keyed)
    #expect(report.verdict == .unknown)
    #expect(report.reason?.hasPrefix("no replica of 1 of the 2 logs was read in full") == true)
  }

  @Test func `a replica does not forget what it has shown`() throws {
    let text = Self.appended + Self.full + Self.empty + Self.full
    let report = try Self.entries(text, nodes: [3: "n1", 5: "n1", 7: "n1"])
    #expect(report.findings.map(\.anomaly) == [.shrunkenLog])
    #expect(
      report.findings.first?.summary
        == "process 1's read-all (events 2–3, 0.003 s) of replica n1 showed \"a\" at index 0; process 1's read-all "
        + "(events 4–5, 0.005 s) of the same replica misses it, and no fault came between")
    #expect(try Self.entries(text, .noLoss, nodes: [3: "n1", 5: "n1", 7: "n1"]).verdict == .valid)
    // Nothing is said of two replicas, nor of reads that do not name theirs.
    #expect(try Self.entries(text, nodes: [3: "n1", 5: "n2", 7: "n2"]).count(.shrunkenLog) == 0)
    #expect(try Self.entries(text).count(.shrunkenLog) == 0)
  }

  /// After a restart a replica may have to be told anew how much of its log is committed.
  @Test(arguments: [(["kill", "start"], 0), (["kill"], 0), ([], 1)])
  func `a replica that was killed between may show less`(faults: [String], shrunken: Int) throws {
    let text = Self.appended + Self.full + Self.empty + Self.full
    var events = Array(try InvariantText.history(text).events)
    for event in [3, 5, 7] { events[event].node = "n1" }
    for (place, function) in faults.enumerated() {
      let fault = Event(index: 0, time: 0, process: .nemesis, type: .info, function: function, value: .null)
      events.insert(fault, at: faults.count == 1 ? 2 : 4 + place)
    }
    for place in events.indices { events[place].index = place }
    #expect(try ReplicatedLogChecker.report(History(events)).count(.shrunkenLog) == shrunken)
    // While the run goes on nobody says so: one object's history has no faults in it.
    #expect(Self.onlineViolations(events).isEmpty)
  }

  @Test func `two values at one index are told while the run goes on`() throws {
    let text = Self.appended + Self.full + "1 invoke read-all null\n1 ok read-all [[0,\"b\"]]\n"
    #expect(Self.onlineViolations(Array(try InvariantText.history(text).events)).count == 1)
  }

  private static func onlineViolations(_ events: [Event]) -> [OnlineViolation] {
    var checker = OnlineChecker(.logAgreement, keyed: false) { 0 }
    for event in events { checker.add(event) }
    return checker.check()
  }

  @Test func `an entry that a read showed keeps its place before later ones`() throws {
    let text = """
      0 invoke append 1
      1 invoke read null
      1 ok read [[1,1]]
      2 invoke append 2
      2 ok append [0,2]
      0 info append 1
      """
    let report = try Self.entries(text)
    #expect(report.findings.map(\.anomaly) == [.reorderedEntries])
    #expect(report.findings.first?.summary.contains("put 2 at index 0, before index 1") == true)
  }

  @Test func `the first read to end decides whether an entry was there too early`() throws {
    let text = """
      1 invoke read null
      2 invoke read null
      2 ok read [[0,1]]
      0 invoke append 1
      0 ok append [0,1]
      1 ok read [[0,1]]
      """
    #expect(try Self.entries(text).findings.map(\.anomaly) == [.thinAirRead])
  }

  @Test(arguments: [
    ("[2,9]", "[[2,3]]", Verdict.valid), ("[1,9]", "[[2,3]]", .invalid), ("[0,9]", "[[1,2],[2,3]]", .invalid),
  ])
  func `a read shows what it was asked for from the first on`(asked: String, shown: String, verdict: Verdict) throws {
    let appends = (0..<3).map { "0 invoke append \($0 + 1)\n0 ok append [\($0),\($0 + 1)]\n" }.joined()
    let text = appends + "1 invoke read \(asked)\n1 ok read \(shown)"
    #expect(try Self.entries(text, .logGapless).verdict == verdict)
  }
}
