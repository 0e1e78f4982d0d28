import Histories

/// The search of Wing & Gong (1993) with Lowe's cache (2017), over plain values, for at most 128 operations.
///
/// It knows the simulated objects by their specifications alone and shares nothing with the simulation nor with the
/// checkers.
struct SyntheticTwin {
  private struct Call {
    var f: String
    var input: Value
    var output: Value
    var invocation: Int
    /// `Int.max`: it may happen at any time after its invocation, or never.
    var completion: Int
    var isRequired: Bool { completion != .max }
  }

  private struct Seen: Hashable {
    var done: UInt128
    var state: Value
  }

  private let calls: [Call]
  private let required: UInt128

  /// The operations of one object among the first `eventsMax` events.
  private init(_ history: History, key: Value?, eventsMax: Int) {
    var open: [ProcessID: Event] = [:]
    var calls: [Call] = []
    func add(_ invoke: Event, _ completion: Event?) {
      let value = { (value: Value) in key == nil ? value : value.keyedPair?.value ?? .null }
      calls.append(
        Call(
          f: invoke.function, input: value(invoke.value), output: completion.map { value($0.value) } ?? .null,
          invocation: invoke.index, completion: completion?.index ?? .max))
    }
    for event in history.events.prefix(eventsMax) where key == nil || event.value.keyedPair?.key == key {
      guard event.type != .invoke else {
        open[event.process] = event
        continue
      }
      guard let invoke = open.removeValue(forKey: event.process), event.type != .fail else { continue }
      add(invoke, event.type == .ok ? event : nil)
    }
    for invoke in open.values { add(invoke, nil) }
    // What changes nothing and is not known to have happened says nothing.
    calls.removeAll { !$0.isRequired && ["read", "get"].contains($0.f) }
    calls.sort { $0.invocation < $1.invocation }
    precondition(calls.count <= 128)
    required = calls.indices.reduce(0) { calls[$1].isRequired ? $0 | 1 << UInt128($1) : $0 }
    self.calls = calls
  }

  /// Whether the first `eventsMax` events are linearizable, key by key.
  static func isLinearizable(_ history: History, initial: Value, eventsMax: Int = .max) -> Bool {
    guard history.keyed else { return SyntheticTwin(history, key: nil, eventsMax: eventsMax).search(from: initial) }
    return history.keys.symbols.allSatisfy { key in
      SyntheticTwin(history, key: key, eventsMax: eventsMax).search(from: initial)
    }
  }

  private func search(from initial: Value) -> Bool {
    var seen: Set<Seen> = []
    var stack = [Seen(done: 0, state: initial)]
    while let last = stack.popLast() {
      if last.done & required == required { return true }
      // Nothing may be placed after an operation that has returned without being placed.
      var deadline = Int.max
      var place = 0
      while place < calls.count, calls[place].invocation < deadline {
        if last.done & 1 << UInt128(place) == 0 {
          deadline = min(deadline, calls[place].completion)
          if let state = Self.step(calls[place], last.state) {
            let next = Seen(done: last.done | 1 << UInt128(place), state: state)
            if seen.insert(next).inserted { stack.append(next) }
          }
        }
        place += 1
      }
    }
    return false
  }

  /// The state after the call, or nil if it cannot happen. Queues and sets are lists, the latter sorted; a lock is true.
  private static func step(_ call: Call, _ state: Value) -> Value? {
    let never: Value? = .none
    switch call.f {
    case "read" where state.list != nil: return sorted(call.output) == sorted(state) ? .some(state) : never
    case "read", "get": return call.output == state ? .some(state) : never
    case "write", "put": return .some(call.input)
    case "cas": return call.input.list?[0] == state ? call.input.list.map { $0[1] } : never
    case "enqueue": return .list((state.list ?? []) + [call.input])
    case "dequeue": return dequeue(call, state.list ?? [])
    case "add":
      guard let elements = state.list else { return .int((state.int ?? 0) + (call.input.int ?? 0)) }
      return elements.contains(call.input)
        ? .some(state) : .list((elements + [call.input]).sorted { ($0.int ?? 0) < ($1.int ?? 0) })
    case "acquire": return state == false ? .some(true) : never
    case "release": return state == true ? .some(false) : never
    default: return never
    }
  }

  /// One whose answer is not known takes what is there.
  private static func dequeue(_ call: Call, _ elements: [Value]) -> Value? {
    if call.isRequired, call.output != elements.first ?? .null { return .none }
    return .list(Array(elements.dropFirst()))
  }

  private static func sorted(_ value: Value) -> [Int64]? { value.list.map { $0.compactMap(\.int).sorted() } }
}
