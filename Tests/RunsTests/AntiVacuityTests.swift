import Histories
import Plans
import RunStore
import Testing

@testable import Runs

/// What a run must have reached before it may call anything valid.
@Suite struct AntiVacuityTests {
  private static let healed: Int64 = 1000

  private func event(_ type: EventType, _ function: String, at time: Int64, _ process: ProcessID = ProcessID(0))
    -> Event
  {
    Event(index: 0, time: time, process: process, type: type, function: function, value: nil)
  }

  private func record(
    _ fault: String, took: Bool? = true, invocations: Int = 10, skipped: String? = nil
  ) -> FaultRecord {
    let evidence = took.map { FaultEvidence(took: $0, summary: "s", detail: nil) }
    return FaultRecord(
      id: 0, fault: fault, target: "one", targets: "n1", from: 1, to: 2, evidence: evidence, skipped: skipped,
      invocations: invocations)
  }

  private func minimums(
    _ events: [Event] = [], _ wanted: Minimums = Minimums(), functions: [String] = [], faults: [String] = [],
    records: [FaultRecord] = [], healed: Int64? = Self.healed
  ) -> [Minimum] {
    AntiVacuity(wanted).minimums(
      history: History(events), functions: functions, faults: faults, records: records, healed: healed)
  }

  /// `name got/wanted`, with a `!` where it was missed.
  private func words(_ minimums: [Minimum]) -> [String] {
    minimums.map { "\($0.name) \($0.got)/\($0.wanted)\($0.reached ? "" : "!")" }
  }

  @Test func `a full run reaches all of them, and gives no hint`() {
    let events = (0..<10).map { event(.ok, $0 % 2 == 0 ? "read" : "write", at: 1001 + Int64($0)) }
    let found = minimums(events, functions: ["read", "write"], faults: ["kill"], records: [record("kill")])
    #expect(
      words(found) == [
        "ok{f=read} 5/1", "ok{f=write} 5/1", "evidence{fault=kill} 1/1", "invocations{fault=kill} 10/10",
        "ok-after-heal 10/10",
      ])
    #expect(found.allSatisfy { $0.hint == nil })
  }

  @Test func `an empty run misses all of them, each with a hint`() {
    let found = minimums(functions: ["read"], faults: ["kill"])
    #expect(
      words(found) == [
        "ok{f=read} 0/1!", "evidence{fault=kill} 0/1!", "invocations{fault=kill} 0/10!", "ok-after-heal 0/10!",
      ])
    #expect(found.allSatisfy { $0.hint?.isEmpty == false })
  }

  @Test func `only ok operations of clients count for a function`() {
    let events: [Event] = [
      event(.invoke, "read", at: 1), event(.fail, "read", at: 2), event(.info, "read", at: 3),
      event(.ok, "read", at: 4, .nemesis), event(.ok, "write", at: 5), event(.ok, "other", at: 5),
    ]
    let found = minimums(events, Minimums(okAfterHeal: 0), functions: ["cas", "read", "write"])
    #expect(words(found) == ["ok{f=cas} 0/1!", "ok{f=read} 0/1!", "ok{f=write} 1/1", "ok-after-heal 0/0"])
    #expect(found[1].hint?.contains("'read'") == true)
  }

  @Test func `the plan's numbers are the ones wanted`() {
    let wanted = Minimums(okPerFunction: 2, evidencePerFault: 3, invocationsPerFault: 4, okAfterHeal: 5)
    let found = minimums([event(.ok, "f", at: 1)], wanted, functions: ["f"], faults: ["kill"])
    #expect(found.map(\.wanted) == [2, 3, 4, 5])
    let none = Minimums(okPerFunction: 0, evidencePerFault: 0, invocationsPerFault: 0, okAfterHeal: 0)
    #expect(minimums([], none, functions: ["f"], faults: ["kill"]).allSatisfy { $0.reached && $0.hint == nil })
  }

  @Test func `an injection counts only with evidence that it took effect`() {
    let records = [
      record("kill", took: nil, invocations: 0), record("kill", took: false, invocations: 2),
      record("kill", invocations: 3), record("kill", invocations: 9), record("partition", invocations: 70),
    ]
    let found = minimums(faults: ["kill"], records: records)
    #expect(words(found).prefix(2) == ["evidence{fault=kill} 2/1", "invocations{fault=kill} 9/10!"])
    #expect(found[1].hint?.contains("'kill'") == true)
    #expect(words(minimums(faults: ["kill"], records: Array(records.prefix(2))))[0] == "evidence{fault=kill} 0/1!")
  }

  @Test func `one window must have seen enough: windows do not add up`() {
    let records = [record("kill", invocations: 6), record("kill", invocations: 6)]
    #expect(words(minimums(faults: ["kill"], records: records))[1] == "invocations{fault=kill} 6/10!")
  }

  @Test func `every fault answers for itself, in the plan's order`() {
    let found = minimums(faults: ["partition", "kill"], records: [record("kill")])
    #expect(
      words(found) == [
        "evidence{fault=partition} 0/1!", "invocations{fault=partition} 0/10!", "evidence{fault=kill} 1/1",
        "invocations{fault=kill} 10/10", "ok-after-heal 0/10!",
      ])
  }

  @Test func `a skipped fault's hint is why it was skipped`() {
    let skipped = record("kill", took: nil, invocations: 0, skipped: "no primary")
    let found = minimums(faults: ["kill"], records: [skipped])
    #expect(found.prefix(2).map(\.hint) == ["skipped: no primary", "skipped: no primary"])
    // Reached all the same: then nothing is missing.
    let both = minimums(faults: ["kill"], records: [skipped, record("kill")])
    #expect(both.prefix(2).allSatisfy { $0.reached && $0.hint == nil })
  }

  @Test func `only what became ok after the heal counts as recovery`() {
    let events: [Event] = [
      event(.ok, "f", at: 999), event(.ok, "f", at: 1000), event(.ok, "f", at: 1001), event(.fail, "f", at: 1002),
      event(.info, "f", at: 1003), event(.invoke, "f", at: 1004), event(.ok, "f", at: 1005, .nemesis),
      event(.ok, "f", at: 1006),
    ]
    #expect(words(minimums(events)) == ["ok-after-heal 2/10!"])
    #expect(words(minimums(events, Minimums(okAfterHeal: 2))) == ["ok-after-heal 2/2"])
  }

  @Test func `responses that no rule understood count against their function`() {
    var strange = event(.fail, "read", at: 2)
    strange.error = "unclassified 418"
    var refused = event(.fail, "write", at: 2)
    refused.error = "compare-failed"
    let wanted = Minimums(okAfterHeal: 0)
    let found = minimums(
      [
        event(.invoke, "read", at: 1), event(.ok, "read", at: 1), strange, strange, event(.ok, "write", at: 2), refused,
      ],
      wanted, functions: ["read", "write"])
    #expect(found.map(\.name) == ["ok{f=read}", "ok{f=write}", "understood-percent{f=read}", "ok-after-heal"])
    #expect(found[2].got == 33 && found[2].wanted == wanted.understoodPercent)
    #expect(found[2].hint?.contains("'unclassified 418'") == true)
  }

  @Test func `a run without a final heal has nothing after it`() {
    #expect(words(minimums([event(.ok, "f", at: 5)], Minimums(okAfterHeal: 1), healed: nil)) == ["ok-after-heal 0/1!"])
  }
}
