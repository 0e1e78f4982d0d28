import Checkers
import Histories
import Testing

/// Siblings of replicas that were read directly: each is asked for what the last get is asked for.
@Suite struct SiblingsReplicaTests {
  private struct Event {
    var function: String
    var input = Value.null
    var answer = Value.null
    var node: String?
    var error: String?
  }

  private static func put(_ value: Value, _ context: Value) -> Event {
    Event(function: "put", input: ["value": value, "context": context], answer: ["value": value, "context": context])
  }

  private static func get(_ values: [Value], _ context: Value, of node: String? = nil, error: String? = nil) -> Event {
    Event(
      function: node == nil ? "get" : "local-get", answer: ["values": .list(values), "context": context], node: node,
      error: error)
  }

  private static func history(_ events: [Event]) -> History {
    var history = History()
    for event in events {
      for type in [EventType.invoke, event.error == nil ? .ok : .fail] {
        history.append(
          Histories.Event(
            index: 0, time: Int64(history.count) * 1_000_000, process: ProcessID(1), type: type,
            function: event.function, value: type == .ok ? event.answer : event.input, node: event.node,
            error: type == .fail ? event.error : nil))
      }
    }
    return history
  }

  /// 1 is put, seen and deleted, and 2 is put beside it.
  private static let load = [put(1, nil), get([1], "a"), put(nil, "a"), put(2, nil), get([2], "b")]

  private static func findings(
    _ reads: [Event], _ claim: SiblingsChecker.Claim
  ) throws -> (verdict: Verdict, summaries: [String], reason: String?) {
    let report = try SiblingsChecker.report(history(load + reads), claim)
    return (report.verdict, report.findings.map(\.summary), report.reason)
  }

  @Test(arguments: [SiblingsChecker.Claim.noLostUpdates, .noResurrection])
  func `replicas that have all that is left are right`(claim: SiblingsChecker.Claim) throws {
    let reads = [Self.get([2], "b", of: "n1"), Self.get([2], "b", of: "n2")]
    #expect(try Self.findings(reads, claim).verdict == .valid)
  }

  @Test func `what one replica lacks is lost`() throws {
    let found = try Self.findings([Self.get([2], "b", of: "n1"), Self.get([], "c", of: "n2")], .noLostUpdates)
    #expect(found.verdict == .invalid)
    #expect(found.summaries.count == 1 && found.summaries[0].contains("the last one of n2, misses 2"))
  }

  @Test func `what one replica brings back is a resurrection`() throws {
    let found = try Self.findings([Self.get([1, 2], "c", of: "n1"), Self.get([2], "b", of: "n2")], .noResurrection)
    #expect(found.verdict == .invalid)
    #expect(found.summaries.count == 1 && found.summaries[0].contains("the last one of n1, shows 1 again"))
  }

  @Test func `earlier reads of a replica may miss what they please`() throws {
    let reads = [Self.get([], "c", of: "n1"), Self.get([2], "b", of: "n1")]
    #expect(try Self.findings(reads, .noLostUpdates).verdict == .valid)
  }

  @Test(arguments: [("timeout", Verdict.unknown), ("not-a-replica", .valid)])
  func `a replica that does not answer leaves it open, one that is none does not`(
    error: String, verdict: Verdict
  ) throws {
    let reads = [Self.get([2], "b", of: "n1"), Self.get([2], "b", of: "n2"), Self.get([], nil, of: "n2", error: error)]
    let found = try Self.findings(reads, .noLostUpdates)
    #expect(found.verdict == verdict)
    #expect(verdict == .valid || found.reason == "there is no last local-get of n2, after all puts and faults")
  }
}
