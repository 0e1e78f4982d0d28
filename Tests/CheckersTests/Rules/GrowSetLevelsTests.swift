import Checkers
import Generators
import Histories
import Testing

/// A set that only grows; its state is the sorted list of its elements, which are integers.
struct SimulatedGrowSet: SimulatedObject {
  var initial: Value
  /// Of a hundred additions, how many are of an element that was added before.
  var repeatedPercent: Int
  private var added: [Int64] = []

  init(initial: Value, repeatedPercent: Int) {
    self.initial = initial
    self.repeatedPercent = repeatedPercent
  }

  var specification: Specification {
    Specification(observers: ["read"]) { state, f, input, answer in
      guard let held = state.list else { return .none }
      if f == "add" { return .some(Self.adding(input, to: held)) }
      guard let shown = answer?.list else { return .none }
      return Self.sorted(shown) == held ? .some(state) : .none
    }
  }

  private static func sorted(_ elements: [Value]) -> [Value] {
    elements.sorted { ($0.int ?? 0) < ($1.int ?? 0) }
  }

  private static func adding(_ element: Value, to held: [Value]) -> Value {
    held.contains(element) ? .list(held) : .list(sorted(held + [element]))
  }

  mutating func call(_ state: Value, _ random: inout RandomStream) -> (f: String, input: Value) {
    if random.below(2) == 0 { return ("read", .null) }
    let element = random.below(100) < repeatedPercent ? added.randomElement(using: &random) : nil
    if let element { return ("add", .int(element)) }
    added.append(Int64(added.count + 10))
    return ("add", .int(Int64(added.count + 9)))
  }

  func apply(_ state: Value, _ f: String, _ input: Value) -> (state: Value, answer: Value)? {
    guard let held = state.list else { return nil }
    if f == "read" { return (state, .list(held.reversed())) }
    return (Self.adding(input, to: held), input)
  }

  mutating func wrongAnswer(_ f: String, _ input: Value, _ answer: Value, _ random: inout RandomStream) -> Value? {
    guard f == "read", var shown = answer.list else { return nil }
    switch random.below(12) {
    case 0: shown.append(99)
    case 1: if let twice = shown.randomElement(using: &random) { shown.append(twice) }
    case 2...6: if !shown.isEmpty { shown.remove(at: random.below(shown.count)) }
    default:
      if let extra = added.randomElement(using: &random), !shown.contains(.int(extra)) { shown.append(.int(extra)) }
    }
    return .list(shown)
  }
}

@Suite struct GrowSetLevelsTests {
  @Test func growSet() throws {
    try RuleTrial(
      name: "grow-set", operationsMax: 12,
      makeObject: { random in
        SimulatedGrowSet(
          initial: random.below(3) == 0 ? [3, 4] : [], repeatedPercent: random.below(8) == 0 ? 30 : 0)
      },
      makeModel: { GrowSet(initial: $0.initial.list ?? []) }, coreFlaw: Self.missingAddition
    ).run()
  }

  @Test func large() throws {
    try RuleTrial(
      name: "grow-set", operationsMax: 0, makeObject: { _ in SimulatedGrowSet(initial: [], repeatedPercent: 0) },
      makeModel: { GrowSet(initial: $0.initial.list ?? []) }
    ).runLarge()
  }

  /// A core that leaves out an addition that one of its reads shows is a violation for no reason.
  static func missingAddition(_ core: [Event], _ history: History) -> String? {
    for read in core where read.function == "read" && read.type == .ok {
      for element in read.value.list ?? [] where !core.contains(where: { $0.function == "add" && $0.value == element })
      {
        let adders = history.events.filter { $0.function == "add" && $0.value == element && $0.type == .invoke }
        let failed = Set(history.events.filter { $0.type == .fail }.map(\.process))
        if adders.contains(where: { !failed.contains($0.process) }) { return "nobody in the core adds \(element)" }
      }
    }
    return nil
  }
}
