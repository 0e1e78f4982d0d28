import Generators
import Histories
import Testing

@testable import Checkers

/// Reduced counterexamples: small, and never innocent.
@Suite struct ReductionTests {
  /// Long histories with a few stale answers near the end: at most 20 operations are shown, however few values there
  /// are to tell operations apart by.
  @Test(arguments: [(2, 3), (3, 5), (5, 10), (nil, 10)]) func longHistoriesAreReducedToAHandful(
    values: Int?, processes: Int
  ) throws {
    var maker = RandomHistory(RandomStreams(seed: 9).stream("long \(values ?? 0)"))
    var sizes: [Int] = []
    for attempt in 0..<6 {
      let crashed = (values ?? 5) < 5 ? 0 : attempt % 2
      let shape = RandomHistory.Shape(processes: processes, operations: 1_000, values: values, crashedPercent: crashed)
      var events = maker.simulated(shape)
      for place in events.indices.suffix(events.count / 10)
      where events[place].type == .ok && events[place].function == "read" && maker.random.below(4) == 0 {
        let writes = events[..<place].suffix(200).filter { $0.type == .ok && $0.function == "write" }
        events[place].value = try #require(writes.isEmpty ? nil : writes[maker.random.below(writes.count)]).value
      }
      let history = History(events)
      let decision = try #require(try LinearizabilityChecker.decide(history, model: CASRegister(), threads: 1).first)
      guard decision.verdict == .invalid else { continue }
      let counterexample = try #require(decision.counterexample)
      sizes.append(counterexample.operations.count)
      #expect(counterexample.operations.count <= 20)
      #expect(Judge.counterexampleProblem(counterexample, history) == nil)
      #expect(counterexample.earlierOperations > 100)
      #expect(!counterexample.paths.isEmpty)
    }
    print("reduced, \(values ?? 0) values, \(processes) processes: \(sizes) operations shown")
    #expect(sizes.count >= 3, "too few attempts were invalid to say anything")
  }

  /// Two values and a few crashed writes: the histories in which crashed writes are used up before anything is wrong.
  @Test(arguments: 0..<4) func exhaustedCrashedWritesAreReduced(seed: Int) throws {
    var maker = RandomHistory(RandomStreams(seed: UInt64(seed)).stream("exhausted"))
    var (invalid, largest) = (0, 0)
    for number in 0..<150 {
      let shape = RandomHistory.Shape(
        processes: 3, operations: 200, values: 2, crashedPercent: 1 + number % 4,
        functions: number % 2 == 0 ? ["read", "write"] : ["read", "write", "cas"])
      var events = maker.simulated(shape)
      for place in events.indices
      where events[place].type == .ok && events[place].function == "read" && maker.random.below(8) == 0 {
        events[place].value = .int(Int64(maker.random.below(2)))
      }
      let decision = try #require(
        try LinearizabilityChecker.decide(History(events), model: CASRegister(), threads: 1).first)
      guard let counterexample = decision.counterexample else { continue }
      invalid += 1
      largest = max(largest, counterexample.operations.count)
      #expect(counterexample.operations.count <= 20, "seed \(seed), history \(number)")
      #expect(!counterexample.paths.isEmpty)
      #expect(Judge.counterexampleProblem(counterexample, History(events)) == nil, "seed \(seed), history \(number)")
    }
    print("exhausted, seed \(seed): \(invalid) invalid, at most \(largest) shown")
    #expect(invalid > 50)
  }

  /// What is too large to draw is cut, says so, and keeps its violation and paths that only name what is drawn.
  @Test func largeCounterexamplesAreCapped() throws {
    let operations = (0..<500).map { index in
      Counterexample.Operation(
        index: 2 * index, completion: 2 * index + 1, process: "0", node: nil, f: "write", input: .int(Int64(index)),
        output: .null, type: "ok", role: index % 5 == 0 ? .optional : .required, invokeTime: 0, completeTime: 0,
        label: "w \(index)")
    }
    let path = Counterexample.Path(
      initial: .null, steps: (290..<310).map { .init(operation: $0, state: .int(Int64($0))) },
      stuck: [.init(operation: 2, reason: "hidden"), .init(operation: 499, reason: "shown")])
    let part = ShownPart(
      Counterexample(
        claim: "linearizable", anomaly: "nonlinearizable", key: nil, summary: "S", explanation: ["First.", "Last."],
        initialStates: [.null], earlierOperations: 0, operations: operations, violation: 499, paths: [path])
    ).result
    #expect(part.operations.map(\.index) == (300..<500).map { 2 * $0 })
    #expect(part.operations[part.violation].index == 998)
    #expect(part.paths.first?.initial == 299)
    #expect(part.paths.first?.steps.map(\.operation) == Array(0..<10))
    #expect(part.paths.first?.stuck.map(\.reason) == ["shown"])
    #expect(part.initialStates == [.null, 299])
    #expect(
      part.explanation[1]
        == "300 more operations belong to the proof and are not drawn: 60 that may have happened, and 240 that came"
        + " before those drawn and are only their context.")
  }

  /// Valid stays valid: a linearizable history, cut anywhere at the states that the search knows, is still
  /// linearizable.
  ///
  /// A read of a value from nowhere at the end makes the search exhaust its memo; it is left out of what is judged.
  @Test func prefixCutsKeepValidHistoriesValid() throws {
    var maker = RandomHistory(RandomStreams(seed: 4).stream("prefix cuts"))
    var cuts = 0
    for number in 0..<1_500 {
      let shape = maker.shape()
      let events = maker.simulated(shape)
      let wild = [EventType.invoke, .ok].map {
        Event(index: 0, time: 0, process: ProcessID(9999), type: $0, function: "read", value: -5)
      }
      let operations = try Operations(History(events + wild))
      let object = try Lowering.object(0..<UInt32(operations.count), of: operations, model: CASRegister())
      let search = Search(object.problem, object.automaton, SearchLimits(bytesMax: 1 << 28))
      guard case .stuck = search.run() else {
        Issue.record("a read from nowhere was accepted")
        return
      }
      let violation = search.schedule.returns[search.deepest]
      let states = ReachableStates(search: search, members: nil)
      let p = maker.random.below(search.deepest + 1)
      let cut = Evidence(object.problem, violation: violation).cuttingPrefix(at: p, states, object.automaton)
        .hidingIrrelevant(object.automaton).dropping([violation])
      #expect(isLinearizable(cut, object, operations), "history \(number), cut \(p)\n\(text(History(events)))")
      cuts += p > 0 ? 1 : 0
    }
    #expect(cuts > 800)
  }

  private func isLinearizable(_ evidence: Evidence, _ object: LoweredObject, _ operations: Operations) -> Bool {
    let oracle = CounterexampleOracle(
      evidence.members.map { member in
        let recorded = operations[Int(object.positions[Int(member.id)])]
        return OracleOperation(
          f: recorded.function, input: recorded.input, output: recorded.output, invocation: recorded.invocation,
          completion: member.operation.completion == .max ? nil : Int(member.operation.completion),
          isRequired: member.operation.isRequired)
      })
    return evidence.initialStates.contains { oracle.isLinearizable(from: object.automaton.value(of: $0)) }
  }

  /// The verifier finds what is wrong with orders that are no witness.
  @Test func witnessVerifierRejects() throws {
    let lines: [RegisterCaseTests.Line] = [
      (0, .invoke, "write", 1), (0, .ok, "write", 1), (1, .invoke, "write", 2), (1, .ok, "write", 2),
      (2, .invoke, "read", .null), (2, .ok, "read", 2),
    ]
    let operations = try Operations(RegisterCaseTests.history(lines))
    let object = try Lowering.object(0..<3, of: operations, model: CASRegister())
    func flaw(_ order: [UInt32]) -> String? { WitnessVerifier.flaw(of: order, in: object.problem, object.automaton) }
    #expect(flaw([0, 1, 2]) == nil)
    #expect(flaw([1, 0, 2]) == "no initial state allows the order")
    #expect(flaw([1, 2, 0]) == "operation 0 comes after one that it preceded")
    #expect(flaw([1, 2]) == "operation 0 never happens")
    #expect(flaw([0, 1, 1, 2]) == "operation 1 happens twice")
  }
}
