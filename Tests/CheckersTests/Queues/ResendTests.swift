import Checkers
import Histories
import Testing

/// What producers say again, and polls that say where they begin.
@Suite struct ResendTests {
  private func report(_ text: String, _ promise: PartitionedLogChecker.Promise = .logOrder) throws -> InvariantReport {
    try PartitionedLogChecker.report(
      InvariantText.history(text), PartitionedLogChecker.Options(promise: promise))
  }

  private static func call(_ process: Int, _ function: String, _ input: String, _ output: String) -> String {
    "\(process) invoke \(function) \(input)\n\(process) ok \(function) \(output)\n"
  }

  private static let three = [(1, 0), (2, 1), (3, 5)].map { value, offset in
    call(0, "send", "[0,{\"value\":\(value),\"producer\":7}]", "[0,[\(offset),\(value)]]")
  }.joined()

  private static func poll(_ from: Int, _ entries: String, by process: Int = 1, _ function: String = "poll") -> String {
    call(process, function, "[0,\(from)]", "[0,\(entries)]")
  }

  // MARK: logs

  @Test func `what is sent again is one message, and stays where it was`() throws {
    let lost = "8 invoke send [0,{\"value\":4,\"sequence\":1}]\n8 info send [0,{\"value\":4,\"sequence\":1}]\n"
    let again = Self.call(9, "resend", "[0,{\"value\":4,\"sequence\":1}]", "[0,[6,4]]")
    let right = try report(Self.three + lost + again + Self.poll(0, "[[0,1],[1,2],[5,3],[6,4]]"))
    #expect(right.verdict == .valid && right.statistic("acknowledged") == 4)
    let twice = try report(Self.three + lost + again + Self.poll(5, "[[5,3],[6,4],[7,4]]"))
    #expect(twice.findings.map(\.anomaly) == [.duplicateOffset])
    let moved = try report(Self.three + Self.call(0, "resend", "[0,2]", "[0,[6,2]]") + Self.poll(0, "[[0,1]]"))
    #expect(moved.findings.map(\.anomaly) == [.duplicateOffset])
  }

  @Test func `an answer to a resend is a promise`() throws {
    let lost = "8 invoke send [0,4]\n8 info send [0,4]\n"
    let again = Self.call(9, "resend", "[0,4]", "[0,[3,4]]")
    let polls = Self.poll(0, "[[0,1],[1,2],[5,3]]")
    #expect(try report(Self.three + lost + polls, .noLoss).verdict == .valid)
    let report = try report(Self.three + lost + again + polls, .noLoss)
    #expect(report.findings.map(\.anomaly) == [.lostWrite])
    #expect(report.findings.first?.summary.contains("process 9's resend (events 8–9") == true)
    #expect(try self.report(Self.three + lost + again + polls, .fifoPerKey).findings.map(\.anomaly) == [.innerPollSkip])
  }

  @Test func `what a resend says to be in the log may be in a circle of transactions`() throws {
    let history = #"""
      0 invoke txn [["send",0,1],["send",1,4]]
      1 invoke txn [["send",0,2],["send",1,3]]
      1 ok txn [["send",0,[1,2]],["send",1,[0,3]]]
      0 info txn [["send",0,1],["send",1,4]]
      """# + "\n" + Self.call(2, "resend", "[0,1]", "[0,[0,1]]") + Self.call(2, "resend", "[1,4]", "[1,[1,4]]")
    #expect(try report(history, .readCommitted).count(.sendCycle) == 1)
  }

  @Test func `a resend says nothing of the order of sends`() throws {
    let again = Self.call(0, "resend", "[0,1]", "[0,[0,1]]") + Self.call(0, "send", "[0,9]", "[0,[6,9]]")
    #expect(try report(Self.three + again + Self.poll(0, "[[0,1],[1,2],[5,3],[6,9]]")).verdict == .valid)
  }

  @Test func `a poll is held to where it says it begins`() throws {
    let goingBack = Self.poll(1, "[[1,2],[5,3]]") + Self.poll(0, "[[0,1]]") + Self.poll(5, "[[5,3]]")
    #expect(try report(Self.three + goingBack).verdict == .valid)
    #expect(try report(Self.three + Self.poll(2, "[[5,3]]") + Self.poll(6, "[]")).verdict == .valid)
    let skipping = try report(Self.three + Self.poll(0, "[[0,1],[1,2]]") + Self.poll(1, "[[5,3]]"))
    #expect(
      skipping.findings.first?.summary
        == "key \"0\": process 1's poll (events 8–9, 0.009 s) asked for offset 1 on and began with 3 at offset 5, and not "
        + "the message between")
    let early = try report(Self.three + Self.poll(2, "[[1,2],[5,3]]"))
    #expect(early.findings.map(\.anomaly) == [.nonmonotonicPoll])
    #expect(try report(Self.three + Self.poll(0, "[[0,1],[5,3]]")).findings.map(\.anomaly).contains(.innerPollSkip))
  }

  @Test func `who begins in the middle has lost nothing that is before`() throws {
    #expect(try report(Self.three + Self.poll(5, "[[5,3]]"), .noLoss).verdict == .valid)
    let passed = try report(Self.three + Self.poll(0, "[[1,2],[5,3]]"), .noLoss)
    #expect(passed.findings.map(\.anomaly) == [.lostWrite])
  }

  @Test func `replicas read by themselves agree`() throws {
    let right = Self.poll(0, "[[0,1],[1,2]]", "local-poll")
    #expect(try report(Self.three + Self.poll(0, "[[0,1]]") + right).verdict == .valid)
    let forked = Self.poll(0, "[[0,1],[1,3]]", by: 4, "local-poll")
    #expect(try report(Self.three + right + forked, .logAgreement).findings.map(\.anomaly) == [.inconsistentOffsets])
  }

  // MARK: queues

  private static let unknown = "0 invoke enqueue {\"value\":5,\"sequence\":1}\n0 info enqueue null\n"
  private static let again = call(1, "resend", "{\"value\":5,\"sequence\":1}", "null")

  @Test func `a message that was enqueued again is one message`() throws {
    let drain = Self.call(2, "drain", "null", "[5]")
    let history = try InvariantText.history(Self.unknown + Self.again + drain)
    for promise in [TotalQueueChecker.Promise.exactlyOnce, .atLeastOnce] {
      #expect(try TotalQueueChecker.report(history, promise).verdict == .valid)
    }
  }

  @Test func `a message whose resend was answered is not to be lost`() throws {
    let drain = Self.call(2, "drain", "null", "[]")
    #expect(try TotalQueueChecker.report(InvariantText.history(Self.unknown + drain)).verdict == .unknown)
    let lost = try TotalQueueChecker.report(InvariantText.history(Self.unknown + Self.again + drain))
    #expect(lost.findings.map(\.anomaly) == [.lostMessage])
  }

  @Test func `who takes a message may be named`() throws {
    let taken =
      Self.call(2, "receive", "\"c2\"", "{\"id\":\"7-1\",\"value\":5}") + Self.call(2, "ack", "\"7-1\"", "null")
    let options = WorkQueueChecker.Options(promise: .ackedNeverAgain)
    let history = try InvariantText.history(Self.unknown + taken + Self.again)
    #expect(try WorkQueueChecker.report(history, options).verdict == .valid)
    let back = try InvariantText.history(
      Self.unknown + taken + Self.again + Self.call(3, "receive", "\"c3\"", "{\"id\":\"8-1\",\"value\":5}"))
    #expect(try WorkQueueChecker.report(back, options).findings.map(\.anomaly) == [.ackedRedelivery])
  }
}
