import Checkers
import Generators
import Histories

/// Small random histories of one key that a few replicas keep with siblings.
struct SiblingsSimulation {
  private struct Put {
    var value: Value
    var observed: Set<Int>
  }

  var random: RandomStream
  let putsMax: Int
  private var puts: [Put] = []
  private var replicas: [Set<Int>] = []
  private var events: [Event] = []
  /// Whether replicas are read directly.
  private var hasLocalGets = false
  /// What the contexts that gets have returned stand for.
  private var contexts: [String: Set<Int>] = [:]

  init(_ random: RandomStream, putsMax: Int) { (self.random, self.putsMax) = (random, putsMax) }

  private struct Open {
    var process: Int32
    var function: String
    var input: Value
    /// Of a get: the replica, where it is read directly.
    var node: Int?
    /// Of a put.
    var observed: Set<Int> = []
  }

  /// - Parameter tampers: whether what gets show may be changed.
  mutating func history(tampers: Bool) -> [Event] {
    (puts, events, contexts) = ([], [], [:])
    replicas = Array(repeating: [], count: 2)
    hasLocalGets = random.below(2) == 0
    var open: [Open] = []
    var (left, begun, fresh) = (3 + random.below(6), 0, Int32(10))
    var idle: [Int32] = [0, 1, 2]
    while left > 0 || !open.isEmpty {
      if left > 0, !idle.isEmpty, open.isEmpty || random.below(2) == 0 {
        left -= 1
        let process = idle.remove(at: random.below(idle.count))
        open.append(begun < putsMax && random.below(5) < 3 ? put(process, begun) : get(process))
        if open[open.count - 1].function == "put" { begun += 1 }
        continue
      }
      let done = open.remove(at: random.below(open.count))
      let type = end(done)
      idle.append(type == .info ? fresh : done.process)
      if type == .info { fresh += 1 }
    }
    if random.below(6) != 0 { replicas = replicas.map { _ in Set(puts.indices) } }
    for process in 0..<Int32(1 + random.below(2)) { _ = end(get(40 + process)) }
    if hasLocalGets { for node in replicas.indices { finish(node) } }
    if tampers { tamper() }
    return events
  }

  private mutating func record(
    _ process: Int32, _ type: EventType, _ function: String, _ value: Value, of node: Int? = nil, error: String? = nil
  ) {
    events.append(
      Event(
        index: events.count, time: Int64(events.count) * 1_000_000, process: ProcessID(process), type: type,
        function: function, value: value, node: node.map { "n\($0 + 1)" }, error: error))
  }

  private mutating func get(_ process: Int32) -> Open {
    if hasLocalGets, random.below(3) == 0 { return localGet(process, of: random.below(3)) }
    record(process, .invoke, "get", .null)
    return Open(process: process, function: "get", input: .null)
  }

  private mutating func localGet(_ process: Int32, of node: Int) -> Open {
    record(process, .invoke, "local-get", .null, of: node)
    return Open(process: process, function: "local-get", input: .null, node: node)
  }

  /// Mostly the third node, which has no copy, refuses.
  private mutating func end(localGet call: Open, of node: Int) {
    let refuses = node >= replicas.count ? random.below(8) > 0 : random.below(30) == 0
    let fails = node >= replicas.count || random.below(30) == 0
    if refuses || fails {
      let error = refuses ? ConvergenceChecker.notAReplica : "timeout"
      record(call.process, .fail, "local-get", .null, of: node, error: error)
    } else {
      record(call.process, .ok, "local-get", answer(replicas[node]), of: node)
    }
  }

  /// The last reads of a replica, of which one may be left out; the third node may refuse once more.
  private mutating func finish(_ node: Int) {
    if random.below(12) > 0 {
      let call = localGet(50 + Int32(node), of: node)
      end(localGet: call, of: node)
    }
    let call = localGet(60, of: 2)
    end(localGet: call, of: 2)
  }

  private mutating func put(_ process: Int32, _ number: Int) -> Open {
    let known = contexts.keys.sorted()
    let choice = random.below(12)
    let context: Value =
      choice == 0 ? .string("strange") : choice < 3 || known.isEmpty ? .null : .string(known[random.below(known.count)])
    let value: Value = random.below(5) == 0 ? .null : .int(Int64(number + 1))
    let input: Value = ["value": value, "context": context]
    record(process, .invoke, "put", input)
    var observed = context.string.flatMap { contexts[$0] } ?? []
    if choice == 0, !puts.isEmpty, random.below(2) == 0 { observed = [random.below(puts.count)] }
    return Open(process: process, function: "put", input: input, observed: closed(observed))
  }

  private func closed(_ some: Set<Int>) -> Set<Int> { some.reduce(into: some) { $0.formUnion(puts[$1].observed) } }

  private mutating func end(_ call: Open) -> EventType {
    let kind = random.below(10)
    if let node = call.node {
      end(localGet: call, of: node)
      return .ok
    }
    if call.function == "get" {
      let replica = random.below(2)
      let known = random.below(3) == 0 ? replicas[0].union(replicas[1]) : replicas[replica]
      if random.below(3) == 0 { replicas[replica] = known }
      record(call.process, kind == 0 ? .fail : .ok, "get", kind == 0 ? .null : answer(known))
      return .ok
    }
    if kind == 0 {
      record(call.process, .fail, "put", call.input)
      return .fail
    }
    if kind > 2 || random.below(2) == 0 {
      puts.append(Put(value: call.input.map?["value"] ?? .null, observed: call.observed))
      replicas[random.below(2)].formUnion(call.observed.union([puts.count - 1]))
    }
    record(call.process, kind <= 2 ? .info : .ok, "put", call.input)
    return kind <= 2 ? .info : .ok
  }

  private mutating func answer(_ known: Set<Int>) -> Value {
    let superseded = known.reduce(into: Set<Int>()) { $0.formUnion(puts[$1].observed) }
    let left = known.subtracting(superseded).sorted().map { puts[$0].value }
    let context = "c" + known.sorted().map { "\($0)" }.joined(separator: ".")
    contexts[context] = known
    return ["values": .list(left.filter { $0 != .null || known.count % 2 == 0 }), "context": .string(context)]
  }

  private mutating func tamper() {
    let places = events.indices.filter { events[$0].type == .ok && events[$0].function.hasSuffix("get") }
    guard !places.isEmpty else { return }
    for _ in 0..<1 + random.below(2) {
      // Mostly the last one.
      let place = random.below(3) == 0 ? places[random.below(places.count)] : places[places.count - 1]
      guard var answer = events[place].value.map, var values = answer["values"]?.list else { continue }
      switch random.below(4) {
      case 0: if !values.isEmpty { values.remove(at: random.below(values.count)) }
      case 1: values += values.prefix(1)
      default:
        let value = Value.int(Int64(1 + random.below(putsMax)))
        if !values.contains(value) { values.append(value) }
      }
      answer["values"] = .list(values)
      events[place].value = .map(answer)
    }
  }
}
