import Checkers
import Histories
import Testing

/// What updates say that they have observed: what cannot be, what `converges-in-real-time` claims, and what may have
/// arrived between the last reads.
@Suite struct ContextCaseTests {
  /// What is observed is there: an operation that has not begun is not.
  @Test(arguments: [
    (ReplicatedType.orSet, "remove 1", #"remove {"value":1,"context":["b"]}"#, "add 1", #"add {"value":1,"id":"b"}"#),
    (.orSet, "remove 1", #"remove {"value":1,"context":{"n1":4}}"#, "add 1", #"add {"value":1,"id":["n1",2]}"#),
    (.mvRegister, "write 1", #"write {"value":1,"context":[2]}"#, "write 2", #"write {"value":2,"context":[]}"#),
    (
      .gCounter, "increment 1", #"increment {"value":1,"id":"a","context":["b"]}"#, "increment 1",
      #"increment {"value":1,"id":"b"}"#
    ),
    (
      .lwwRegister, "write 1", #"write {"value":1,"timestamp":1,"context":["b"]}"#, "write 2",
      #"write {"value":2,"timestamp":2,"id":"b"}"#
    ),
  ])
  func `a context that names what had not begun cannot be`(
    type: ReplicatedType, first: String, told: String, second: String, id: String
  ) throws {
    let state = [ReplicatedType.orSet: "[]", .mvRegister: "[1]", .gCounter: "2", .lwwRegister: "2"][type] ?? ""
    let early = "- 0 invoke \(first)\n- 0 ok \(told)\n- 1 invoke \(second)\n- 1 ok \(id)"
    let report = try ConvergenceCaseTests.report(type, early, [state, state])
    #expect(report.findings.map(\.anomaly) == [.impossibleContext], "\(report)")
    #expect(report.findings.first?.summary.contains("told at event 1, it had observed process 1's") == true)
    // Had it begun by then, there would be nothing wrong.
    let late = "- 1 invoke \(second)\n- 0 invoke \(first)\n- 0 ok \(told)\n- 1 ok \(id)"
    #expect(try ConvergenceCaseTests.report(type, late, [state, state]).verdict == .valid)
    // What a client says when it begins, it knew then.
    let asked = "- 0 invoke \(told)\n- 1 invoke \(second)\n- 1 ok \(id)\n- 0 info \(first)"
    let unknown = try ConvergenceCaseTests.report(type, asked, [state, state])
    #expect(unknown.findings.contains { $0.anomaly == .impossibleContext }, "\(unknown)")
  }

  @Test func `contexts that go in circles cannot be`() throws {
    let updates = #"""
      - 0 invoke write 1
      - 1 invoke write 2
      - 2 invoke write 3
      - 0 ok write {"value":1,"id":"a","context":["a","c"]}
      - 1 ok write {"value":2,"id":"b","context":["a"]}
      - 2 ok write {"value":3,"id":"c","context":["b"]}
      """#
    let report = try ConvergenceCaseTests.report(.mvRegister, updates, ["[]", "[]"])
    #expect(report.findings.map(\.anomaly) == [.impossibleContext])
    let names = [(0, 3), (2, 5), (1, 4), (0, 3)].map { process, end in
      "process \(process)'s write (events \(process)–\(end), 0.00\(end) s)"
    }
    #expect(Set(report.findings.first?.operations ?? []) == [0, 1, 2])
    let summary = try #require(report.findings.first?.summary)
    #expect(summary.hasPrefix("by their contexts process "))
    for (above, below) in zip(names, names.dropFirst()) where !summary.hasSuffix(above) {
      #expect(summary.contains("\(above) had observed \(below)"), "\(summary)")
    }
    // Who names itself alone has not observed itself.
    let itself = updates.replacing(#"["a","c"]"#, with: #"["a"]"#)
    #expect(try ConvergenceCaseTests.report(.mvRegister, itself, ["[3]", "[3]"]).verdict == .valid)
  }

  /// The first told its context before the third began, which the second, that it had observed, says it had observed.
  @Test func `a context by way of others names what had not begun`() throws {
    let updates = #"""
      - 0 invoke write 1
      - 1 invoke write 2
      - 0 ok write {"value":1,"id":"a","context":["b"]}
      - 2 invoke write 3
      - 2 ok write {"value":3,"id":"c","context":[]}
      - 1 ok write {"value":2,"id":"b","context":["c"]}
      """#
    let report = try ConvergenceCaseTests.report(.mvRegister, updates, ["[1]", "[1]"])
    #expect(report.findings.map(\.anomaly) == [.impossibleContext])
    #expect(report.findings.first?.operations == [0, 3])
  }

  // MARK: Real time

  /// What an update reports is held against the claim that it came after what was acknowledged before.
  @Test func `updates that did not observe what was acknowledged break converges-in-real-time`() throws {
    let cases: [(type: ReplicatedType, first: String, second: String, state: String)] = [
      (.lwwRegister, #"write {"value":1,"timestamp":9}"#, #"write {"value":2,"timestamp":3}"#, "1"),
      (.lwwRegister, #"write {"value":1,"timestamp":9}"#, #"write {"value":2,"timestamp":9}"#, "1"),
      (.orSet, #"add {"value":1,"id":"a"}"#, #"remove {"value":1,"id":"r","context":[]}"#, "[1]"),
      (.mvRegister, #"write {"value":1,"id":"a","context":[]}"#, #"write {"value":2,"id":"b","context":[]}"#, "[1,2]"),
    ]
    for (type, first, second, state) in cases {
      let updates = "- 0 invoke \(first)\n- 0 ok \(first)\n- 1 invoke \(second)\n- 1 ok \(second)"
      #expect(try ConvergenceCaseTests.report(type, updates, [state, state]).verdict == .valid, "\(updates)")
      let report = try ConvergenceCaseTests.report(type, updates, [state, state], .init(observesAcknowledged: true))
      #expect(report.findings.map(\.anomaly) == [.missedUpdate], "\(updates) \(report)")
      #expect(report.findings.first?.operations == [0, 2])
    }
  }

  /// A context names what it overwrites, and need not name again what that had overwritten, or taken away.
  @Test func `what others have observed need not be named again`() throws {
    let isMajority = ConvergenceChecker.Options(observesAcknowledged: true)
    let writes = (1...3).map { number in
      "- 0 invoke write \(number)\n- 0 ok write {\"value\":\(number),\"context\":[\(number > 1 ? "\(number - 1)" : "")]}"
    }
    let written = try ConvergenceCaseTests.report(
      .mvRegister, writes.joined(separator: "\n"), ["[3]", "[3]"], isMajority)
    #expect(written.verdict == .valid, "\(written)")
    let removals = #"""
      - 0 invoke add 1
      - 0 ok add {"value":1,"id":"a"}
      - 0 invoke remove 1
      - 0 ok remove {"value":1,"context":["a"]}
      - 1 invoke remove 1
      - 1 ok remove {"value":1,"context":[]}
      """#
    #expect(try ConvergenceCaseTests.report(.orSet, removals, ["[]", "[]"], isMajority).verdict == .valid)
    let silent = removals.replacing(#"{"value":1,"context":["a"]}"#, with: "null")
    #expect(try ConvergenceCaseTests.report(.orSet, silent, ["[]", "[]"], isMajority).verdict == .valid)
  }

  // MARK: Nothing to decide

  /// Replicas that agree on nothing at all have not been asked to agree on anything: no claim is the better for it.
  @Test(arguments: InvariantModel.all.filter { $0.name.hasPrefix("crdt-") || $0.name == "siblings" }.map(\.name))
  func `without an update, and without a read, every claim is unknown`(name: String) throws {
    let model = try #require(InvariantModel.all.first { $0.name == name })
    let state = name.hasSuffix("counter") ? "0" : name.hasSuffix("set") ? "[]" : "null"
    let isMap = name == "crdt-map"
    let reads =
      name == "siblings"
      ? "- 0 invoke get null\n- 0 ok get null"
      : ConvergenceCaseTests.finals(Array(repeating: isMap ? "{}" : state, count: 2))
    let update =
      switch name {
      case "siblings": #"put {"value":1,"context":null}"#
      case "crdt-map": #"add ["k",1]"#
      case "crdt-g-counter", "crdt-pn-counter": "increment 1"
      case "crdt-lww-register", "crdt-mv-register": "write 1"
      default: "add 1"
      }
    for text in [reads, "- 0 invoke \(update)\n- 0 ok \(update)"] {
      let history = try ConvergenceCaseTests.history(text)
      for claim in model.claims {
        let report = try model.report(history, claim: claim)
        #expect(report.verdict == .unknown && report.reason != nil, "\(name) \(claim): \(report)")
      }
    }
  }

  /// A context that a get returns only later is none that its client can have known.
  @Test func `a put with a context from the future leaves open what it overwrote`() throws {
    let text = #"""
      - 0 invoke put {"value":1,"context":"c"}
      - 0 ok put {"value":1,"context":"c"}
      - 1 invoke put {"value":2,"context":null}
      - 1 ok put {"value":2,"context":null}
      - 2 invoke get null
      - 2 ok get {"values":[1],"context":"c"}
      """#
    let report = try SiblingsChecker.report(ConvergenceCaseTests.history(text))
    #expect(report.verdict == .invalid)
    let concurrent = text.replacing("- 0 ok put {\"value\":1,\"context\":\"c\"}\n", with: "")
      .replacing("- 2 invoke", with: "- 0 ok put {\"value\":1,\"context\":\"c\"}\n- 2 invoke")
    let open = try SiblingsChecker.report(ConvergenceCaseTests.history(concurrent))
    #expect(open.verdict == .unknown)
    #expect(open.reason == "puts were made with contexts that no get had returned: nobody knows what they overwrote")
  }

  // MARK: Late arrivals

  /// Nobody says when the delayed request arrives: it may be between the reads of the two replicas.
  @Test(arguments: [
    (ReplicatedType.gCounter, "increment 5", "increment 7", "5", "12"), (.gSet, "add 5", "add 7", "[5]", "[5,7]"),
    (.twoPhaseSet, "add 5", "remove 5", "[5]", "[]"), (.orSet, "add 5", "remove 5", "[5]", "[]"),
    (.lwwRegister, "write 5", "write 7", "5", "7"), (.mvRegister, "write 5", "write 7", "[5]", "[7]"),
  ])
  func `what arrives between the last reads is no divergence`(
    type: ReplicatedType, first: String, update: String, before: String, after: String
  ) throws {
    let updates = "- 0 invoke \(first)\n- 0 ok \(first)\n- 3 invoke \(update)\n- 3 info \(update)"
    let report = try ConvergenceCaseTests.report(type, updates, [before, after])
    #expect(report.verdict == .unknown && report.findings.isEmpty, "\(report)")
    #expect(report.reason?.contains("(--quiescence)") == true)
    // What one read has shown a later one does not miss; and after the time that somebody gives nothing arrives.
    let backwards = try ConvergenceCaseTests.report(type, updates, [after, before])
    #expect(backwards.findings.map(\.anomaly).contains(.diverged))
    let settled = ConvergenceChecker.Options(quiescenceNanoseconds: 1)
    let late = try ConvergenceCaseTests.report(type, updates, [before, after], settled)
    #expect(late.findings.map(\.anomaly).contains(.diverged))
    // Without such an update nothing explains the difference.
    let failed = updates.replacing("3 info", with: "3 fail")
    #expect(try ConvergenceCaseTests.report(type, failed, [before, after]).verdict == .invalid)
  }

  @Test func `one id for two additions is the system's fault, and says nothing else`() throws {
    let history = try InvariantText.history(
      """
      0 invoke add 1
      0 ok add {"id":["n1",1]}
      1 invoke add 2
      1 ok add {"id":["n1",1]}
      0 invoke remove 1
      0 ok remove {"context":[["n1",1]]}
      """)
    let report = try ConvergenceChecker.report(history, .orSet)
    #expect(report.verdict == .invalid)
    #expect(
      report.findings.map(\.summary) == [
        "process 0's add (events 0–1, 0.001 s) and process 1's add (events 2–3, 0.003 s) both got the id [\"n1\",1]"
      ])
  }

  /// Such a system takes the second addition for the first; one that forgot which ids it gave brings the element back.
  @Test(arguments: [("[]", Verdict.valid), ("[1]", .invalid)])
  func `one id for two additions of an element is one addition`(state: String, verdict: Verdict) throws {
    let history = try InvariantText.history(
      """
      0 invoke add 1
      0 ok add {"id":7}
      0 invoke remove 1
      0 ok remove {"context":[7]}
      1 invoke add 1
      1 ok add {"id":7}
      """)
    var read = history
    for (node, type) in [("n1", EventType.invoke), ("n1", .ok), ("n2", .invoke), ("n2", .ok)] {
      read.append(
        Event(
          index: 0, time: Int64(read.count) * 1_000_000, process: ProcessID(5), type: type, function: "local-read",
          value: type == .ok ? try JSONReader.parse(exact: state) : .null, node: node))
    }
    #expect(try ConvergenceChecker.report(read, .orSet).verdict == verdict)
  }
}
