import Checkers
import Histories
import Testing

/// One key with siblings: what the checker must tell apart, with the sentence that a reader gets.
@Suite struct SiblingsCaseTests {
  /// Puts as `value context outcome`, where a value of `-` is a deletion, and gets as `get values context`.
  ///
  /// Operations that share a line overlap: all of them begin before the first of them ends.
  private static func history(_ text: String) -> History {
    var (history, process) = (History(), Int32(0))
    func append(_ type: EventType, _ call: Call) {
      let value = type == .ok && call.function == "get" ? call.answer : call.input
      history.append(
        Event(
          index: 0, time: Int64(history.count) * 1_000_000, process: ProcessID(call.process), type: type,
          function: call.function, value: value))
    }
    for line in text.split(separator: "\n") {
      let calls = line.split(separator: ";").map { words in
        process += 1
        return Call(words.split(separator: " ").map(String.init), process)
      }
      for call in calls { append(.invoke, call) }
      for call in calls { append(call.outcome, call) }
    }
    return history
  }

  private struct Call {
    var process: Int32
    var function: String
    var input: Value
    var answer = Value.null
    var outcome = EventType.ok

    init(_ words: [String], _ process: Int32) {
      self.process = process
      let context: Value = words.count > 2 && words[0] == "get" ? .string(words[2]) : .null
      if words[0] == "get" {
        (function, input) = ("get", .null)
        let values = words[1].split(separator: ",").compactMap { Int64($0) }.map { Value.int($0) }
        answer = ["values": .list(values), "context": context]
      } else {
        function = "put"
        input = [
          "value": Int64(words[0]).map { .int($0) } ?? .null, "context": words[1] == "-" ? .null : .string(words[1]),
        ]
        outcome = words[2] == "info" ? .info : words[2] == "fail" ? .fail : .ok
      }
    }
  }

  private static func verdicts(_ text: String) throws -> [Verdict] {
    try [SiblingsChecker.Claim.noLostUpdates, .noResurrection].map {
      try SiblingsChecker.report(history(text), $0).verdict
    }
  }

  @Test func `values that nobody overwrote must be there`() throws {
    let puts = "1 - ok\nget 1 a\n2 a ok; 3 a ok\n"
    #expect(try Self.verdicts(puts + "get 2,3 b") == [.valid, .valid])
    #expect(try Self.verdicts(puts + "get 2 b") == [.invalid, .valid])
    #expect(try Self.verdicts(puts + "get 1,2,3 b") == [.valid, .invalid])
    let report = try SiblingsChecker.report(Self.history(puts + "get 2 b"))
    #expect(
      report.findings.map(\.summary) == [
        "process 5's get (events 8–9, 0.009 s), the last one, misses 3: process 4's put (events 5–7, 0.007 s) was "
          + "acknowledged, and nothing that is known of overwrote it"
      ])
  }

  @Test func `what was deleted stays away`() throws {
    let puts = "1 - ok\nget 1 a\n- a ok\n"
    #expect(try Self.verdicts(puts + "get , b") == [.valid, .valid])
    #expect(try Self.verdicts(puts + "get 1 b") == [.valid, .invalid])
    let unknown = puts.replacing("- a ok", with: "- a info")
    for state in ["1", ","] { #expect(try Self.verdicts(unknown + "get \(state) b") == [.valid, .valid]) }
  }

  /// A context covers what a get had shown that had ended when the put began, whatever was got with it later.
  @Test func `a context covers nothing that was shown later`() throws {
    #expect(try Self.verdicts("1 - ok\nget , a\n2 a ok\nget 1 a\nget 2 b") == [.invalid, .valid])
    #expect(try Self.verdicts("1 - ok\nget 1 a\n2 a ok\nget 1 a\nget 2 b") == [.valid, .valid])
  }

  /// The put of 2 may have overwritten that of 4, but not if that of 3 had seen it.
  @Test func `an excuse must hold in every case`() throws {
    let both = "2 x info; 3 x ok\n4 - ok\n"
    #expect(try Self.verdicts(both + "get 2,3 b") == [.unknown, .unknown])
    #expect(try Self.verdicts("2 x info\n4 - ok\nget 2 b") == [.valid, .valid])
    // 3 itself may have seen 2, and then nothing overwrote it.
    #expect(try Self.verdicts("1 - ok\n2 x info; 3 x ok\nget 1,2 b")[0] == .unknown)
    // A deletion of what is there did not happen, nor one of what has seen that.
    #expect(try Self.verdicts("1 - ok\nget 1 a\n- x info; 2 a ok\nget 1 b")[0] == .invalid)
  }
}
