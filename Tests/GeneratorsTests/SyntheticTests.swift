import Generators
import Histories
import Testing

/// Synthetic histories: what the options promise, short of the verdict.
@Suite struct SyntheticTests {
  private func made(_ options: SyntheticOptions, seed: UInt64 = 1) throws -> (
    events: [Event], outcome: SyntheticHistory.Outcome
  ) {
    var events: [Event] = []
    let outcome = try SyntheticHistory(options, seed: seed).forEach { events.append($0) }
    return (events, outcome)
  }

  private static func options(_ model: SyntheticOptions.Model, _ change: (inout SyntheticOptions) -> Void = { _ in })
    -> SyntheticOptions
  {
    var options = SyntheticOptions(model: model, operations: 400, clients: 5)
    change(&options)
    return options
  }

  @Test(arguments: SyntheticOptions.Model.allCases)
  func `equal seeds give equal histories, other seeds others`(model: SyntheticOptions.Model) throws {
    let options = Self.options(model) { ($0.crashedPercent, $0.hasViolation) = (5, true) }
    #expect(try made(options, seed: 3) == made(options, seed: 3))
    #expect(try made(options, seed: 3).events != made(options, seed: 4).events)
  }

  @Test(arguments: SyntheticOptions.Model.allCases, [0.0, 10, 100])
  func `they are histories`(model: SyntheticOptions.Model, crashed: Double) throws {
    for keys in [0, 3] {
      for hasViolation in [false, true] {
        let options = Self.options(model) { options in
          (options.crashedPercent, options.keys, options.hasViolation) = (crashed, keys, hasViolation)
        }
        let (history, outcome) = try SyntheticHistory(options, seed: 9).history()
        let operations = try Operations(history)
        #expect(operations.count == outcome.operations)
        #expect(history.count == outcome.events)
        #expect(outcome.operations >= 400)
        #expect(outcome.verdict == (hasViolation ? .invalid : .valid))
        let violation = outcome.violation.map { history.type(at: $0) }
        #expect(violation == (hasViolation ? .ok : nil))
        #expect((0..<operations.count).allSatisfy { operations.completion($0) != nil }, "an operation is left open")
      }
    }
  }

  @Test func `every client is always in flight`() throws {
    let (events, _) = try made(Self.options(.casRegister) { $0.crashedPercent = 10 })
    var open = 0
    var lowest = Int.max
    for event in events {
      // A client invokes in the same moment in which it completes.
      if event.type == .invoke, open == 4, event.index > 10 { lowest = min(lowest, 5) }
      open += event.type == .invoke ? 1 : -1
      if event.index > 10, event.index < 700 { lowest = min(lowest, open) }
    }
    #expect(lowest == 4)
    #expect(open == 0)
  }

  @Test func `crashes come as often as asked, and end their process`() throws {
    let (events, _) = try made(Self.options(.casRegister) { ($0.operations, $0.crashedPercent) = (20_000, 5) })
    let crashed = events.filter { $0.type == .info }
    #expect((800...1200).contains(crashed.count), "\(crashed.count)")
    let lastEvents = Dictionary(events.map { ($0.process, $0.index) }, uniquingKeysWith: max)
    for crash in crashed { #expect(lastEvents[crash.process] == crash.index) }
  }

  @Test func `small values are few, unique ones written once`() throws {
    func written(_ values: SyntheticOptions.Values) throws -> [Value] {
      try made(Self.options(.casRegister) { $0.values = values }).events
        .filter { $0.type == .invoke && $0.function != "read" }.map { $0.value.keyedPair?.value ?? $0.value }
    }
    #expect(try Set(written(.small)) == [0, 1, 2, 3, 4])
    let unique = try written(.unique)
    #expect(Set(unique).count == unique.count)
  }

  @Test func `the violation comes late, and keys have their own objects`() throws {
    let (events, outcome) = try made(
      Self.options(.kv) { ($0.operations, $0.keys, $0.hasViolation) = (20_000, 4, true) })
    let violation = try #require(outcome.violation)
    #expect(violation > events.count * 96 / 100)
    #expect(Set(events.compactMap { $0.value.keyedPair?.key }) == [0, 1, 2, 3])
  }

  @Test func `what cannot be made is refused, with all reasons`() {
    let options = SyntheticOptions(
      model: .mutex, operations: 0, clients: 1, crashedPercent: 101, hasViolation: true)
    #expect(throws: SyntheticProblem.self) { try SyntheticHistory(options, seed: 1) }
    #expect(options.problems.count == 3, "\(options.problems)")
    #expect(SyntheticOptions(operations: 10, clients: .max, keys: .max).problems.count == 1)
    #expect(SyntheticOptions(operations: 10, clients: 6, keys: 2).problems.count == 1)
  }
}
