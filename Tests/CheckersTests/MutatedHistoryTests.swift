import Checkers
import Generators
import Histories
import Testing

/// Valid histories as `faultline generate` makes them, with one thing changed, against the twins.
@Suite struct MutatedHistoryTests {
  @Test(arguments: SyntheticOptions.Model.allCases) func oneThingChanged(model: SyntheticOptions.Model) throws {
    var random = RandomStreams(seed: 1).stream("mutated \(model)")
    let count = Soak.histories(slice: 300, whole: 10_000)
    var invalid = 0
    for number in 0..<count {
      let options = SyntheticOptions(
        model: model, operations: 6 + random.below(5), clients: 2 + random.below(2),
        values: random.below(2) == 0 ? .small : .unique, crashedPercent: [0, 0, 10, 30][random.below(4)],
        keys: model == .kv ? 1 + random.below(2) : 0)
      let valid = try SyntheticHistory(options, seed: UInt64(number)).history().history
      if let problem = try judged(model, valid, isValid: true).problem { return fail(model, number, problem, valid) }
      var mutation = Mutation(valid, &random)
      let history = mutation.history()
      random = mutation.random
      let (isValid, problem) = try judged(model, history)
      if let problem { return fail(model, number, problem, history) }
      invalid += isValid ? 0 : 1
    }
    print("mutated \(model.rawValue): \(count - invalid) valid, \(invalid) invalid")
    #expect(min(invalid, count - invalid) * 5 >= count, "\(invalid) of \(count)")
  }

  private func fail(_ model: SyntheticOptions.Model, _ number: Int, _ problem: String, _ history: History) {
    Issue.record("\(model.rawValue), history \(number): \(problem)\n\(text(history))")
  }

  /// What the twin says, and what is wrong with what the checker says; nil if nothing is.
  ///
  /// - Parameter isValid: what the twin has to say, where that is known.
  private func judged(
    _ model: SyntheticOptions.Model, _ history: History, isValid: Bool? = nil
  ) throws -> (isValid: Bool, problem: String?) {
    let (said, problem) =
      switch model {
      case .casRegister: try judged(history, CASRegister(), .register)
      case .register: try judged(history, Register(), .register)
      case .counter:
        try judged(history, Counter(), SimulatedCounter(initial: 0, sizes: [1], readsOfTen: 5).specification, 0)
      case .growSet: try judged(history, GrowSet(), SimulatedGrowSet(initial: [], repeatedPercent: 0).specification, [])
      case .kv: try judgedByKey(history)
      case .fifoQueue:
        try judged(
          history, QueueDifferential(name: "", model: FIFOQueue(), twin: Twins.fifo, states: numbers))
      case .mutex:
        try judged(
          history,
          QueueDifferential(
            name: "", model: MutexLock(), twin: Twins.semaphore(permits: 1, owned: false),
            states: LockRuleTests.mutexStates))
      }
    if let isValid, said != isValid { return (said, "the twin says \(said)") }
    return (said, problem.map { "expected \(said): \($0)" })
  }

  private func judged(
    _ history: History, _ model: some SequentialModel, _ specification: Specification, _ initial: Value = .null
  ) throws -> (Bool, String?) {
    let expected = TextbookSearch.isLinearizable(history, initial: initial, of: specification)
    let decision = try #require(try LinearizabilityChecker.decide(history, model: model, threads: 1).first)
    if decision.verdict != (expected ? .valid : .invalid) { return (expected, "\(decision.verdict)") }
    return (expected, Judge.problem(with: decision, of: history, specification, initial: initial))
  }

  private func judged<Model: SequentialModel, State: Hashable>(
    _ history: History, _ differential: QueueDifferential<Model, State>
  ) throws -> (Bool, String?) {
    let operations = TwinOperation.all(in: history)
    let expected = differential.twin.isLinearizable(operations)
    return (expected, try differential.problem(of: differential.model, history, operations, expected))
  }

  /// Each key's part by itself, and the verdicts on the whole, key by key.
  private func judgedByKey(_ history: History) throws -> (Bool, String?) {
    let decisions = try LinearizabilityChecker.decide(history, model: KV(), threads: 1)
    let differential = QueueDifferential(name: "", model: KV(), twin: Twins.kv(initial: ""), states: { [$0] })
    var all = true
    for decision in decisions {
      let part = history.events.compactMap { event -> Event? in
        guard let pair = event.value.keyedPair, pair.key == decision.key else { return nil }
        var event = event
        event.value = pair.value
        return event
      }
      let (expected, problem) = try judged(History(part), differential)
      if let problem { return (expected, problem) }
      if decision.verdict != (expected ? .valid : .invalid) { return (expected, "\(decision.verdict) as one of many") }
      all = all && expected
    }
    return (all, nil)
  }
}

/// One change of a history: an answer, an outcome, or the place of an event.
private struct Mutation {
  private let keyed: Bool
  private var events: [Event]
  var random: RandomStream

  init(_ history: History, _ random: inout RandomStream) {
    keyed = history.keyed
    events = Array(history.events)
    self.random = random
  }

  mutating func history() -> History {
    let kind = random.below(10)
    // Most answers that change are seen; most moves are not.
    if kind == 0 || kind < 8 && !changeAnswer() { changeOutcome() } else if kind >= 8 { move() }
    for place in events.indices { events[place].index = place }
    return History(keyed: keyed, events)
  }

  /// An operation answers what another of its function answered.
  private mutating func changeAnswer() -> Bool {
    let answers = events.indices.filter { events[$0].type == .ok && isAnswer($0) }
    guard let place = answers.randomElement(using: &random) else { return false }
    let others = siblings(of: place).filter { events[$0].value != events[place].value }
    guard let other = others.randomElement(using: &random) else { return false }
    events[place].value = events[other].value
    return true
  }

  /// Whether the completion says something that its invocation did not.
  private func isAnswer(_ place: Int) -> Bool {
    let invoke = events[..<place].last { $0.process == events[place].process }
    return invoke?.value != events[place].value
  }

  /// Whether operations of the function answer what they were asked.
  private func isAnswerless(_ function: String) -> Bool { !["read", "get", "dequeue"].contains(function) }

  private mutating func changeOutcome() {
    let completions = events.indices.filter { events[$0].type != .invoke }
    guard let place = completions.randomElement(using: &random) else { return }
    guard let invoke = events[..<place].last(where: { $0.process == events[place].process }) else { return }
    if events[place].type == .ok {
      (events[place].type, events[place].value) = ([.fail, .info][random.below(2)], invoke.value)
    } else {
      // A read that failed has no answer of its own: it gets another's.
      let other = siblings(of: place).randomElement(using: &random)
      guard isAnswerless(invoke.function) || other != nil else { return }
      events[place].type = .ok
      events[place].value = other.map { isAnswer($0) ? events[$0].value : invoke.value } ?? invoke.value
    }
  }

  /// The answers to the same function, of the same key.
  private func siblings(of place: Int) -> [Int] {
    let event = events[place]
    return events.indices.filter {
      events[$0].type == .ok && events[$0].function == event.function
        && events[$0].value.keyedPair?.key == event.value.keyedPair?.key
    }
  }

  /// Over some of its neighbours, never past one of its own process.
  private mutating func move() {
    var place = random.below(events.count)
    let step = random.below(2) == 0 ? -1 : 1
    for _ in 0...random.below(8) {
      let next = place + step
      guard events.indices.contains(next), events[next].process != events[place].process else { return }
      events.swapAt(place, next)
      place = next
    }
  }
}
