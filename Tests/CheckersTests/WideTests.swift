import Checkers
import Generators
import Histories
import Testing

/// More operations live at once than a machine word has bits. The verdict is known from how the history is made: no
/// textbook search ends on these.
@Suite struct WideTests {
  /// Reads that are in flight all the time may answer anything that the register ever held, and nothing else.
  @Test(arguments: 0..<4) func readsInFlight(seed: Int) throws {
    var maker = RandomHistory(RandomStreams(seed: UInt64(seed)).stream("wide"))
    for number in 0..<25 {
      let wide = 66 + maker.random.below(100)
      let inner = maker.simulated(RandomHistory.Shape(processes: 3, operations: 12, values: nil, crashedPercent: 10))
      let held = inner.filter { $0.type == .ok && $0.function == "write" }.map(\.value) + [.null]
      var events = (0..<wide).map { Self.event($0, .invoke, "read", .null) }
      events += inner.map { Self.event(Int($0.process.rawValue) + 500, $0.type, $0.function, $0.value) }
      let wild = number % 2 == 0 ? maker.random.below(wide) : -1
      for process in 0..<wide {
        events.append(Self.event(process, .ok, "read", process == wild ? -1 : held[maker.random.below(held.count)]))
      }
      let history = History(events)
      let decision = try #require(try LinearizabilityChecker.decide(history, model: CASRegister(), threads: 1).first)
      #expect(decision.verdict == (wild < 0 ? .valid : .invalid), "seed \(seed), history \(number)")
      #expect(Judge.problem(with: decision, of: history) == nil)
    }
  }

  /// Every one of many concurrent writes may come next.
  @Test func writesInFlight() throws {
    let wide = 130
    var events = (0..<wide).map { Self.event($0, .invoke, "write", .int(Int64($0))) }
    for value in [128, 3, 64, 65, 129, 0] {
      events.append(Self.event(500, .invoke, "read", .null))
      events.append(Self.event(500, .ok, "read", .int(Int64(value))))
    }
    events += (0..<wide).map { Self.event($0, .ok, "write", .int(Int64($0))) }
    let decision = try #require(try LinearizabilityChecker.decide(History(events), model: CASRegister()).first)
    #expect(decision.verdict == .valid)
    #expect(Judge.problem(with: decision, of: History(events)) == nil)
  }

  static func event(_ process: Int, _ type: EventType, _ f: String, _ value: Value) -> Event {
    Event(index: 0, time: 0, process: ProcessID(Int32(process)), type: type, function: f, value: value)
  }
}
