import Checkers
import Histories
import Testing

/// Maps of replicated objects, read whole or key by key.
@Suite struct MapConvergenceTests {
  private static let updates = """
    - 0 invoke increment ["c",5]
    - 0 ok increment ["c",5]
    - 0 invoke add ["s",1]
    - 0 ok add ["s",{"value":1,"id":"a"}]
    - 0 invoke remove ["s",1]
    - 0 ok remove ["s",{"value":1,"context":["a"]}]
    - 0 invoke write [7,1]
    - 0 ok write [7,{"value":1,"context":[]}]
    - 0 invoke write ["l",3]
    - 0 ok write ["l",{"value":3,"timestamp":1}]

    """

  private static func report(_ states: [String], keyed: Bool = false) throws -> InvariantReport {
    let reads = states.enumerated().map { "n\($0 + 1) 9 invoke local-read null\nn\($0 + 1) 9 ok local-read \($1)" }
    var history = History(keyed: keyed)
    for line in (updates + reads.joined(separator: "\n")).split(separator: "\n") {
      let parts = line.split(separator: " ", maxSplits: 1).map(String.init)
      var event = try InvariantText.history(parts[1])[0]
      event.node = parts[0] == "-" ? nil : parts[0]
      history.append(event)
    }
    return try ConvergenceChecker.mapReport(history)
  }

  private static let right = #"{"c":5,"7":[1],"l":3}"#

  @Test(arguments: [false, true]) func `every key is decided by its type`(keyed: Bool) throws {
    let report = try Self.report([Self.right, Self.right], keyed: keyed)
    #expect(report.verdict == .valid, "\(report)")
    #expect(report.checker == "crdt-map")
    #expect(report.statistic("objects") == 4)
    #expect(report.statistic("final-reads") == 8)
  }

  @Test(arguments: [
    (#"{"c":5,"7":[1]}"#, "l", InvariantAnomaly.lostUpdate), (#"{"7":[1],"l":3}"#, "c", .lostUpdate),
    (#"{"c":5,"s":[1],"7":[1],"l":3}"#, "s", .resurrection), (#"{"c":5,"7":[],"l":3}"#, "7", .lostUpdate),
  ])
  func `what is wrong of one key`(state: String, key: String, anomaly: InvariantAnomaly) throws {
    let everywhere = try Self.report([state, state])
    // A PN-counter that is too small may have been decremented by somebody else.
    #expect(everywhere.findings.map(\.anomaly) == [key == "c" ? .wrongMerge : anomaly])
    #expect(everywhere.findings.first?.key.map { $0.string ?? $0.json } == key)
    #expect(try Self.report([Self.right, state]).findings.map(\.anomaly) == [.diverged])
  }

  /// A key without a state is one that was asked for.
  @Test func `a key that nobody has changed`() throws {
    let strange = Self.right.replacing("{", with: #"{"x":7,"y":[],"z":0,"#)
    let report = try Self.report([Self.right, strange])
    #expect(report.findings.map(\.anomaly) == [.thinAirRead])
    #expect(
      report.findings.first?.summary
        == "process 9's local-read (events 12–13) shows the key \"x\", which nobody has changed")
    #expect(try Self.report([Self.right, Self.right.replacing("{", with: #"{"y":[],"z":0,"#)]).verdict == .valid)
  }

  @Test func `shapes that are no map`() throws {
    #expect(throws: MalformedHistory.self) { try Self.report([Self.right, "[1]"]) }
    #expect(throws: MalformedHistory.self) {
      try ConvergenceChecker.mapReport(InvariantText.history("0 invoke increment 5"))
    }
    let mixed = try InvariantText.history("0 invoke increment [1,5]\n0 ok increment [1,5]\n0 invoke add [1,5]")
    let error = #expect(throws: MalformedHistory.self) { try ConvergenceChecker.mapReport(mixed) }
    #expect(error?.index == 2)
    #expect(error?.message == "key 1 is a pn-counter, which has no 'add'")
  }
}
