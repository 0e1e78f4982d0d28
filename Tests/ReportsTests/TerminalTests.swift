import Histories
import RunStore
import Testing

@testable import Reports

@Suite struct ProgressLineTests {
  private let state = ProgressState(
    elapsedSeconds: 12.34, totalSeconds: 20, ok: 4_812, fail: 31, info: 9, rate: 612.4,
    faults: ["partition n1 n2 | n3 n4 n5"])

  private func style(_ width: Int, color: Bool = false) -> TerminalStyle {
    TerminalStyle(isTerminal: true, color: color, width: width)
  }

  @Test func tellsEverything() {
    let line = "[12.3s/20s] 4,812 ok 31 fail 9 info  612 op/s  faults: partition n1 n2 | n3 n4 n5"
    #expect(ProgressLine.text(state, style: .plain) == line)
    #expect(ProgressLine.text(state, style: style(120)) == line)
  }

  @Test func namesAnotherPhase() {
    var state = state
    (state.phase, state.faults) = ("recovery", [])
    #expect(ProgressLine.text(state, style: .plain) == "[12.3s/20s] recovery 4,812 ok 31 fail 9 info  612 op/s")
  }

  @Test func fitsEveryWidth() {
    var lengths: [Int] = []
    for width in 20...120 {
      let line = ProgressLine.text(state, style: style(width))
      #expect(line.hasPrefix("[12.3s/20s]"))
      #expect(TerminalText.width(line) < width)
      lengths.append(line.count)
    }
    #expect(lengths == lengths.sorted(), "more room never shows less")
    #expect(ProgressLine.text(state, style: style(70)).hasSuffix("…"))
  }

  @Test func wideAndHostileNamesDoNotBreakTheLine() {
    var state = state
    state.faults = ["パーティション \u{1B}[2J\n n1"]
    for width in 20...120 {
      let line = ProgressLine.text(state, style: style(width))
      #expect(TerminalText.width(line) < width)
      #expect(!line.contains("\u{1B}") && !line.contains("\n"))
    }
  }

  @Test func coloursAddNothingToTheText() {
    let painted = ProgressLine.text(state, style: style(120, color: true))
    #expect(painted.contains("\u{1B}[32m4,812 ok\u{1B}[0m"))
    let pieces = painted.split(separator: "\u{1B}[").map { piece in
      piece.firstIndex(of: "m").map { piece[piece.index(after: $0)...] } ?? piece
    }
    #expect(pieces.joined() == ProgressLine.text(state, style: style(120)))
  }

  @Test func noColorIsObeyed() {
    #expect(TerminalStyle.allowsColor(["TERM": "xterm", "NO_COLOR": ""]))
    #expect(!TerminalStyle.allowsColor(["TERM": "xterm", "NO_COLOR": "1"]))
    #expect(!TerminalStyle.allowsColor(["TERM": "dumb"]))
    #expect(!TerminalStyle.detect(descriptor: -1, environment: [:]).isTerminal)
    #expect(TerminalStyle.detect(descriptor: -1, environment: [:]).width == 80)
  }

  @Test func terminalsAreRewrittenTenTimesASecond() {
    var writer = ProgressWriter(style: style(120))
    #expect(writer.update(state, now: 0)?.hasPrefix("\r[12.3s") == true)
    #expect(writer.update(state, now: 99_000_000) == nil)
    #expect(writer.update(state, now: 100_000_000)?.hasSuffix("\u{1B}[K") == true)
    #expect(writer.clear() == "\r\u{1B}[K")
    #expect(writer.clear() == "")
  }

  @Test func logsGetALineEachTenSeconds() {
    var writer = ProgressWriter(style: .plain)
    let lines = (0...300).compactMap { writer.update(state, now: Int64($0) * 100_000_000) }
    #expect(lines.count == 3)
    #expect(lines.allSatisfy { $0.hasSuffix("n5\n") && !$0.contains("\r") })
    #expect(writer.clear() == "")
  }
}

@Suite struct VerdictSummaryTests {
  private func lines(_ results: RunResults, width: Int = 80) -> [String] {
    VerdictSummary.text(
      results, report: "store/latest/report.html", style: TerminalStyle(isTerminal: true, color: false, width: width)
    ).split(separator: "\n").map(String.init)
  }

  @Test func endsWithTheCommandThatRepeatsTheRun() {
    let lines = lines(SyntheticRun(verdict: .invalid).results)
    #expect(lines.last == "faultline run raft-kv --workload register --faults partition,kill --time 20s --seed 1")
    #expect(lines.contains("Report: store/latest/report.html"))
    #expect(lines.contains("✕ Invalid (exit 1), seed 1"))
  }

  @Test func saysEveryClaimAndEveryMissedMinimum() {
    let text = lines(SyntheticRun(verdict: .unknown).results, width: 300)
    #expect(text.contains("? linearizable could not be decided: the memory budget of 1 GB ran out."))
    #expect(text.contains("✓ recovers holds."))
    #expect(text.contains("! ok-after-heal: 4 of at least 10. let the run last longer after the final heal."))
    #expect(text.contains("- The clock fault was skipped: this kernel does not allow it."))
    #expect(!text.contains { $0.contains("ok{f=read}") }, "minimums that were reached are not worth a line")
  }

  @Test func saysWhatWasSeenWhileTheRunWentOn() {
    let care = "linearizable was watched while the run went on (431 decisions, no answer waited longer than 1.25 s)"
    #expect(lines(SyntheticRun(verdict: .valid).results, width: 300).contains("- \(care): no violation was seen."))
    let seen = "broken at 11.22 s (key \"x\", event 512), seen 0.80 s after the return that proves it"
    var text = lines(SyntheticRun(verdict: .invalid).results, width: 300)
    #expect(text.contains("- \(care): \(seen)."))
    #expect(text.contains("- The run was not stopped for it."))
    text = lines(SyntheticRun(verdict: .invalid, stops: true).results, width: 300)
    #expect(text.contains("- The run was stopped there, at 12.10 s (--fail-fast)."))
  }

  @Test func runsThatWereNotWatchedSayNothingOfIt() {
    var results = SyntheticRun(verdict: .invalid).results
    for online in [nil, [OnlineRecord]()] {
      results.online = online
      #expect(!lines(results, width: 300).contains { $0.contains("watched") || $0.contains("stopped") })
    }
  }

  @Test func manyViolationsAreCounted() {
    var record = OnlineRecord(
      claim: "c", decisions: 1, seconds: 0, lagSecondsMax: 0, violations: [], problem: "it fell behind")
    let violation = OnlineRecord.Violation(
      key: nil, event: 7, violationTime: 1_000_000_000, detectedAfterSeconds: 0.5, summary: "s")
    record.violations = [violation, violation]
    #expect(OnlineSentences.watched(record).hasPrefix("c was watched in part while the run went on (1 decision, "))
    #expect(
      OnlineSentences.watched(record).hasSuffix(
        "(event 7), seen 0.50 s after the return that proves it; 1 more violation."))
    record.violations = Array(repeating: violation, count: OnlineRecord.violationsMax)
    #expect(OnlineSentences.watched(record).hasSuffix("; at least 19 more violations."))
  }

  @Test(arguments: [40, 80, 120])
  func wrapsButNeverTheCommand(width: Int) {
    for line in lines(SyntheticRun(verdict: .invalid).results, width: width).dropLast() {
      #expect(TerminalText.width(line) <= width)
    }
  }

  @Test func hostileTextMovesNoCursor() {
    let run = SyntheticRun(verdict: .invalid, hostile: "\u{1B}[2J\r\u{9B}")
    let text = VerdictSummary.text(run.results, report: "x\u{7}", style: .plain)
    #expect(text.unicodeScalars.allSatisfy { $0 == "\n" || ($0.value >= 0x20 && !(0x7F..<0xA0).contains($0.value)) })
  }
}

@Suite struct SentencesTests {
  private func claim(
    _ verdict: Verdict, _ outcome: ClaimOutcome.Outcome, reason: String? = nil, findings: Int = 0
  ) -> ClaimOutcome {
    ClaimOutcome(
      claim: "c", checker: "k", algorithm: "a", verdict: verdict, expect: .valid, outcome: outcome, seconds: 1,
      reason: reason,
      findings: (0..<findings).map { Finding(anomaly: "x", summary: "finding \($0)", operations: [], fingerprint: "") },
      counterexamples: [])
  }

  @Test func everyVerdictAndOutcomeHasItsSentence() {
    #expect(Sentences.claim(claim(.valid, .met)) == "holds.")
    #expect(Sentences.claim(claim(.valid, .missed)) == "holds, but the plan expects it to be broken.")
    #expect(Sentences.claim(claim(.invalid, .missed, findings: 1)) == "is broken: finding 0.")
    #expect(Sentences.claim(claim(.invalid, .missed, findings: 3)) == "is broken: finding 0 (2 more findings).")
    #expect(Sentences.claim(claim(.invalid, .met, findings: 1)) == "is broken, as the plan expects: finding 0.")
    #expect(Sentences.claim(claim(.unknown, .undecided, reason: "late")) == "could not be decided: late.")
    #expect(Sentences.claim(claim(.error, .undecided, reason: "gone!")) == "could not be checked: gone!")
  }

  @Test func headlines() {
    var results = SyntheticRun(verdict: .valid).results
    #expect(
      Sentences.headline(results, operations: 1_234) == "All 3 claims held over 1,234 operations, 5 faults injected.")
    results.faults = []
    #expect(Sentences.headline(results, operations: nil) == "All 3 claims held, no fault was injected.")
    results.claims = [claim(.invalid, .met, findings: 1)]
    results.verdict = .invalid
    #expect(Sentences.headline(results, operations: nil) == "What is broken is what the plan expects to be broken.")
    results.claims = [claim(.invalid, .missed, findings: 1), claim(.invalid, .missed), claim(.valid, .met)]
    #expect(Sentences.headline(results, operations: nil) == "Finding 0. 1 more claim broken.")
    results.claims = [claim(.valid, .met)]
    results.verdict = .unknown
    results.minimums = [Minimum(name: "ok{f=read}", wanted: 1, got: 0, hint: "read more")]
    #expect(
      Sentences.headline(results, operations: nil) == "Nothing is proved: ok{f=read}: 0 of at least 1. read more.")
  }

  @Test func numbers() {
    #expect(Numbers.grouped(1_234_567) == "1,234,567")
    #expect(Numbers.grouped(-123) == "-123")
    #expect(Numbers.fixed(0.05, digits: 1) == "0.1")
    #expect(Numbers.fixed(-0.04, digits: 1) == "0.0")
    #expect(Numbers.fixed(1.996, digits: 2) == "2.00")
    #expect(Numbers.fixed(.nan, digits: 2) == "–")
    #expect(Numbers.fixed(1e300, digits: 6) == "–")
    #expect(Numbers.span(nanoseconds: 850_000) == "850 µs")
    #expect(Numbers.span(nanoseconds: 3_420_000) == "3.4 ms")
    #expect(Numbers.span(nanoseconds: 1_254_000_000) == "1.25 s")
    #expect(Numbers.count(1, "fault") == "1 fault")
  }

  @Test func visibleText() {
    #expect(VisibleText.clean("a\nb\tc") == "a\\u{a}b\\u{9}c")
    #expect(VisibleText.clean("a\nb", keepingLines: true) == "a\nb")
    #expect(VisibleText.clean("äöü", bytesMax: 5) == "äö… (6 bytes)")
    #expect(VisibleText.short("abcdef", characters: 4) == "abc…")
  }
}
