import Histories
import Nemesis
import Testing

@Suite struct NemesisEventTests {
  let action = FaultAction(id: 3, fault: "partition", target: "halves", at: 5, hold: 7, order: ["n1", "n2"])

  @Test func functionsAreNamedAsJepsenNamesThem() {
    #expect(action.historyFunction(.inject) == "start-partition")
    #expect(action.historyFunction(.heal) == "stop-partition")
  }

  @Test func eventsAreLinesOfTheHistory() {
    let evidence = FaultEvidence(took: true, summary: "9 packets", detail: ["packets": 9])
    let events: [NemesisEvent] = [
      .injecting(action, time: 10), .injected(action, targets: "n1 | n2", time: 11),
      .skipped(action, reason: "no", time: 12), .healing(action, time: 13),
      .healed(action, evidence: evidence, time: 14), .failed(action, step: .heal, message: "bad", time: 15),
      .restoreFailed(fault: "kill", message: "worse", time: 16),
    ]
    let lines = events.enumerated().map { index, event -> String in
      var bytes: [UInt8] = []
      JSONLines.append(event.historyEvent(index: index), to: &bytes)
      return String(decoding: bytes, as: UTF8.self).trimmingSuffix("\n")
    }
    let head = { (index: Int, function: String) in
      #"{"index":\#(index),"time":\#(index + 10),"process":"nemesis","type":"info","f":"\#(function)","value":"#
    }
    #expect(
      lines == [
        head(0, "start-partition") + #"{"id":3,"phase":"injecting","target":"halves"}}"#,
        head(1, "start-partition") + #"{"id":3,"phase":"injected","target":"halves","targets":"n1 | n2"}}"#,
        head(2, "start-partition") + #"{"id":3,"phase":"skipped","target":"halves"},"error":"no"}"#,
        head(3, "stop-partition") + #"{"id":3,"phase":"healing","target":"halves"}}"#,
        head(4, "stop-partition")
          + #"{"evidence":{"detail":{"packets":9},"summary":"9 packets","took":true},"id":3,"phase":"healed","target":"halves"}}"#,
        head(5, "stop-partition") + #"{"id":3,"phase":"failed","target":"halves"},"error":"bad"}"#,
        head(6, "restore-kill") + #"{"phase":"failed"},"error":"worse"}"#,
      ])
  }

  @Test func timeAndActionAreReadFromEveryCase() {
    let event = NemesisEvent.failed(action, step: .inject, message: "x", time: 99)
    #expect(event.time == 99 && event.action == action)
    #expect(NemesisEvent.restoreFailed(fault: "kill", message: "x", time: 1).action == nil)
  }
}

extension String {
  fileprivate func trimmingSuffix(_ suffix: String) -> String {
    hasSuffix(suffix) ? String(dropLast(suffix.count)) : self
  }
}
