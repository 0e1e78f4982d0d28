import FoundationEssentials
import Histories
import RunStore
import Testing

@testable import Reports

@Suite struct HTMLReportTests {
  @Test(arguments: [Verdict.valid, .invalid, .unknown])
  func pageIsWholeAndStartsWithTheVerdict(verdict: Verdict) throws {
    var run = SyntheticRun()
    run.verdict = verdict
    let page = try TemporaryRun(run).page()
    #expect(page.imbalance == [])
    let positions = try [verdict.rawValue.capitalizedFirst, "Claims", "Faults", "name: raft-kv"].map {
      try #require(page.text.lastRangeOfText($0), "\($0)").lowerBound
    }
    #expect(positions == positions.sorted())
    for claim in run.results.claims { #expect(page.text.contains("\(claim.claim) \(Sentences.claim(claim))")) }
    #expect(page.text.contains("--seed 1"))
    #expect(page.text.contains("1,412 packets dropped on 12 links."))
    #expect(page.text.contains("skipped: the kernel forbids it here."))
    #expect(page.text.contains("get: 502 Bad Gateway: 3"))
    #expect(page.contains(id: "counterexample") == (verdict == .invalid))
  }

  @Test(arguments: [false, true])
  func pageSaysWhatWasSeenWhileTheRunWentOn(stops: Bool) throws {
    let run = SyntheticRun(verdict: .invalid, stops: stops)
    let directory = try TemporaryRun(run)
    let page = try directory.page()
    #expect(page.contains(id: "online"))
    for record in try #require(run.results.online) { #expect(page.text.contains(OnlineSentences.watched(record))) }
    #expect(page.elements.contains { $0.attributes.contains("#t=10.22-12.22") }, "a link to the seconds around it")
    #expect(page.text.contains("The run was stopped there, at 12.10 s (--fail-fast).") == stops)
    #expect(page.text.contains("The run was not stopped for it.") == !stops)
    var results = run.results
    results.online = nil
    try JSONEncoder().encode(results).write(to: directory.url.appendingPathComponent(RunFile.results))
    #expect(try !directory.page().contains(id: "online"))
  }

  @Test func headlineSaysWhatIsBroken() throws {
    var run = SyntheticRun()
    run.verdict = .invalid
    #expect(try TemporaryRun(run).page().text.contains("Process 9006 read 4 from n3 after the register had become 5."))
  }

  @Test func unknownSaysWhatIsMissingAndWhatToDo() throws {
    var run = SyntheticRun()
    run.verdict = .unknown
    let text = try TemporaryRun(run).page().text
    #expect(text.contains("Nothing is proved: linearizable: the memory budget of 1 GB ran out."))
    #expect(text.contains("4, at least 10"))
    #expect(text.contains("let the run last longer after the final heal."))
  }

  /// Everything that a script could only show by drawing is in the page as text too.
  @Test func counterexampleIsReadableWithoutScripts() throws {
    var run = SyntheticRun()
    run.verdict = .invalid
    let page = try TemporaryRun(run).page()
    #expect(page.text.contains("Before this, key \"x\" held 3 (known from 812 earlier operations)."))
    #expect(page.text.contains("r → 4 (process 9006 on n3): it read 4, and the state is 5."))
    for sentence in run.counterexample(in: run.history()).explanation { #expect(page.text.contains(sentence)) }
    #expect(page.elements.filter { $0.attributes.contains("class=\"op ") }.count == 6)
    #expect(page.elements.filter { $0.attributes.contains("op optional open") }.count == 1)
    #expect(page.elements.filter { $0.attributes.contains("violation\" data-op=\"5\"") }.count == 1)
  }

  @Test func manyCounterexamplesAreAllDrawnInTheOrderOfTheResults() throws {
    let run = SyntheticRun(verdict: .invalid)
    let directory = try TemporaryRun(run)
    var (results, counterexample) = (run.results, run.counterexample(in: run.history()))
    results.claims[0].counterexamples = ["1.json", "3.json", "2.json"]
    for name in ["2.json", "3.json"] {
      counterexample.summary = "this is \(name)"
      try JSONEncoder().encode(counterexample).write(
        to: directory.url.appendingPathComponent("counterexamples/\(name)"))
    }
    try JSONEncoder().encode(results).write(to: directory.url.appendingPathComponent(RunFile.results))
    let page = try directory.page()
    #expect(page.imbalance == [])
    #expect(page.elements.filter { $0.attributes.contains("class=\"picture\"") }.count == 3)
    let second = try #require(page.text.firstRange(of: "This is 3.json.")).lowerBound
    let third = try #require(page.text.firstRange(of: "This is 2.json.")).lowerBound
    #expect(try #require(page.text.firstRange(of: "2 more counterexamples")).lowerBound < second)
    #expect(second < third)
    #expect(try page.data()["rest"]?.map?["counterexamples"]?.list?.count == 3)
  }

  @Test func nothingIsLoadedFromAnywhere() throws {
    var run = SyntheticRun()
    run.verdict = .invalid
    let page = try TemporaryRun(run).page()
    #expect(page.html.contains("default-src 'none'"))
    #expect(!page.html.contains("http://") && !page.html.contains("https://"))
    for (name, attributes) in page.elements {
      #expect(!attributes.contains(" src="), "\(name)")
      if let link = attributes.firstRange(of: " href=\"") {
        let target = attributes[link.upperBound...]
        #expect(target.hasPrefix("#") || target.hasPrefix("data:"), "\(attributes)")
      }
    }
  }

  /// A page is made of what a system answered: nothing of it may become markup or script.
  @Test func hostileNamesAreShownAsText() throws {
    var run = SyntheticRun(operations: 200)
    run.verdict = .invalid
    run.hostile = "</script><script>alert(1)</script><img src=x onerror=\"alert(2)\">'&\u{1B}[31m\u{202E}"
    let page = try TemporaryRun(run).page()
    let plain = try TemporaryRun(SyntheticRun(operations: 200, verdict: .invalid)).page()
    #expect(page.imbalance == [])
    func count(_ page: ParsedPage, _ name: String) -> Int { page.elements.filter { $0.name == name }.count }
    #expect(count(page, "script") == count(plain, "script"))
    #expect(count(page, "img") == 0)
    #expect(!page.elements.contains { $0.attributes.contains(" onerror=\"") })
    #expect(page.text.contains("linearizable</script><script>alert(1)</script><img src=x onerror=\"alert(2)\">'&"))
    #expect(page.text.contains("\\u{1b}[31m\\u{202e}"))
    #expect(!page.html.unicodeScalars.contains { $0.value == 0x1B || $0.value == 0x202E })
    let functions = try page.texts("functions")
    #expect(functions.contains { $0.hasPrefix("read</script><script>alert(1)") })
  }

  @Test func aMegabyteInOneValueDoesNotMakeTheLargePage() throws {
    let directory = try TemporaryRun(SyntheticRun(operations: 50))
    let long = String(repeating: "x", count: 1 << 20)
    let lines = """
      {"index":0,"time":1,"process":0,"type":"invoke","f":"read","value":null}
      {"index":1,"time":2000,"process":0,"type":"ok","f":"read","value":"\(long)"}

      """
    try directory.write(lines, to: RunFile.history)
    let page = try directory.page()
    #expect(page.html.utf8.count < 150_000)
    let values = try page.texts("values")
    #expect(values.count == 1)
    #expect(values[0].hasSuffix("… (1,048,578 bytes)"))
  }

  @Test func twentyThousandOperationsStaySmall() throws {
    let run = SyntheticRun(operations: 20_000, seconds: 30)
    let directory = try TemporaryRun(run)
    let bytes = try HTMLReport.render(runDirectory: directory.url.path).count
    #expect(bytes < 600_000, "\(bytes) bytes")
  }

  @Test func samePageEveryTime() throws {
    let directory = try TemporaryRun(SyntheticRun(verdict: .invalid))
    let first = try HTMLReport.render(runDirectory: directory.url.path)
    #expect(try HTMLReport.render(runDirectory: directory.url.path) == first)
    let path = try HTMLReport.write(runDirectory: directory.url.path)
    #expect(try [UInt8](Data(contentsOf: URL(fileURLWithPath: path))) == first)
    #expect(path == directory.url.path + "/report.html")
  }

  /// The scripts and the page are separate files: each element that a script asks for by id must be there.
  @Test func scriptsFindTheirElements() throws {
    let page = try TemporaryRun(SyntheticRun(verdict: .invalid)).page()
    let script = Assets.scripts.map { String(decoding: $0, as: UTF8.self) }
    #expect(script.allSatisfy { $0.count > 1_000 })
    #expect(Assets.style.count > 1_000)
    let ids = script.joined().split(separator: "one(\"#").dropFirst().map { $0.prefix { $0.isLetter || $0 == "-" } }
    #expect(Set(ids).count >= 12)
    for id in Set(ids) { #expect(page.contains(id: String(id)), "#\(id)") }
  }
}

extension String {
  func lastRangeOfText(_ text: String) -> Range<String.Index>? { ranges(of: text).last }
}
