import Checkers
import Generators
import Histories
import Testing

/// A register whose writes are unique, but for a few.
struct SimulatedRegister: SimulatedObject {
  let specification = Specification.register
  let initial: Value
  var hasCAS: Bool
  /// Of a thousand written values, how many were written before.
  var repeatedPermille: Int
  private var written: [Value]

  init(initial: Value, hasCAS: Bool, repeatedPermille: Int) {
    self.initial = initial
    self.hasCAS = hasCAS
    self.repeatedPermille = repeatedPermille
    written = [initial]
  }

  private mutating func value(_ random: inout RandomStream) -> Value {
    if random.below(1000) < repeatedPermille { return written[random.below(written.count)] }
    written.append(.int(Int64(written.count)))
    return .int(Int64(written.count - 1))
  }

  mutating func call(_ state: Value, _ random: inout RandomStream) -> (f: String, input: Value) {
    let kind = random.below(hasCAS ? 10 : 7)
    if kind < 4 { return ("read", .null) }
    if kind < 7 { return ("write", value(&random)) }
    let from = random.below(3) == 0 ? written[random.below(written.count)] : state
    return ("cas", .list([from, random.below(20) == 0 ? from : value(&random)]))
  }

  func apply(_ state: Value, _ f: String, _ input: Value) -> (state: Value, answer: Value)? {
    if f == "read" { return (state, state) }
    if f == "write" { return (input, input) }
    guard case .list(let pair) = input, state == pair[0] else { return nil }
    return (pair[1], input)
  }

  mutating func wrongAnswer(_ f: String, _ input: Value, _ answer: Value, _ random: inout RandomStream) -> Value? {
    guard f == "read" else { return nil }
    // Now and then a value that nobody wrote.
    return random.below(12) == 0 ? .int(900) : written[random.below(written.count)]
  }
}

@Suite struct RegisterZonesTests {
  @Test func casRegister() throws {
    try RuleTrial(
      name: "register with cas", operationsMax: 12,
      makeObject: { random in
        SimulatedRegister(
          initial: random.below(2) == 0 ? .null : 0, hasCAS: true, repeatedPermille: random.below(4) == 0 ? 60 : 0)
      },
      makeModel: { CASRegister(initial: $0.initial) }, coreFlaw: Self.missingWriter
    ).run()
  }

  @Test func register() throws {
    try RuleTrial(
      name: "register", operationsMax: 12,
      makeObject: { _ in SimulatedRegister(initial: .null, hasCAS: false, repeatedPermille: 5) },
      makeModel: { Register(initial: $0.initial) }, coreFlaw: Self.missingWriter
    ).run()
  }

  @Test func large() throws {
    try RuleTrial(
      name: "register with cas", operationsMax: 0,
      makeObject: { _ in SimulatedRegister(initial: .null, hasCAS: true, repeatedPermille: 0) },
      makeModel: { CASRegister(initial: $0.initial) }
    ).runLarge()
  }

  /// A core that leaves out the writer of what it needs is a violation for no reason.
  static func missingWriter(_ core: [Event], _ history: History) -> String? {
    func writes(_ events: some Sequence<Event>, _ value: Value) -> Bool {
      events.contains { event in
        guard event.type == .invoke else { return false }
        if event.function == "cas", case .list(let pair) = event.value { return pair[1] == value && pair[0] != value }
        return event.function == "write" && event.value == value
      }
    }
    let failed = Set(history.events.filter { $0.type == .fail }.map(\.process))
    for event in core {
      var needed: Value?
      if event.function == "read", event.type == .ok { needed = .some(event.value) }
      if event.function == "cas", case .list(let pair) = event.value { needed = .some(pair[0]) }
      guard let needed, failed.isEmpty, writes(history.events, needed), !writes(core, needed) else { continue }
      return "nobody in the core writes \(needed)"
    }
    return nil
  }
}
