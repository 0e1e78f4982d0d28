import Checkers
import Histories
import Testing

/// Which reads are final, by what the nemesis did and by how long replicas may take.
@Suite struct QuiescenceTests {
  private static let healed = #"{"id":1,"phase":"healed"}"#

  /// One addition, what the nemesis did, and two replicas of which one has the element.
  private static func report(_ nemesis: [(function: String, value: String)]) throws -> InvariantReport {
    var history = try InvariantText.history("0 invoke add 1\n0 ok add 1")
    func append(_ process: ProcessID, _ type: EventType, _ function: String, _ value: Value, _ node: String? = nil) {
      history.append(
        Event(
          index: 0, time: Int64(history.count) * 1_000_000, process: process, type: type, function: function,
          value: value, node: node))
    }
    for (function, text) in nemesis { append(.nemesis, .info, function, try JSONReader.parse(exact: text)) }
    for (node, state) in [("n1", Value.list([1])), ("n2", .list([]))] {
      append(ProcessID(9), .invoke, "local-read", .null, node)
      append(ProcessID(9), .ok, "local-read", state, node)
    }
    return try ConvergenceChecker.report(history, .gSet)
  }

  @Test(arguments: [
    [], [("start-partition", "null"), ("stop-partition", "null")], [("kill", "null"), ("start", "null")],
    [("start", "null"), ("stop", "null")], [("pause", "null"), ("resume", "null")], [("bump", "null")],
    [("start-kill", #"{"id":1,"phase":"skipped"}"#)],
    [("start-kill", #"{"id":1,"phase":"injecting"}"#), ("start-kill", #"{"id":1,"phase":"failed"}"#)],
    [
      ("start-kill", #"{"id":1,"phase":"injected"}"#), ("stop-kill", #"{"id":1,"phase":"failed"}"#),
      ("stop-kill", healed),
    ],
  ])
  func `replicas that differ when all is healed have diverged`(nemesis: [(String, String)]) throws {
    #expect(try Self.report(nemesis).findings.map(\.anomaly) == [.diverged])
  }

  /// The other replica may be cut off, or down.
  @Test(arguments: [
    [("start-partition", "null")], [("start-partition", "null"), ("stop-kill", "null")], [("start", "null")],
    [("kill", "null"), ("stop", "null")], [("pause", "null")],
    [("start-kill", #"{"id":1,"phase":"injected"}"#), ("stop-kill", #"{"id":2,"phase":"healed"}"#)],
    [("start-kill", #"{"id":1,"phase":"injected"}"#), ("stop-kill", #"{"id":1,"phase":"healing"}"#)],
    [("start-kill", #"{"id":1,"phase":"injected"}"#), ("stop-kill", #"{"id":1,"phase":"failed"}"#)],
    [
      ("start-kill", #"{"id":1,"phase":"injected"}"#), ("stop-kill", healed),
      ("restore-kill", #"{"phase":"failed"}"#),
    ],
  ])
  func `a fault that was never healed leaves no final read`(nemesis: [(String, String)]) throws {
    let report = try Self.report(nemesis)
    #expect(report.verdict == .unknown)
    #expect(report.findings == [])
    let event = nemesis[0].0 == "start-partition" || nemesis.count < 3 ? 2 : 4
    #expect(report.reason == "the fault of event \(event), \(nemesis[event - 2].0), was never healed")
  }

  /// Two replicas agree; a third node answered something once, and then refuses with an error.
  @Test(arguments: [("not-a-replica", Verdict.valid), ("timeout", .unknown)])
  func `a node that holds no copy is no replica`(error: String, verdict: Verdict) throws {
    var history = try InvariantText.history("0 invoke add 1\n0 ok add 1")
    func append(_ type: EventType, _ value: Value, _ node: String, _ error: String? = nil) {
      history.append(
        Event(
          index: 0, time: Int64(history.count) * 1_000_000, process: ProcessID(9), type: type, function: "local-read",
          value: value, node: node, error: error))
    }
    for (node, state) in [("n3", Value.list([])), ("n1", [1]), ("n2", [1])] {
      append(.invoke, .null, node)
      append(.ok, state, node)
    }
    append(.invoke, .null, "n3")
    append(.fail, .null, "n3", error)
    #expect(try ConvergenceChecker.report(history, .gSet).verdict == verdict)
  }

  @Test func `how long replicas may take is an assumption`() throws {
    let text = "0 invoke increment 1\n0 ok increment 1"
    var history = try InvariantText.history(text)
    for (second, node) in ["n1", "n2"].enumerated() {
      for type in [EventType.invoke, .ok] {
        history.append(
          Event(
            index: 0, time: Int64(3 + second) * 1_000_000_000, process: ProcessID(9), type: type,
            function: "local-read", value: type == .ok ? .int(Int64(second)) : .null, node: node))
      }
    }
    let model = try #require(InvariantModel.all.first { $0.name == "crdt-g-counter" })
    let bounds: [(Int64?, Verdict)] = [(nil, .invalid), (2_500_000_000, .invalid), (3_500_000_000, .unknown)]
    for (quiescence, verdict) in bounds {
      var assumptions = Assumptions()
      assumptions.quiescence = quiescence
      let report = try model.report(history, claim: "converges", assumptions: assumptions)
      #expect(report.verdict == verdict, "\(quiescence ?? 0): \(report)")
      #expect(report.statistic("quiescence-seconds") == quiescence.map { .double(Double($0) / 1e9) })
    }
    var misplaced = Assumptions()
    misplaced.quiescence = 1
    let bank = try #require(InvariantModel.all.first { $0.name == "bank" })
    #expect(throws: MisplacedAssumption.self) {
      try bank.report(history, claim: "total-conserved", assumptions: misplaced)
    }
  }

  /// Where events have no times nobody can say how long after anything a read began.
  @Test(arguments: [0, 1]) func `quiescence needs events with times`(step: Int64) throws {
    let text =
      "0 invoke put {\"value\":1,\"context\":null}\n0 ok put null\n1 invoke get null\n1 ok get {\"values\":[1]}"
    let events = try InvariantText.history(text).events.map { event in
      var event = event
      event.time = step * Int64(event.index)
      return event
    }
    let model = try #require(InvariantModel.all.first { $0.name == "siblings" })
    var assumptions = Assumptions()
    #expect(try model.report(History(events), claim: model.claims[0], assumptions: assumptions).verdict == .valid)
    assumptions.quiescence = 1_000
    let error = #expect(throws: MalformedHistory.self) {
      try model.report(History(events), claim: model.claims[0], assumptions: assumptions)
    }
    #expect(error?.message == "--quiescence needs events with times")
  }

  /// The later of the two may have heard of an increment of which the line is missing.
  @Test func `what is missing from a file may explain a divergence`() throws {
    let text = #"""
      {"process":0,"type":"invoke","f":"increment","value":1}
      {"process":0,"type":"ok","f":"increment","value":1}
      {"process":1,"type":"invoke","f":"local-read","value":null,"node":"n1"}
      {"process":1,"type":"ok","f":"local-read","value":1,"node":"n1"}
      {"process":1,"type":"invoke","f":"local-read","value":null,"node":"n2"}
      {"process":1,"type":"ok","f":"local-read","value":0,"node":"n2"}

      """#
    for (end, verdict) in [("", Verdict.invalid), ("{\"process\":1", .unknown)] {
      let read = try HistoryReader(isLenient: true).read(Array((text + end).utf8))
      let report = try ConvergenceChecker.report(read.history, .gCounter)
      #expect(report.verdict == .invalid)
      #expect(report.result(leftOut: read.skipped).verdict == verdict)
    }
  }
}
