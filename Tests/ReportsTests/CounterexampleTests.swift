import Histories
import Testing

@testable import Reports

@Suite struct CounterexampleLayoutTests {
  private let counterexample = SyntheticRun(verdict: .invalid).counterexample(
    in: SyntheticRun(verdict: .invalid).history())

  private func layout(_ counterexample: Counterexample, width: Int = 0) -> CounterexampleLayout {
    CounterexampleLayout(
      counterexample,
      measure: .init(gapMin: 16, gapPerDecade: 9, labelPadding: 34, characterWidth: 8, widthMin: width),
      label: CounterexampleWords.label)
  }

  @Test func lanesHoldOneOperationAtATime() {
    let layout = layout(counterexample)
    #expect(layout.lanes.map(\.process) == ["9003", "9007", "9005", "9001", "9006"])
    for left in counterexample.operations.indices {
      for right in counterexample.operations.indices where left < right && layout.lane[left] == layout.lane[right] {
        #expect(layout.right(left) <= layout.left(right))
      }
    }
  }

  @Test func positionsKeepTheOrderOfTheHistory() {
    let layout = layout(counterexample)
    #expect(layout.offsets == layout.offsets.sorted())
    #expect(layout.moments.map(\.index) == layout.moments.map(\.index).sorted())
    for (index, operation) in counterexample.operations.enumerated() {
      let room = layout.right(index) - layout.left(index)
      #expect(room >= CounterexampleWords.label(operation).count * 8 + 34, "\(operation.label)")
    }
    #expect(layout.right(1) == layout.width, "what never returned reaches the open end")
  }

  @Test func idleTimeIsCompressed() throws {
    let layout = layout(counterexample)
    let idle = layout.left(2) - layout.right(0)
    let short = layout.right(2) - layout.left(2)
    #expect(idle < 2 * short, "208 ms take less than twice the room of 2 ms")
  }

  @Test func narrowPicturesAreStretched() {
    #expect((880...920).contains(layout(counterexample, width: 920).width))
  }

  @Test func pointsLieInsideTheirOperationsAndAscend() {
    let layout = layout(counterexample)
    for path in counterexample.paths {
      let points = layout.points(of: path, apart: 22)
      #expect(zip(points, points.dropFirst()).allSatisfy { $0 < $1 })
      for (step, point) in zip(path.steps, points) {
        #expect((layout.left(step.operation)...layout.right(step.operation)).contains(point))
      }
    }
  }

  /// Widened intervals can overlap within one process: each then has a row.
  @Test func overlapsWithinAProcessGetRowsOfTheirOwn() {
    var overlapping = counterexample
    overlapping.operations[0].completion = overlapping.operations[4].completion.map { $0 + 1_000 }
    #expect(layout(overlapping).lanes.filter { $0.process == "9003" }.count == 2)
  }
}

@Suite struct CounterexampleTextTests {
  private let counterexample = SyntheticRun(verdict: .invalid).counterexample(
    in: SyntheticRun(verdict: .invalid).history())

  private func draw(_ counterexample: Counterexample, width: Int, color: Bool = false) -> [String] {
    CounterexampleText.draw(counterexample, style: TerminalStyle(isTerminal: true, color: color, width: width))
      .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  @Test func drawsIntervalsAndTheExplanation() throws {
    let lines = draw(counterexample, width: 100)
    let first = try #require(lines.first { $0.hasPrefix("process 9003 on n4") })
    #expect(first.contains("w 4") && first.contains("r → 5"))
    #expect(try #require(lines.first { $0.hasPrefix("process 9007") }).contains(".w 9."))
    #expect(try #require(lines.first { $0.hasPrefix("process 9007") }).hasSuffix(">"))
    #expect(try #require(lines.first { $0.hasPrefix("process 9006") }).contains("=r → 4="))
    let text = lines.joined(separator: " ")
    #expect(text.contains("[3] → w 4 [4] → r → 4 [4] → cas 4→5 [5]"))
    #expect(text.contains("cannot come next: it read 4, and the state is 5."))
    #expect(text.contains("- Process 9003 saw 5, so the change had taken effect."))
  }

  /// What ends before another begins is drawn so; what overlaps overlaps.
  @Test func columnsTellRealTimeOrder() throws {
    let lines = draw(counterexample, width: 160)
    func columns(_ process: String, _ text: String) throws -> ClosedRange<Int> {
      let line = Array(try #require(lines.first { $0.hasPrefix("process \(process)") }))
      let found = try #require(String(line).firstRange(of: text))
      let middle = String(line).distance(from: String(line).startIndex, to: found.lowerBound)
      let left = try #require(line[..<middle].lastIndex(of: "|"))
      let right = try #require(line[middle...].firstIndex(of: "|"))
      return left...right
    }
    #expect(try columns("9003", "w 4").upperBound < columns("9005", "r → 4").lowerBound)
    #expect(try columns("9005", "r → 4").overlaps(columns("9001", "cas")))
    #expect(try columns("9003", "r → 5").upperBound < columns("9006", "r → 4").lowerBound)
  }

  @Test(arguments: [40, 60, 80, 120, 200])
  func staysWithinTheWidth(width: Int) {
    for line in draw(counterexample, width: width) { #expect(TerminalText.width(line) <= width, "\(line)") }
  }

  @Test func narrowTerminalsGetStripes() {
    #expect(draw(counterexample, width: 50).filter { $0.hasPrefix("process 9003") }.count > 1)
  }

  @Test func coloursOnlyTheViolation() {
    let lines = draw(counterexample, width: 100, color: true).filter { $0.contains("\u{1B}") }
    #expect(lines.count == 1)
    #expect(lines.first?.hasPrefix("process 9006") == true)
  }

  @Test func hostileTextMovesNoCursor() {
    var run = SyntheticRun(verdict: .invalid)
    run.hostile = "\u{1B}[2J\r\n\u{7}\u{202E}"
    let lines = draw(run.counterexample(in: run.history()), width: 80)
    for scalar in lines.joined().unicodeScalars { #expect(scalar.value >= 0x20 && scalar.value != 0x202E) }
  }

  @Test func whatCannotBeDrawnIsSaid() {
    var broken = counterexample
    broken.violation = 40
    #expect(
      draw(broken, width: 80)[0] == "The counterexample cannot be drawn: it names operations that it does not hold.")
  }
}

/// What a terminal shows of a counterexample.
@Suite struct CounterexampleWordingTests {
  /// Operations one after the other, each on a lane of its own.
  private func counterexample(operations count: Int, label: (Int) -> String) -> Counterexample {
    let operations = (0..<count).map { number in
      Counterexample.Operation(
        index: 2 * number, completion: 2 * number + 1, process: "\(number)", node: nil, f: "write",
        input: .int(Int64(number)), output: .null, type: "ok", role: .required, invokeTime: 0, completeTime: 0,
        label: label(number))
    }
    return Counterexample(
      claim: "linearizable", anomaly: "phantom", key: nil, summary: "S", explanation: [], initialStates: [[]],
      earlierOperations: 0, operations: operations, violation: count - 1,
      paths: [
        .init(initial: [], steps: [], stuck: [.init(operation: count - 1, reason: "needs 1")]),
        .init(initial: [1], steps: [], stuck: [.init(operation: count - 1, reason: "needs 1")]),
      ], leftOut: 2, stateTexts: ["[]": "nothing"])
  }

  /// A label is never cut where a stripe ends, nor is a short bar.
  @Test(arguments: [40, 60, 80]) func stripesEndBetweenBars(width: Int) {
    let text = CounterexampleText.draw(
      counterexample(operations: 8) { "enqueue \($0)" },
      style: TerminalStyle(isTerminal: false, color: false, width: width))
    for number in 0..<8 { #expect(text.contains("enqueue \(number)"), "\(text)") }
    let drawn = text.split(separator: "\n").filter { $0.hasPrefix("process") && $0.contains("enqueue") }
    #expect(drawn.count == 8)
    for line in drawn { #expect(line.hasSuffix("|") && line.count <= width, "\(line)") }
  }

  @Test func reasonsAreGivenOnceAndStatesHaveWords() {
    let text = CounterexampleText.draw(
      counterexample(operations: 2) { "w \($0)" }, style: TerminalStyle(isTerminal: false, color: false, width: 200))
    #expect(text.ranges(of: "needs 1").count == 1, "\(text)")
    #expect(text.contains("The state without them, before this: nothing."))
    #expect(text.contains("Left out: 2 updates that cannot help"))
  }

  /// An event is an index; a person looks for a line.
  @Test func theLineOfTheViolationIsTold() {
    let result = CheckResult(
      verdict: .invalid, algorithm: "a", findings: [], counterexamples: [counterexample(operations: 2) { "w \($0)" }])
    let text = HistoryCheckText.text(
      name: "h.jsonl", result: result, facts: [], style: TerminalStyle(isTerminal: false, color: false, width: 80),
      place: { "h.jsonl:\($0 + 1)" })
    #expect(text.contains("Event 3, which proves it, is at h.jsonl:4."))
  }
}
