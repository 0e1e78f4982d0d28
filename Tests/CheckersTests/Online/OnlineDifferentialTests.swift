import Checkers
import Generators
import Histories
import Testing

/// The online checker against every order of every prefix, and against the check at the end.
@Suite struct OnlineDifferentialTests {
  static let tinyPerSeed = Soak.histories(slice: 1_000, whole: 20_000, parts: 5)
  static let keyedPerSeed = Soak.histories(slice: 600, whole: 10_000, parts: 5)

  private func checker(keyed: Bool = false) -> OnlineChecker {
    OnlineChecker(.linearizable(CASRegister()), keyed: keyed, clock: { 0 })
  }

  /// Length of the shortest prefix that no order explains, less one; nil where the whole history has an order.
  private func firstBroken(_ history: History) -> Int? {
    (0..<history.count).first { last in
      let prefix = History(history.events.prefix(last + 1))
      return !BruteForce.isLinearizable(OracleOperation.all(in: prefix), initial: .null)
    }
  }

  /// Feeds the events and checks after some of them.
  private func found(
    _ events: some Sequence<Event>, keyed: Bool = false, checkAfter: (Event) -> Bool
  ) -> [OnlineViolation] {
    var checker = checker(keyed: keyed)
    var found: [OnlineViolation] = []
    for event in events {
      checker.add(event)
      if checkAfter(event) { found += checker.check() }
    }
    return found + checker.check()
  }

  @Test(arguments: 0..<5) func `the event that breaks the first prefix is named, however often one looks`(seed: Int) {
    let stream = RandomStreams(seed: UInt64(seed)).stream("online")
    var (maker, random) = (RandomHistory(stream), stream)
    var counts = (valid: 0, invalid: 0, byFailure: 0)
    for number in 0..<Self.tinyPerSeed {
      let shape = RandomHistory.Shape(
        processes: 2 + random.below(2), operations: 6, values: 2,
        crashedPercent: [0, 10, 40][random.below(3)])
      let history = maker.next(shape)
      let expected = firstBroken(history)
      let always = found(history.events) { _ in true }
      let sometimes = found(history.events) { _ in random.below(6) == 0 }
      #expect(always.map(\.event) == [expected].compactMap(\.self), "seed \(seed), \(number)\n\(text(history))")
      #expect(sometimes.map(\.event) == always.map(\.event), "seed \(seed), history \(number)\n\(text(history))")
      if let expected {
        counts.invalid += 1
        counts.byFailure += history.type(at: expected) == .fail ? 1 : 0
      } else {
        counts.valid += 1
      }
    }
    print("online, seed \(seed): \(counts)")
    #expect(min(counts.valid, counts.invalid) * 5 >= Self.tinyPerSeed && counts.byFailure > 0)
  }

  @Test(arguments: 0..<5) func `the verdict is that of the check at the end, key by key`(seed: Int) throws {
    let stream = RandomStreams(seed: UInt64(seed)).stream("online keys")
    var (maker, random) = (RandomHistory(stream), stream)
    var counts = (valid: 0, invalid: 0)
    for number in 0..<Self.keyedPerSeed {
      let events = merged((0..<3).map { _ in maker.next(maker.shape(operationsMax: 16)) }, &random)
      let history = History(keyed: true, events)
      let online = found(history.events, keyed: true) { _ in random.below(10) == 0 }
      let final = try LinearizabilityChecker.decide(history, model: CASRegister(), threads: 1)
      #expect(
        Set(online.map(\.key)) == Set(final.filter { $0.verdict == .invalid }.map(\.key)), "seed \(seed), \(number)")
      #expect(online.count == Set(online.map(\.key)).count)
      for violation in online {
        #expect(history[violation.event].value.keyedPair?.key == violation.key)
        // Nothing before it is wrong, and it is no earlier than the check at the end can say.
        let decision = try #require(final.first { $0.key == violation.key })
        #expect(violation.event >= decision.violation ?? .max)
      }
      if online.isEmpty { counts.valid += 1 } else { counts.invalid += 1 }
    }
    print("online keys, seed \(seed): \(counts)")
    #expect(min(counts.valid, counts.invalid) * 5 >= Self.keyedPerSeed)
  }

  /// One history of several keys, whose processes are others on each; shuffled, each in its own order.
  private func merged(_ histories: [History], _ random: inout RandomStream) -> [Event] {
    var rest = histories.map { Array($0.events)[...] }
    var events: [Event] = []
    while rest.contains(where: { !$0.isEmpty }) {
      let key = random.below(rest.count)
      guard var event = rest[key].popFirst() else { continue }
      event.process = ProcessID(event.process.rawValue * 3 + Int32(key))
      event.value = .keyed(.int(Int64(key)), event.value)
      event.time = Int64(events.count)
      events.append(event)
    }
    return events
  }

  /// Answers of containers tell more than a prefix knows: an open dequeue may still take anything.
  @Test(arguments: 0..<2) func `queues name the first broken prefix too`(seed: Int) throws {
    let decider = OnlineDecider.linearizable(FIFOQueue())
    var random = RandomStreams(seed: UInt64(seed)).stream("online queue")
    var broken = 0
    let histories = Soak.histories(slice: 200, whole: 5_000, parts: 2)
    for number in 0..<histories {
      let history = History(queueEvents(&random))
      var checker = OnlineChecker(decider, keyed: false, clock: { 0 })
      var expected: Int?
      for event in history.events {
        checker.add(event)
        let prefix = History(history.events.prefix(event.index + 1))
        let decisions = try LinearizabilityChecker.decide(prefix, model: FIFOQueue(), threads: 1)
        if expected == nil, decisions[0].verdict == .invalid { expected = event.index }
      }
      #expect(checker.check().first?.event == expected, "seed \(seed), history \(number)\n\(text(history))")
      broken += expected == nil ? 0 : 1
    }
    #expect(min(broken, histories - broken) * 5 >= histories, "\(broken)")
  }

  /// Four clients that enqueue 1, 2, 3, … and dequeue in an order that is now and then the wrong one.
  private func queueEvents(_ random: inout RandomStream) -> [Event] {
    var (queue, next, events): ([Int64], Int64, [Event]) = ([], 0, [])
    var open: [Int: (f: String, input: Value, output: Value)] = [:]
    for _ in 0..<32 {
      let client = random.below(4)
      if let call = open.removeValue(forKey: client) {
        events.append(event(events.count, client, .ok, call.f, call.output))
      } else if random.below(2) == 0 {
        next += 1
        queue.append(next)
        open[client] = ("enqueue", .int(next), .int(next))
        events.append(event(events.count, client, .invoke, "enqueue", .int(next)))
      } else {
        let place = queue.isEmpty || random.below(2) == 0 ? 0 : random.below(queue.count)
        let taken: Value = queue.isEmpty ? .null : .int(queue.remove(at: place))
        open[client] = ("dequeue", .null, taken)
        events.append(event(events.count, client, .invoke, "dequeue", .null))
      }
    }
    return events
  }

  private func event(_ index: Int, _ process: Int, _ type: EventType, _ f: String, _ value: Value) -> Event {
    Event(index: index, time: Int64(index), process: ProcessID(Int32(process)), type: type, function: f, value: value)
  }
}
