import Checkers
import Histories
import Testing

@testable import Runs

/// The claim `no-panic`.
@Suite struct NoPanicTests {
  private func check(
    _ patterns: [String], _ logs: [(String, String)], ends: [NoPanic.UnexpectedEnd] = []
  ) throws -> CheckResult {
    try check(patterns, bytes: logs.map { ($0.0, Array($0.1.utf8)) }, ends: ends)
  }

  private func check(
    _ patterns: [String], bytes: [(String, [UInt8])], ends: [NoPanic.UnexpectedEnd] = []
  ) throws -> CheckResult {
    try NoPanic(patterns: patterns).check(logs: bytes.map { (node: $0.0, bytes: $0.1) }, unexpectedEnds: ends)
  }

  @Test func `quiet logs are valid`() throws {
    let result = try check(["^panic: ", #"fatal \d+"#], [("n1", "no panic: here\nfatal x\n"), ("n2", "")])
    #expect(result.verdict == .valid && result.findings.isEmpty)
  }

  @Test func `without patterns only the ends of processes count`() throws {
    #expect(try check([], [("n1", "panic: all is lost\n")]).verdict == .valid)
  }

  @Test func `every node's panics are found, literal or regular expression`() throws {
    let result = try check(
      ["^panic: ", #"fatal \d+"#],
      [("n1", "start\npanic: one\nrest"), ("n2", "ok\n"), ("n3", "\n\nit was fatal 42 times")])
    #expect(result.verdict == .invalid)
    #expect(result.findings.map(\.summary) == ["n1 logged: panic: one", "n3 logged: it was fatal 42 times"])
    #expect(result.findings.allSatisfy { $0.anomaly == "panic" && $0.fingerprint == "panic" })
  }

  @Test func `a line that meets two patterns is one finding`() throws {
    #expect(try check(["panic", "lost"], [("n1", "panic: lost\n")]).findings.count == 1)
  }

  @Test func `only the first lines of each node are told`() throws {
    let log = (1...9).map { "panic \($0)\n" }.joined()
    let result = try check(["panic"], [("n1", log), ("n2", log)])
    let numbers = (1...NoPanic.linesMax).map { "panic \($0)" }
    #expect(result.findings.map(\.summary) == numbers.map { "n1 logged: \($0)" } + numbers.map { "n2 logged: \($0)" })
  }

  @Test func `a long line is told by its beginning`() throws {
    let result = try check(["end$"], [("n1", String(repeating: "ä", count: 5000) + "end")])
    let told = String(repeating: "ä", count: NoPanic.lineCharactersMax)
    #expect(result.findings.map(\.summary) == ["n1 logged: " + told])
  }

  @Test(arguments: ["panic", "pan.c"])
  func `bytes that are no UTF-8 hide nothing`(pattern: String) throws {
    let line: [UInt8] = [0xFF, 0x00, 0xC3] + Array("panic".utf8) + [0x80]
    let result = try check([pattern], bytes: [("n1", [0xFE, 0x0A] + line + [0x0A, 0xC3])])
    #expect(result.findings.map(\.summary) == ["n1 logged: " + String(decoding: line, as: UTF8.self)])
  }

  @Test func `a process that ended by itself is a finding, without any pattern`() throws {
    let ends = [
      NoPanic.UnexpectedEnd(node: "n2", how: "signal 6", time: 1_234_567_890),
      NoPanic.UnexpectedEnd(node: "n1", how: "exit code 1", time: 2_000_000_000),
    ]
    let result = try check(["panic"], [("n1", "panic: x")], ends: ends)
    #expect(result.verdict == .invalid)
    #expect(
      result.findings.map(\.summary) == [
        "n2 ended by itself (signal 6) at 1.235 s; see its log",
        "n1 ended by itself (exit code 1) at 2.000 s; see its log", "n1 logged: panic: x",
      ])
    #expect(
      result.findings.map(\.fingerprint) == ["unexpected-exit signal 6", "unexpected-exit exit code 1", "panic"])
    #expect(try check([], [], ends: ends).verdict == .invalid)
  }

  @Test func `a pattern that does not compile is refused`() {
    #expect(throws: (any Error).self) { try NoPanic(patterns: ["("]) }
  }
}

/// The claim `recovers`.
@Suite struct RecoversTests {
  private let good = Recovers.Observation(
    unhealthy: [], okAfterHeal: 10, okWanted: 10, seconds: 1.5, deadlineSeconds: 8)

  @Test func `healthy and enough progress is valid`() {
    let result = Recovers.check(good)
    #expect(good.recovered && result.verdict == .valid && result.findings.isEmpty)
  }

  @Test func `a run without a final heal says nothing`() {
    let result = Recovers.check(nil)
    #expect(result.verdict == .unknown && result.findings.isEmpty && result.reason != nil)
  }

  @Test func `a node that stays unhealthy is named with its answer`() {
    var seen = good
    seen.unhealthy = ["n2 (answered 503)", "n5 (no answer: timeout)"]
    let result = Recovers.check(seen)
    #expect(!seen.recovered && result.verdict == .invalid)
    #expect(result.findings.map(\.anomaly) == ["unhealthy"])
    #expect(
      result.findings.map(\.summary) == [
        "not healthy within 8.0 s of the final heal: n2 (answered 503); n5 (no answer: timeout)"
      ])
  }

  @Test func `one operation too few is no progress`() {
    var seen = good
    seen.okAfterHeal = 9
    let result = Recovers.check(seen)
    #expect(!seen.recovered && result.verdict == .invalid)
    #expect(result.findings.map(\.anomaly) == ["no-progress"])
    #expect(result.findings.map(\.summary) == ["only 9 of 10 operations were ok within 8.0 s of the final heal"])
  }

  @Test(arguments: [(4, 4, Verdict.unknown), (5, 3, .unknown), (4, 2, .invalid), (10, 9, .invalid)])
  func `too few operations to tell is unknown only while most are ok`(ended: Int, ok: Int, verdict: Verdict) {
    var seen = good
    (seen.endedAfterHeal, seen.okAfterHeal) = (ended, ok)
    #expect(Recovers.check(seen).verdict == verdict)
    seen.unhealthy = ["n1 (answered 500)"]
    #expect(Recovers.check(seen).verdict == .invalid)
  }

  @Test func `a system that never did anything is unknown, not broken`() {
    let seen = Recovers.Observation(
      unhealthy: [], okBeforeHeal: 0, okAfterHeal: 0, endedAfterHeal: 500, okWanted: 10, seconds: 8, deadlineSeconds: 8)
    #expect(Recovers.check(seen).verdict == .unknown)
    var broken = seen
    broken.okBeforeHeal = 1
    #expect(Recovers.check(broken).verdict == .invalid)
  }

  @Test func `both are told`() {
    var seen = good
    (seen.unhealthy, seen.okAfterHeal) = (["n1 (answered 500)"], 0)
    #expect(Recovers.check(seen).findings.map(\.fingerprint) == ["unhealthy", "no-progress"])
  }
}
