import Checkers
import Generators
import Histories
import Testing

/// A set with single-element operations; its state is the sorted list of its elements, which are integers.
struct SimulatedSetObject: SimulatedObject {
  var initial: Value
  /// Whether additions and removals say if they changed the set.
  var answers: Bool
  /// Of a hundred additions and removals, how many are of any element.
  var repeatedPercent: Int
  private var added: [Int64]
  private var removed: [Int64] = []
  private var isAdded: Set<Int64> = []

  init(initial: [Int64], answers: Bool, repeatedPercent: Int) {
    self.initial = .list(initial.map { .int($0) })
    self.answers = answers
    self.repeatedPercent = repeatedPercent
    added = initial + [50]
  }

  var specification: Specification {
    Specification(observers: ["contains"]) { state, f, input, answer in
      guard let held = state.list else { return .none }
      let isPresent = held.contains(input)
      if f == "contains" { return answer == .some([input, .bool(isPresent)]) ? .some(state) : .none }
      let changes = isPresent == (f == "remove")
      if let said = answer?.list, said.count == 2, said[1] != .bool(changes) { return .none }
      if !changes { return .some(state) }
      return .some(f == "remove" ? .list(held.filter { $0 != input }) : Self.adding(input, to: held))
    }
  }

  private static func adding(_ element: Value, to held: [Value]) -> Value {
    .list((held + [element]).sorted { ($0.int ?? 0) < ($1.int ?? 0) })
  }

  mutating func call(_ state: Value, _ random: inout RandomStream) -> (f: String, input: Value) {
    let anyElement = added[random.below(added.count)]
    switch random.below(10) {
    case 0...4: return ("contains", .int(anyElement))
    case 5...6:
      if random.below(100) < repeatedPercent { return ("add", .int(anyElement)) }
      if isAdded.insert(50).inserted { return ("add", 50) }
      added.append(Int64(added.count + 50))
      return ("add", .int(Int64(added.count + 49)))
    default:
      if random.below(100) < repeatedPercent { return ("remove", .int(anyElement)) }
      let candidates = added.filter { !removed.contains($0) }
      guard let element = candidates.randomElement(using: &random) else { return ("contains", .int(anyElement)) }
      removed.append(element)
      return ("remove", .int(element))
    }
  }

  func apply(_ state: Value, _ f: String, _ input: Value) -> (state: Value, answer: Value)? {
    guard let held = state.list else { return nil }
    let isPresent = held.contains(input)
    if f == "contains" { return (state, [input, .bool(isPresent)]) }
    let changes = isPresent == (f == "remove")
    let next: Value =
      !changes ? state : f == "remove" ? .list(held.filter { $0 != input }) : Self.adding(input, to: held)
    return (next, answers ? [input, .bool(changes)] : input)
  }

  func wrongAnswer(_ f: String, _ input: Value, _ answer: Value, _ random: inout RandomStream) -> Value? {
    guard let pair = answer.list, pair.count == 2, let truth = pair[1].bool else { return nil }
    // Additions are rarely wrong: they would all be impossible.
    if f != "contains", random.below(3) != 0 { return nil }
    return [pair[0], .bool(!truth)]
  }
}

@Suite struct SetObjectElementsTests {
  @Test func setObject() throws {
    try RuleTrial(
      name: "set-object", operationsMax: 12,
      makeObject: { random in
        SimulatedSetObject(
          initial: random.below(3) == 0 ? [3, 4] : [], answers: random.below(2) == 0,
          repeatedPercent: random.below(4) == 0 ? 30 : 0)
      },
      makeModel: { SetObject(initial: $0.initial.list ?? []) }
    ).run()
  }

  @Test func large() throws {
    try RuleTrial(
      name: "set-object", operationsMax: 0,
      makeObject: { _ in SimulatedSetObject(initial: [], answers: true, repeatedPercent: 0) },
      makeModel: { SetObject(initial: $0.initial.list ?? []) }
    ).runLarge()
  }
}
