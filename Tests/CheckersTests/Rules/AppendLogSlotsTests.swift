import Checkers
import Generators
import Histories
import Testing

/// A log without gaps; its state is the list of its elements.
struct SimulatedLog: SimulatedObject {
  let initial: Value = []
  var firstIndex: Int64
  /// Of a hundred appends, how many are of an element that was appended before.
  var repeatedPercent: Int
  private var appended: Int64 = 10

  init(firstIndex: Int64, repeatedPercent: Int) {
    self.firstIndex = firstIndex
    self.repeatedPercent = repeatedPercent
  }

  var specification: Specification {
    let firstIndex = firstIndex
    return Specification(observers: ["read"]) { state, f, input, answer in
      guard let held = state.list else { return .none }
      if f == "append" {
        let entry = Value.list([.int(firstIndex + Int64(held.count)), input])
        return answer == nil || answer == .some(entry) ? .some(.list(held + [input])) : .none
      }
      return answer == .some(Self.entries(held, input, firstIndex)) ? .some(state) : .none
    }
  }

  private static func entries(_ held: [Value], _ input: Value, _ firstIndex: Int64) -> Value {
    var entries: [Value] = []
    for (offset, element) in held.enumerated() {
      let index = firstIndex + Int64(offset)
      if let range = input.list, index < range[0].int ?? 0 || index >= range[1].int ?? 0 { continue }
      entries.append([.int(index), element])
    }
    return .list(entries)
  }

  mutating func call(_ state: Value, _ random: inout RandomStream) -> (f: String, input: Value) {
    if random.below(2) == 0 {
      if random.below(2) == 0 { return ("read", .null) }
      let from = firstIndex + Int64(random.below(4))
      return ("read", [.int(from), .int(from + Int64(random.below(4)))])
    }
    if random.below(100) >= repeatedPercent { appended += 1 }
    return ("append", .int(appended))
  }

  func apply(_ state: Value, _ f: String, _ input: Value) -> (state: Value, answer: Value)? {
    guard let held = state.list else { return nil }
    if f == "read" { return (state, Self.entries(held, input, firstIndex)) }
    return (.list(held + [input]), [.int(firstIndex + Int64(held.count)), input])
  }

  mutating func wrongAnswer(_ f: String, _ input: Value, _ answer: Value, _ random: inout RandomStream) -> Value? {
    guard var entries = answer.list else { return nil }
    if f == "append" {
      return [.int(max(0, (entries[0].int ?? 0) + [-1, 1, 1, 2][random.below(4)])), input]
    }
    let next = firstIndex + Int64(entries.count)
    switch random.below(5) {
    case 0: entries.append([.int(next), .int(random.below(6) == 0 ? 99 : appended)])
    case 1: if !entries.isEmpty { entries.removeLast() }
    case 2: if entries.count > 1 { entries.removeFirst() }
    case 3:
      guard let place = entries.indices.randomElement(using: &random), let entry = entries[place].list else { break }
      entries[place] = [entry[0], .int(11 + Int64(random.below(Int(appended) - 9)))]
    default:
      guard let place = entries.indices.randomElement(using: &random), let entry = entries[place].list else { break }
      entries[place] = [.int((entry[0].int ?? 0) + 1), entry[1]]
    }
    return .list(entries)
  }
}

@Suite struct AppendLogSlotsTests {
  @Test func appendLog() throws {
    try RuleTrial(
      name: "log", operationsMax: 12,
      makeObject: { random in
        SimulatedLog(firstIndex: Int64(random.below(2)), repeatedPercent: random.below(4) == 0 ? 30 : 0)
      },
      makeModel: { AppendLog(firstIndex: $0.firstIndex) }
    ).run()
  }

  @Test func large() throws {
    try RuleTrial(
      name: "log", operationsMax: 0, makeObject: { _ in SimulatedLog(firstIndex: 0, repeatedPercent: 0) },
      makeModel: { AppendLog(firstIndex: $0.firstIndex) }
    ).runLarge()
  }
}
