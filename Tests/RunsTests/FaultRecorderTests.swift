import Histories
import Nemesis
import RunStore
import Testing

@testable import Runs

/// What the nemesis reports becomes the faults of `results.json`.
@Suite struct FaultRecorderTests {
  private let evidence = FaultEvidence(took: true, summary: "9 packets", detail: ["packets": 9])

  private func action(_ id: Int, _ fault: String = "partition") -> FaultAction {
    FaultAction(id: id, fault: fault, target: "halves", at: 5, hold: 7, order: ["n1", "n2"])
  }

  private func recorder(_ events: NemesisEvent...) -> FaultRecorder {
    let recorder = FaultRecorder()
    for event in events { recorder.take(event) }
    return recorder
  }

  /// Invocations of one client at these times.
  private func history(_ times: [Int64]) -> History {
    History(
      times.map { Event(index: 0, time: $0, process: ProcessID(0), type: .invoke, function: "f", value: nil) })
  }

  private func record(
    _ id: Int, from: Int64? = nil, to: Int64? = nil, evidence: FaultEvidence? = nil, skipped: String? = nil,
    targets: String = "", invocations: Int = 0
  ) -> FaultRecord {
    FaultRecord(
      id: id, fault: "partition", target: "halves", targets: targets, from: from, to: to, evidence: evidence,
      skipped: skipped, invocations: invocations)
  }

  @Test func `a whole injection is one record`() {
    let recorder = recorder(
      .injecting(action(0), time: 9), .injected(action(0), targets: "n1 | n2", time: 10), .healing(action(0), time: 19),
      .healed(action(0), evidence: evidence, time: 20))
    #expect(
      recorder.records(history([])) == [record(0, from: 10, to: 20, evidence: evidence, targets: "n1 | n2")])
    #expect(recorder.active.isEmpty && recorder.problems.isEmpty)
  }

  @Test func `client invocations after its begin and until its end are counted`() {
    let recorder = recorder(
      .injecting(action(0), time: 9), .injected(action(0), targets: "n1", time: 10), .healing(action(0), time: 19),
      .healed(action(0), evidence: evidence, time: 20))
    var events = Array(history([1, 9, 10, 10, 11, 15, 15, 20, 21]).events)
    events.insert(
      Event(index: 0, time: 15, process: .nemesis, type: .invoke, function: "f", value: nil), at: 5)
    events.insert(Event(index: 0, time: 15, process: ProcessID(1), type: .ok, function: "f", value: nil), at: 5)
    #expect(recorder.records(History(events)).map(\.invocations) == [4])
    #expect(recorder.records(history([])).map(\.invocations) == [0])
    #expect(recorder.records(history([30, 40])).map(\.invocations) == [0])
  }

  @Test func `a fault that was never healed has no end, stays active, and counts nothing`() {
    let recorder = recorder(.injecting(action(0), time: 9), .injected(action(0), targets: "n1", time: 10))
    #expect(recorder.records(history([11, 12])) == [record(0, from: 10, targets: "n1")])
    #expect(recorder.active == ["partition n1"])
  }

  @Test func `a skipped fault has a reason and no time, tried or not`() {
    let untried = recorder(.skipped(action(3), reason: "no primary", time: 10))
    let tried = recorder(.injecting(action(3), time: 9), .skipped(action(3), reason: "no primary", time: 10))
    for recorder in [untried, tried] {
      #expect(recorder.records(history([10, 11])) == [record(3, skipped: "no primary")])
      #expect(recorder.active.isEmpty && recorder.problems.isEmpty)
    }
  }

  @Test func `a failed injection never began, and is a problem`() {
    let recorder = recorder(
      .injecting(action(0), time: 9), .failed(action(0), step: .inject, message: "no iptables", time: 10))
    #expect(recorder.records(history([10, 11])) == [record(0, skipped: "no iptables")])
    #expect(recorder.problems == ["partition could not inject: no iptables"])
    #expect(recorder.active.isEmpty)
  }

  @Test func `a failed healing stays active until the final heal`() {
    let recorder = recorder(
      .injecting(action(0), time: 9), .injected(action(0), targets: "n1", time: 10), .healing(action(0), time: 19),
      .failed(action(0), step: .heal, message: "busy", time: 20))
    #expect(recorder.active == ["partition n1"])
    #expect(recorder.problems == ["partition could not heal: busy"])
    recorder.take(.healing(action(0), time: 29))
    recorder.take(.healed(action(0), evidence: evidence, time: 30))
    #expect(recorder.active.isEmpty)
    #expect(
      recorder.records(history([25])) == [
        record(0, from: 10, to: 30, evidence: evidence, targets: "n1", invocations: 1)
      ])
  }

  @Test func `what may still be broken at the end is a problem, and no record`() {
    let recorder = recorder(.restoreFailed(fault: "kill", message: "no such pid", time: 9))
    #expect(recorder.problems == ["kill may still be active: no such pid"])
    #expect(recorder.records(history([])).isEmpty)
  }

  @Test func `records and active faults are in the schedule's order, whatever came first`() {
    let recorder = recorder(
      .injecting(action(12), time: 1), .injected(action(12), targets: "c", time: 2), .injecting(action(2), time: 3),
      .injected(action(2), targets: "a", time: 4), .skipped(action(7), reason: "r", time: 5),
      .injecting(action(9), time: 6), .injected(action(9), targets: "b", time: 7), .healing(action(2), time: 8))
    #expect(recorder.records(history([])).map(\.id) == [2, 7, 9, 12])
    #expect(recorder.active == ["partition a", "partition b", "partition c"])
  }
}
