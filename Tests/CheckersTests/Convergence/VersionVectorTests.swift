import Checkers
import Histories
import Testing

/// Operations that are named by dots and version vectors.
@Suite struct VersionVectorTests {
  private static func report(_ type: ReplicatedType, _ text: String) throws -> InvariantReport {
    var history = History()
    for line in text.split(separator: "\n") {
      var event = try InvariantText.history(String(line))[0]
      if event.function == "local-read" { event.node = "n\(event.process.rawValue)" }
      history.append(event)
    }
    return try ConvergenceChecker.report(history, type)
  }

  private static func finals(_ state: String) -> String {
    [1, 2].map { "\n\($0) invoke local-read null\n\($0) ok local-read \(state)" }.joined()
  }

  private static let increments = """
    0 invoke increment 5
    0 ok increment {"id":["a",1]}
    0 invoke increment 7
    0 ok increment {"id":["a",2]}
    0 invoke increment 9
    0 ok increment {"id":["b",1]}
    """

  @Test func `a counter shows the sum of what its vector stands for`() throws {
    for (vector, value) in [(#"{"a":1}"#, 5), (#"{"a":2}"#, 12), (#"{"a":1,"b":1}"#, 14), ("{}", 0)] {
      for (shown, verdict) in [(value, Verdict.valid), (value + 1, .invalid)] {
        let read = "\n3 invoke read null\n3 ok read {\"value\":\(shown),\"visible\":\(vector)}"
        #expect(try Self.report(.gCounter, Self.increments + read + Self.finals("21")).verdict == verdict, "\(vector)")
      }
    }
  }

  /// The third of "a" can be the increment of unknown outcome, unless that says which it is. Where all say it, the third
  /// was another object's.
  @Test func `a vector that stands for more than is known`() throws {
    let read = "\n3 invoke read null\n3 ok read {\"value\":12,\"visible\":{\"a\":3}}"
    let open = "\n4 invoke increment 0\n4 info increment 0"
    #expect(try Self.report(.gCounter, Self.increments + read + Self.finals("21")).verdict == .valid)
    let report = try Self.report(.gCounter, Self.increments + open + read + Self.finals("21"))
    #expect(report.verdict == .unknown)
    #expect(report.statistic("reads-undecided") == 1)
    #expect(
      report.reason == "1 read names operations as visible that did not report their ids, or what they had observed")
    let named = open.replacing("increment 0\n", with: "increment {\"value\":0,\"id\":[\"b\",2]}\n")
    #expect(try Self.report(.gCounter, Self.increments + named + read + Self.finals("21")).verdict == .valid)
  }

  /// The other dots are those of operations on other counters.
  @Test func `a vector counts operations that are none of the object's`() throws {
    let updates = [(1, 5), (3, 7), (5, 9), (6, 11)].map { number, amount in
      "0 invoke increment \(amount)\n0 ok increment {\"id\":[\"a\",\(number)]}"
    }
    for (number, sum) in [(0, 0), (1, 5), (2, 5), (3, 12), (4, 12), (5, 21), (6, 32), (9, 32)] {
      let read = "\n3 invoke read null\n3 ok read {\"value\":\(sum),\"visible\":{\"a\":\(number)}}"
      let report = try Self.report(.gCounter, updates.joined(separator: "\n") + read + Self.finals("32"))
      #expect(report.verdict == .valid, "\(number): \(report.findings.map(\.summary))")
    }
  }

  @Test func `what began later cannot have been seen`() throws {
    let early = "3 invoke read null\n3 ok read {\"value\":5,\"visible\":{\"a\":1}}\n"
    let report = try Self.report(.gCounter, early + Self.increments + Self.finals("21"))
    #expect(Set(report.findings.map(\.anomaly)) == [.thinAirRead])
    #expect(
      report.findings.contains {
        $0.summary.contains("names operation [\"a\",1] as visible, which nobody had invoked by")
      })
  }

  /// The removal had heard of the first addition of "a", not of that of "b".
  @Test func `a removal takes away what its vector stands for`() throws {
    let updates = """
      0 invoke add 7
      0 ok add {"id":["a",1]}
      0 invoke add 7
      0 ok add {"id":["b",1]}
      0 invoke remove 7
      0 ok remove {"context":{"a":1}}
      """
    let all = updates.replacing(#"{"a":1}"#, with: #"{"a":1,"b":1}"#)
    for (text, present) in [(updates, true), (all, false)] {
      for (state, isRight) in [("[7]", present), ("[]", !present)] {
        let report = try Self.report(.orSet, text + Self.finals(state))
        let wrong: InvariantAnomaly = present ? .lostUpdate : .resurrection
        #expect(report.findings.map(\.anomaly) == (isRight ? [] : [wrong]), "\(state)")
      }
    }
  }

  /// Two replicas write beside each other; the vectors of both count their own write too.
  @Test func `a write overwrites what its vector stands for, but not itself`() throws {
    let updates = """
      0 invoke write 1
      0 ok write {"id":["a",1],"context":{"a":1}}
      0 invoke write 2
      0 ok write {"id":["a",2],"context":{"a":2}}
      3 invoke write 3
      3 ok write {"id":["b",1],"context":{"a":1,"b":1}}
      """
    let expected: [(String, [InvariantAnomaly])] = [
      ("[2,3]", []), ("[3]", [.lostUpdate]), ("[1,2,3]", [.falseConflict]),
      ("[1]", [.lostUpdate, .lostUpdate, .resurrection]),
    ]
    for (state, anomalies) in expected {
      #expect(
        try Self.report(.mvRegister, updates + Self.finals(state)).findings.map(\.anomaly).sorted {
          $0.rawValue < $1.rawValue
        }
          == anomalies.sorted { $0.rawValue < $1.rawValue }, "\(state)")
    }
    let read = "\n4 invoke read null\n4 ok read {\"value\":[2],\"visible\":{\"a\":2,\"b\":1}}"
    #expect(
      try Self.report(.mvRegister, updates + read + Self.finals("[2,3]")).findings.map(\.anomaly) == [.wrongVisibility])
  }

  /// The write of 1 counts itself among what there was, before that of 2, which began earlier, does.
  @Test func `a write that counts itself is overwritten by one that began earlier`() throws {
    let updates = """
      0 invoke write 2
      3 invoke write 1
      3 ok write {"id":["a",1],"context":{"a":1}}
      0 ok write {"id":["b",1],"context":{"a":1,"b":1}}
      """
    for (state, anomalies) in [("[2]", []), ("[1,2]", [InvariantAnomaly.falseConflict])] {
      #expect(try Self.report(.mvRegister, updates + Self.finals(state)).findings.map(\.anomaly) == anomalies)
    }
  }
}
