@testable import Checkers
import Generators
import Histories
import Testing

/// Histories that saturation does not decide: both orders of a pair of updates have to be tried.
@Suite struct UpdateOrderTests {
  typealias Call = SequentialCaseTests.Call

  static let histories = Soak.histories(slice: 150, whole: 5_000)

  /// x = `first` before x = `second` contradicts itself, but only in two steps: then the read of `first` comes before
  /// the write of `second`, hence y = 1 before y = 2, hence the read of y = 1 before the write of y = 2; which comes
  /// before the read of `first`. Nothing of that follows without the assumption.
  private static func gadget(_ base: Int32, _ first: Value, _ second: Value, _ key: String) -> [Call] {
    [
      (base, "write", "y\(key)", 1), (base, "read", "z\(key)", 1), (base, "read", "x", first),
      (base + 1, "write", "y\(key)", 2), (base + 1, "write", "z\(key)", 1),
      (base + 2, "read", "x", second), (base + 2, "read", "y\(key)", 2),
    ]
  }

  private static let first: [Call] = gadget(10, 1, 2, "a") + [(0, "write", "x", 2), (0, "read", "ya", 1)]
  private static let second: [Call] = gadget(20, 2, 1, "b") + [(1, "write", "x", 1), (1, "read", "yb", 1)]

  private static func decide(_ calls: [Call]) throws -> SequentialDecision {
    var tuning = SequentialTuning()
    (tuning.usesLinearizations, tuning.usesPositions) = (false, false)
    return try SequentialConsistencyChecker.decide(
      SequentialCaseTests.history(calls), model: CASRegister(), budget: CheckBudget(), threads: 1, cancellation: nil,
      tuning: tuning)
  }

  @Test func bothOrdersContradictThemselves() throws {
    let one = Self.first + [(1, "write", "x", 1)]
    #expect(try Self.decide(one).verdict == .valid)
    let both = Self.first + Self.second
    #expect(!SequentialTwin.isConsistent(SequentialTwinOperation.all(in: SequentialCaseTests.history(both))))
    let decision = try Self.decide(both)
    #expect(decision.verdict == .invalid)
    #expect(decision.way == .updateOrders)
    #expect(decision.finding?.anomaly == "nonsequential")
    #expect(decision.counterexample?.operations.count == both.count)
  }

  /// The same with operations left out, answers changed and processes shuffled, against the twin.
  @Test func around() throws {
    var random = RandomStreams(seed: 3).stream("update orders")
    var counts: [String: Int] = [:]
    for number in 0..<Self.histories {
      var calls = Self.first + Self.second
      for _ in 0..<random.below(3) { calls.remove(at: random.below(calls.count)) }
      if random.below(3) == 0 {
        let place = random.below(calls.count)
        if calls[place].f == "read" { calls[place].value = .int(Int64(1 + random.below(2))) }
      }
      Self.interleave(&calls, &random)
      let decision = try Self.decide(calls)
      let operations = SequentialTwinOperation.all(in: SequentialCaseTests.history(calls))
      #expect(decision.verdict == (SequentialTwin.isConsistent(operations) ? .valid : .invalid), "\(number): \(calls)")
      if let counterexample = decision.counterexample {
        let problem = SequentialJudge.problem(with: counterexample, operations)
        #expect(problem == nil, "\(number): \(calls)")
      } else {
        let problem = SequentialJudge.problem(withOrder: decision.order, operations)
        #expect(problem == nil, "\(number): \(calls)")
      }
      counts["\(decision.way?.rawValue ?? "undecided"), \(decision.verdict)", default: 0] += 1
    }
    for (way, count) in counts.sorted(by: { $0.key < $1.key }) { print("update orders: \(way): \(count)") }
    #expect(counts["\(SequentialDecider.Way.updateOrders.rawValue), invalid", default: 0] > 30)
    #expect(counts["\(SequentialDecider.Way.updateOrders.rawValue), valid", default: 0] > 10)
  }

  /// Another order of the calls that keeps that of each process.
  private static func interleave(_ calls: inout [Call], _ random: inout RandomStream) {
    var queues = Dictionary(grouping: calls, by: \.process).sorted { $0.key < $1.key }.map(\.value)
    calls = []
    while !queues.isEmpty {
      let place = random.below(queues.count)
      calls.append(queues[place].removeFirst())
      if queues[place].isEmpty { queues.remove(at: place) }
    }
  }

  /// What is assumed and withdrawn leaves no trace.
  @Test func withdrawnAssumptionsLeaveNoTrace() throws {
    let operations = try Operations(SequentialCaseTests.history(Self.first + [(1, "write", "x", 1)]))
    let (compiled, positions) = try SequentialLowering.compile(operations, CASRegister())
    let problem = SequentialProblem(compiled, positions, operations)
    let graph = ConstraintGraph(problem, source: ReadsFrom(problem).sourcesAmongCertain)
    #expect(graph.saturate() == nil)
    let clocks = Self.clocks(graph)
    let updates = problem.operations.indices.map { UInt32($0) }.filter { problem.effect($0).isUpdate }
    var conflicts = 0
    for first in updates {
      for second in updates where first != second {
        let mark = graph.mark()
        graph.add(first, second, .assumed)
        if graph.saturate() != nil { conflicts += 1 }
        graph.undo(to: mark)
        #expect(Self.clocks(graph) == clocks)
        #expect(graph.saturate() == nil)
      }
    }
    #expect(conflicts > 0)
  }

  private static func clocks(_ graph: ConstraintGraph) -> [UInt32] {
    graph.problem.operations.indices.flatMap { id in
      (0..<UInt32(graph.chainCount)).map { graph.clock(UInt32(id), $0) }
    }
  }
}
