import Checkers
import Histories
import Testing

/// Messages that were handed out, and that the queue had to keep.
@Suite struct KeepingTests {
  private static func call(_ process: Int, _ function: String, _ input: String, _ output: String) -> String {
    "\(process) invoke \(function) \(input)\n\(process) ok \(function) \(output)\n"
  }

  private static let lent =
    call(0, "enqueue", "5", "5") + call(1, "receive", "null", "{\"id\":\"1-1\",\"value\":5}")

  private func report(_ text: String) throws -> InvariantReport {
    try WorkQueueChecker.report(
      InvariantText.history(Self.lent + text), WorkQueueChecker.Options(promise: .keptUntilAcked))
  }

  private static let emptied = call(2, "drain", "null", "[]")

  @Test func `what was handed out and not acked is there, or something is wrong`() throws {
    #expect(try report(Self.call(2, "drain", "null", "[5]")).verdict == .valid)
    #expect(try report(Self.call(1, "ack", "\"1-1\"", "null") + Self.emptied).verdict == .valid)
    let gone = try report(Self.emptied)
    #expect(gone.findings.map(\.anomaly) == [.unkeptMessage])
    #expect(
      gone.findings.first?.summary
        == "process 1's receive (events 2–3, 0.003 s) got 5, which nobody acknowledged, and process 2's drain (events 4–5, "
        + "0.005 s), which took all that was left, does not have it")
    #expect(try report("1 invoke ack \"1-1\"\n1 fail ack \"1-1\"\n" + Self.emptied).verdict == .invalid)
    #expect(try report(Self.call(1, "nack", "\"1-1\"", "null") + Self.emptied).verdict == .invalid)
  }

  @Test func `what nobody can tell is not known`() throws {
    #expect(try report("").verdict == .unknown)
    #expect(try report("1 invoke ack \"1-1\"\n1 info ack \"1-1\"\n" + Self.emptied).verdict == .valid)
    #expect(try report("3 invoke drain null\n3 info drain null\n" + Self.emptied).verdict == .unknown)
    #expect(try report(Self.call(1, "ack", "\"9-9\"", "null") + Self.emptied).verdict == .unknown)
    // A receive lends, whatever came of it.
    #expect(try report("3 invoke receive null\n3 info receive null\n" + Self.emptied).verdict == .invalid)
  }

  private static let lentToo =
    call(0, "enqueue", "6", "6") + call(1, "receive", "null", "{\"id\":\"2-1\",\"value\":6}")

  @Test func `one ack that may be of anything takes one message`() throws {
    let report = try report(Self.lentToo + Self.call(1, "ack", "\"9-9\"", "null") + Self.emptied)
    #expect(report.count(.unkeptMessage) == 1)
    let drain = "3 invoke drain null\n3 info drain null\n"
    #expect(try self.report(Self.lentToo + drain + Self.emptied).verdict == .unknown)
  }

  @Test func `a nack takes nothing, and an ack nothing that was gone before it began`() throws {
    #expect(try report(Self.call(1, "nack", "\"9-9\"", "null") + Self.emptied).verdict == .invalid)
    #expect(try report(Self.emptied + Self.call(1, "ack", "\"1-1\"", "null")).verdict == .invalid)
    #expect(try report(Self.emptied + Self.call(1, "ack", "\"9-9\"", "null")).verdict == .invalid)
  }

  @Test func `of several drains the first to end decides`() throws {
    let slow = "4 invoke drain null\n" + Self.emptied + "3 invoke drain null\n3 info drain null\n4 ok drain []\n"
    #expect(try report(slow).findings.map(\.anomaly) == [.unkeptMessage])
  }

  @Test(arguments: ["ack", "nack"])
  func `what is said of an id that came out with two messages may be of either`(release: String) throws {
    let shared =
      Self.call(0, "enqueue", "6", "6") + Self.call(1, "receive", "null", "{\"id\":\"1-1\",\"value\":6}")
      + Self.call(1, release, "\"1-1\"", "null")
    if release == "ack" { #expect(try report(shared + Self.emptied).verdict == .valid) }
    let again = shared + Self.call(2, "receive", "null", "{\"id\":\"3-1\",\"value\":6}")
    let options = WorkQueueChecker.Options(promise: .exclusiveDelivery, visibilityTimeout: 1_000_000_000)
    let early = try WorkQueueChecker.report(InvariantText.history(Self.lent + again), options)
    #expect(early.count(.earlyRedelivery) == 0 && early.count(.sharedID) == 1 && early.count(.ackedRedelivery) == 0)
  }

  @Test func `a drain that began before the delivery was over says nothing`() throws {
    let text = """
      0 invoke enqueue 5
      0 ok enqueue 5
      1 invoke receive null
      2 invoke drain null
      2 ok drain []
      1 ok receive {"id":"1-1","value":5}
      """
    let history = try InvariantText.history(text)
    #expect(
      try WorkQueueChecker.report(history, WorkQueueChecker.Options(promise: .keptUntilAcked)).verdict == .unknown)
  }
}
