import Generators
import Histories

/// Histories of a store with siblings by twenty clients, each of which gets a key and then puts it with the context
/// that it was given; at the end every key is got once more.
struct SiblingsLoad {
  private struct Key {
    var siblings: [Int64] = []
    var version = 0
  }

  private struct Client {
    var key = 0
    /// What the last get showed, and with which context; nil before the next get.
    var seen: (values: [Int64], context: Value)?
    /// What it puts, while that is under way; nil for a get.
    var value: Int64?
    var isOpen = false
  }

  private static let clients = 20

  private var keys: [Key]
  private var history = History(keyed: true)
  private var random = RandomStreams(seed: 1).stream("bench/siblings")
  private var next: Int64 = 0

  /// - Parameter loses: the last get of the first key that was put shows nothing.
  static func history(_ operations: Int, keys: Int, loses: Bool) -> History {
    var load = SiblingsLoad(keys: Array(repeating: Key(), count: keys))
    load.run(operations)
    let lost = loses ? load.keys.firstIndex { !$0.siblings.isEmpty } : nil
    for key in 0..<keys {
      load.record(clients, .invoke, "get", key, .null)
      load.record(clients, .ok, "get", key, load.answer(key, shows: key != lost))
    }
    return load.history
  }

  private init(keys: [Key]) { self.keys = keys }

  private mutating func run(_ operations: Int) {
    var states = [Client](repeating: Client(), count: Self.clients)
    var begun = 0
    while begun < operations || states.contains(where: \.isOpen) {
      let client = random.below(Self.clients)
      if states[client].isOpen {
        states[client].isOpen = false
        complete(&states[client], client)
      } else if begun < operations {
        begun += 1
        states[client].isOpen = true
        begin(&states[client], client)
      }
    }
  }

  private mutating func begin(_ state: inout Client, _ client: Int) {
    guard let seen = state.seen else {
      state.key = random.below(keys.count)
      return record(client, .invoke, "get", state.key, .null)
    }
    next += 1
    state.value = next
    record(client, .invoke, "put", state.key, ["value": .int(next), "context": seen.context])
  }

  private mutating func complete(_ state: inout Client, _ client: Int) {
    guard let value = state.value, let seen = state.seen else {
      let answer = answer(state.key, shows: true)
      state.seen = (keys[state.key].siblings, answer.map?["context"] ?? .null)
      return record(client, .ok, "get", state.key, answer)
    }
    (state.seen, state.value) = (nil, nil)
    keys[state.key].siblings = keys[state.key].siblings.filter { !seen.values.contains($0) } + [value]
    keys[state.key].version += 1
    record(client, .ok, "put", state.key, ["value": .int(value), "context": seen.context])
  }

  private func answer(_ key: Int, shows: Bool) -> Value {
    let siblings = shows ? keys[key].siblings : []
    return ["values": .list(siblings.map { .int($0) }), "context": .string("c\(keys[key].version)")]
  }

  private mutating func record(_ client: Int, _ type: EventType, _ function: String, _ key: Int, _ value: Value) {
    history.append(
      Event(
        index: 0, time: Int64(history.count) * 1_000, process: ProcessID(Int32(client)), type: type,
        function: function, value: .keyed(.int(Int64(key)), value)))
  }
}
