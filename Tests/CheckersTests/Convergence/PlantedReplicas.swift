import Checkers
import Generators
import Histories

/// Histories of three replicas that converge by construction, and the same with one anomaly at the end.
struct PlantedReplicas {
  private struct Update {
    var number: Int
    var function: String
    var value: Int
    var type: EventType
    /// Numbers of updates.
    var observed: Set<Int> = []
  }

  private var random: RandomStream
  private let type: ReplicatedType
  private(set) var events: [Event] = []
  private var updates: [Update] = []
  private var fresh: Int32 = 0

  init(_ type: ReplicatedType, seed: Int) {
    self.type = type
    random = RandomStreams(seed: UInt64(seed)).stream("planted/\(type.rawValue)")
  }

  /// What can be planted.
  static func anomalies(_ type: ReplicatedType) -> [InvariantAnomaly] {
    let common: [InvariantAnomaly] = [.diverged, .lostUpdate, .wrongVisibility, .thinAirRead]
    return switch type {
    case .gCounter: common + [.wrongMerge]
    case .pnCounter: [.diverged, .wrongVisibility, .thinAirRead, .wrongMerge]
    case .gSet: common + [.abortedRead, .duplicateElement]
    case .twoPhaseSet, .orSet: common + [.abortedRead, .duplicateElement, .resurrection]
    case .lwwRegister: common + [.abortedRead, .wrongMerge]
    case .mvRegister: common + [.abortedRead, .duplicateElement, .resurrection, .falseConflict]
    }
  }

  /// - Parameter planted: nil for none.
  static func history(_ type: ReplicatedType, _ planted: InvariantAnomaly?, seed: Int) -> [Event] {
    var maker = PlantedReplicas(type, seed: seed)
    maker.load()
    maker.finish(planted)
    return maker.events
  }

  // MARK: Updates

  private mutating func load() {
    // One of each outcome, so that there is something to plant.
    for outcome in [EventType.ok, .info, .fail, .ok] { update(outcome) }
    for _ in 0..<10 + random.below(20) {
      let outcome = random.below(10)
      update(outcome == 0 ? .info : outcome == 1 ? .fail : .ok)
    }
    if type == .twoPhaseSet || type == .orSet, !updates.contains(where: { $0.function == "remove" }) {
      remove(updates[0])
    }
    if type == .mvRegister { for _ in 0..<2 { write(over: maximal.suffix(1)) } }
  }

  private mutating func update(_ outcome: EventType) {
    let number = updates.count
    let added = updates.filter { $0.function == "add" && $0.type == .ok }
    switch type {
    case .gCounter, .pnCounter:
      let isDecrement = type == .pnCounter && outcome == .ok && number > 4 && random.below(2) == 0
      // Tens, so that no sum of them ends in another digit.
      record(
        Update(
          number: number, function: isDecrement ? "decrement" : "increment", value: 10 * (1 + random.below(9)),
          type: outcome))
    case .gSet: record(Update(number: number, function: "add", value: number, type: outcome))
    case .twoPhaseSet, .orSet:
      if outcome == .ok, number > 4, random.below(3) == 0, let target = added.last { return remove(target) }
      record(Update(number: number, function: "add", value: number, type: outcome))
    case .lwwRegister: record(Update(number: number, function: "write", value: number, type: outcome))
    case .mvRegister:
      guard outcome == .ok else {
        return record(Update(number: number, function: "write", value: number, type: outcome))
      }
      write(over: random.below(3) == 0 ? [] : maximal.suffix(1 + random.below(2)))
    }
  }

  private mutating func write(over some: some Sequence<Int>) {
    record(Update(number: updates.count, function: "write", value: updates.count, type: .ok, observed: Set(some)))
  }

  private mutating func remove(_ target: Update) {
    let observed = updates.filter { $0.function == "add" && $0.value == target.value && $0.type == .ok }.map(\.number)
    record(Update(number: updates.count, function: "remove", value: target.value, type: .ok, observed: Set(observed)))
  }

  private var acknowledged: [Update] { updates.filter { $0.type == .ok } }

  private var maximal: [Int] {
    let observed = acknowledged.reduce(into: Set<Int>()) { $0.formUnion($1.observed) }
    return acknowledged.map(\.number).filter { !observed.contains($0) }
  }

  private mutating func record(_ update: Update) {
    updates.append(update)
    var output: [String: Value] = ["value": .int(Int64(update.value)), "id": Self.id(update.number)]
    if type == .lwwRegister { output["timestamp"] = .int(Int64(update.number)) }
    if type == .mvRegister || update.function == "remove" {
      output["context"] = .list(update.observed.sorted().map(Self.id))
    }
    let input = Value.int(Int64(update.value))
    event(.invoke, update.function, input, node: nil)
    event(update.type, update.function, update.type == .ok ? .map(output) : input, node: nil)
  }

  private static func id(_ number: Int) -> Value { .string("u\(number)") }

  private mutating func event(_ type: EventType, _ function: String, _ value: Value, node: Int?) {
    events.append(
      Event(
        index: events.count, time: Int64(events.count) * 1_000_000, process: ProcessID(fresh), type: type,
        function: function, value: value, node: node.map { "n\($0)" }))
    if type == .info { fresh += 1 }
  }

  // MARK: States

  /// The merge of what was acknowledged.
  private func merge() -> Value {
    switch type {
    case .gCounter, .pnCounter:
      return .int(Int64(acknowledged.reduce(0) { $0 + ($1.function == "decrement" ? -1 : 1) * $1.value }))
    case .lwwRegister: return acknowledged.last.map { .int(Int64($0.value)) } ?? .null
    case .gSet, .twoPhaseSet, .orSet:
      let removed = Set(acknowledged.filter { $0.function == "remove" }.map(\.value))
      return list(acknowledged.map(\.value).filter { !removed.contains($0) })
    case .mvRegister: return list(maximal)
    }
  }

  private func list(_ numbers: [Int]) -> Value { .list(Set(numbers).sorted().map { .int(Int64($0)) }) }

  private func without(_ number: Int?, _ state: Value) -> Value {
    .list(state.list?.filter { $0.int != number.map(Int64.init) } ?? [])
  }

  private func with(_ number: Int?, _ state: Value) -> Value { .list((state.list ?? []) + [.int(Int64(number ?? 0))]) }

  // MARK: The end

  private mutating func finish(_ planted: InvariantAnomaly?) {
    var states = Array(repeating: merge(), count: 3)
    switch planted {
    case .diverged: states[random.below(3)] = diverging(states[0])
    case .lostUpdate: states = Array(repeating: losing(states[0]), count: 3)
    case .resurrection: states = Array(repeating: with(resurrected, states[0]), count: 3)
    case .falseConflict: states = Array(repeating: with(updates[maximal.last ?? 0].observed.first, states[0]), count: 3)
    case .wrongMerge: states = Array(repeating: impossible(states[0]), count: 3)
    case .some(let other): read(wrong(states[0], other))
    case nil: read(states[0])
    }
    for (node, state) in states.enumerated() {
      event(.invoke, "local-read", .null, node: node + 1)
      event(.ok, "local-read", state, node: node + 1)
    }
  }

  private mutating func read(_ state: Value) {
    event(.invoke, "read", .null, node: nil)
    event(.ok, "read", state, node: nil)
  }

  private func diverging(_ state: Value) -> Value {
    switch type {
    case .gCounter, .pnCounter: .int((state.int ?? 0) - Int64(updates[0].value))
    case .lwwRegister: .int(Int64(updates[0].value))
    case .gSet, .twoPhaseSet, .orSet, .mvRegister: without(state.list?.last?.int.map(Int.init), state)
    }
  }

  private func losing(_ state: Value) -> Value {
    switch type {
    case .gCounter, .pnCounter: .int((state.int ?? 0) - Int64(updates[0].value))
    case .lwwRegister: .int(Int64(updates[0].value))
    case .gSet, .twoPhaseSet, .orSet, .mvRegister: without(state.list?.last?.int.map(Int.init), state)
    }
  }

  /// What was removed; of a register what was overwritten by a value that was overwritten too.
  private var resurrected: Int? {
    if type != .mvRegister { return acknowledged.last { $0.function == "remove" }?.value }
    return updates[maximal.last ?? 0].observed.first.flatMap { updates[$0].observed.first }
  }

  private func impossible(_ state: Value) -> Value {
    type == .lwwRegister ? ["value": state, "timestamp": 1_000] : .int((state.int ?? 0) + 5)
  }

  private func wrong(_ state: Value, _ anomaly: InvariantAnomaly) -> Value {
    let failed = updates.first { $0.type == .fail }?.value
    let isList = state.list != nil
    switch anomaly {
    case .thinAirRead: return isList ? with(999, state) : .int(1_000_000)
    case .abortedRead: return isList ? with(failed, state) : .int(Int64(failed ?? 0))
    case .duplicateElement: return with(state.list?.last?.int.map(Int.init), state)
    default: return ["value": losing(state), "visible": .list(acknowledged.map { Self.id($0.number) })]
    }
  }
}
