import FoundationEssentials
import Histories
import RunStore
import Testing

@testable import Reports

/// The runs that went wrong are those whose report is wanted most.
@Suite struct BrokenRunTests {
  @Test(arguments: [RunFile.results, RunFile.history, RunFile.plan, RunFile.schedule, "counterexamples/1.json"])
  func aMissingFileIsNamed(file: String) throws {
    let directory = try TemporaryRun(SyntheticRun(verdict: .invalid))
    try directory.remove(file)
    let page = try directory.page()
    #expect(page.imbalance == [])
    #expect(page.text.contains("\(file) is missing."))
  }

  @Test func aRunThatLeftOnlyItsLogHasAPage() throws {
    let directory = try TemporaryRun()
    #expect(throws: ReportError.self) { try HTMLReport.write(runDirectory: directory.url.path) }
    try Data().write(to: directory.url.appendingPathComponent(RunFile.log))
    let page = try directory.page()
    #expect(page.imbalance == [])
    #expect(page.text.contains("No verdict"))
    #expect(page.text.contains("The history holds no operation of a client."))
  }

  @Test func noDirectoryIsAnError() {
    #expect(throws: ReportError.noRunDirectory("/nonexistent/run")) {
      try HTMLReport.write(runDirectory: "/nonexistent/run")
    }
  }

  @Test func tornResultsAreSaidToBeTorn() throws {
    let directory = try TemporaryRun(SyntheticRun(verdict: .invalid))
    let whole = try Data(contentsOf: directory.url.appendingPathComponent(RunFile.results))
    try whole.prefix(whole.count / 2).write(to: directory.url.appendingPathComponent(RunFile.results))
    let page = try directory.page()
    #expect(page.text.contains("results.json cannot be read: it is not whole JSON."))
    #expect(page.contains(id: "counterexample"), "counterexamples are found without results")
  }

  @Test func aFieldOfTheWrongTypeIsNamed() throws {
    let directory = try TemporaryRun(SyntheticRun())
    var text = try String(
      decoding: Data(contentsOf: directory.url.appendingPathComponent(RunFile.results)), as: UTF8.self)
    text.replace("\"seed\":1", with: "\"seed\":\"one\"")
    try directory.write(text, to: RunFile.results)
    #expect(try directory.page().text.contains("results.json cannot be read: 'seed"))
  }

  @Test func aTornLastLineEndsTheHistory() throws {
    let directory = try TemporaryRun(SyntheticRun(operations: 50))
    let before = try directory.page().data()["operations"]?.map?["count"]
    let file = directory.url.appendingPathComponent(RunFile.history)
    try (Data(contentsOf: file) + Data(#"{"index":9,"ti"#.utf8)).write(to: file)
    let page = try directory.page()
    #expect(page.text.contains("history.jsonl ends in the middle of a line: the run was cut off there."))
    #expect(try page.data()["operations"]?.map?["count"] == before)
  }

  @Test func aBrokenLineEndsTheHistoryBeforeIt() throws {
    let directory = try TemporaryRun(SyntheticRun(operations: 50))
    let lines = """
      {"index":0,"time":1000,"process":0,"type":"invoke","f":"read","value":null}
      {"index":1,"time":2000,"process":0,"type":"ok","f":"read","value":7}
      {"index":2,"time":
      {"index":3,"time":3000,"process":0,"type":"invoke","f":"read","value":null}

      """
    try directory.write(lines, to: RunFile.history)
    let page = try directory.page()
    #expect(page.text.contains("history.jsonl is broken at line 3"))
    #expect(try page.data()["operations"]?.map?["count"] == 1)
  }

  @Test func eventsThatMakeNoSenseEndTheHistory() throws {
    let directory = try TemporaryRun(SyntheticRun(operations: 50))
    let lines = """
      {"index":0,"time":1000,"process":0,"type":"invoke","f":"read","value":null}
      {"index":1,"time":2000,"process":0,"type":"ok","f":"read","value":7}
      {"index":2,"time":2500,"process":4,"type":"ok","f":"read","value":7}

      """
    try directory.write(lines, to: RunFile.history)
    let page = try directory.page()
    #expect(page.text.contains("history.jsonl is shown up to event 2: process 4 completes an operation"))
    #expect(try page.data()["operations"]?.map?["count"] == 1)
  }

  @Test func aCounterexampleThatPointsNowhereIsNotDrawn() throws {
    let run = SyntheticRun(verdict: .invalid)
    let directory = try TemporaryRun(run)
    var broken = run.counterexample(in: run.history())
    broken.paths[0].stuck[0].operation = 99
    try JSONEncoder().encode(broken).write(to: directory.url.appendingPathComponent("counterexamples/1.json"))
    let page = try directory.page()
    #expect(page.text.contains("counterexamples/1.json is not drawn: it names operations that it does not hold."))
    #expect(!page.contains(id: "counterexample"))
  }

  /// Times from a foreign or damaged file may be anything that fits 64 bits.
  @Test func impossibleTimesDoNotStopTheReport() throws {
    let run = SyntheticRun(verdict: .invalid)
    let directory = try TemporaryRun(run)
    let lines = """
      {"index":0,"time":\(1 - 1 << 62),"process":0,"type":"invoke","f":"read","value":null}
      {"index":1,"time":\((1 << 62) - 1),"process":0,"type":"ok","f":"read","value":\(Int64.max)}

      """
    try directory.write(lines, to: RunFile.history)
    var broken = run.counterexample(in: run.history())
    broken.operations[0].invokeTime = .min
    try JSONEncoder().encode(broken).write(to: directory.url.appendingPathComponent("counterexamples/1.json"))
    var results = run.results
    results.faults[0].from = .min
    results.duration = 1e300
    results.claims[0].seconds = 1e300
    try JSONEncoder().encode(results).write(to: directory.url.appendingPathComponent(RunFile.results))
    let page = try directory.page()
    #expect(page.imbalance == [])
    #expect(page.text.contains("counterexamples/1.json is not drawn: it names impossible times."))
    #expect(try page.texts("values") == ["9223372036854775807"])
  }

  /// `results.json` names files of the run directory and nothing else.
  @Test func pathsOutOfTheRunAreNotFollowed() throws {
    let run = SyntheticRun(verdict: .invalid)
    let directory = try TemporaryRun(run)
    var results = run.results
    results.claims[0].counterexamples = ["../counterexamples/1.json"]
    try JSONEncoder().encode(results).write(to: directory.url.appendingPathComponent(RunFile.results))
    #expect(try !directory.page().contains(id: "counterexample"))
  }
}
