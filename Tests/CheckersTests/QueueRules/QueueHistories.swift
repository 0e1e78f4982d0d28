import Generators
import Histories

/// An object that clients of a made-up history work on.
struct SimulatedContainer {
  /// Function and input of a process's next call.
  var call: (_ random: inout RandomStream, _ state: [Int64], _ process: Int64) -> (f: String, input: Value)
  /// Takes effect: the outcome and the answer; nil if it has to wait.
  var apply:
    (_ random: inout RandomStream, _ state: inout [Int64], _ f: String, _ input: Value, _ process: Int64) ->
      (EventType, Value)?
  /// A wrong answer made from a right one; nil where any value of the history will do.
  var distort: ((_ random: inout RandomStream, _ answer: Value) -> Value)?
  /// How many clients work on it.
  var clients = 1...5
}

/// Seeded histories of one object: simulated ones, which are linearizable, and mutations of them.
struct QueueHistories {
  private struct Client {
    var process: Int32
    var call: (f: String, input: Value)?
    var answer: (EventType, Value)?
  }

  let object: SimulatedContainer
  var random: RandomStream
  /// Of 100 calls that would have to wait, how many are answered at once.
  private var liesPercent = 0

  init(_ object: SimulatedContainer, _ random: RandomStream) {
    self.object = object
    self.random = random
  }

  /// A history, and whether it was left as it was simulated: then it is linearizable.
  mutating func next(operationsMax: Int) -> (history: History, isUntouched: Bool) {
    let crashedPercent = [0, 0, 10, 30][random.below(4)]
    let operations = max(1, operationsMax - random.below(operationsMax) * random.below(4) / 3)
    let changes = random.below(5) == 0 ? 0 : 1 + random.below(6)
    liesPercent = changes > 0 && random.below(4) > 0 && object.distort == nil ? 60 : 0
    var events = simulated(
      operations, clients: object.clients.lowerBound + random.below(object.clients.count), crashedPercent)
    for _ in 0..<changes { mutate(&events) }
    return (History(events), changes == 0)
  }

  /// Clients that invoke, take effect at a random moment, and complete; crashed ones may never take effect.
  mutating func simulated(_ operations: Int, clients: Int, _ crashedPercent: Int) -> [Event] {
    var clients = (0..<clients).map { Client(process: Int32($0)) }
    var (state, events, left) = ([Int64](), [Event](), operations)
    while left > 0 || clients.contains(where: { $0.call != nil }) {
      let place = random.below(clients.count)
      guard let call = clients[place].call else {
        if left == 0 { continue }
        left -= 1
        clients[place].call = object.call(&random, state, Int64(clients[place].process))
        emit(&events, clients[place], .invoke)
        continue
      }
      if clients[place].answer == nil, random.below(100) >= crashedPercent / 2 {
        clients[place].answer = object.apply(&random, &state, call.f, call.input, Int64(clients[place].process))
        if clients[place].answer == nil, random.below(100) < liesPercent { clients[place].answer = (.ok, call.input) }
        if clients[place].answer != nil || random.below(12) > 0 { continue }
      }
      let isCrashed = clients[place].answer == nil || random.below(100) < crashedPercent
      emit(&events, clients[place], isCrashed ? .info : clients[place].answer?.0 ?? .info)
      clients[place] = Client(process: isCrashed ? Int32(1000 + events.count) : clients[place].process)
    }
    return events
  }

  private func emit(_ events: inout [Event], _ client: Client, _ type: EventType) {
    guard let call = client.call else { return }
    events.append(
      Event(
        index: events.count, time: Int64(events.count), process: ProcessID(client.process), type: type,
        function: call.f, value: type == .ok ? client.answer?.1 ?? call.input : call.input))
  }

  /// Changes one thing: an answer, an outcome, or the place of an event.
  private mutating func mutate(_ events: inout [Event]) {
    let place = random.below(events.count)
    switch random.below(8) {
    case 0:
      // An operation that failed has no answer that it could have had.
      let types: [EventType] = object.distort == nil ? [.ok, .fail, .info] : [.fail, .info]
      if events[place].type != .invoke { events[place].type = types[random.below(types.count)] }
    case 1, 2, 3: changeAnswer(&events)
    default: move(&events, from: place, by: 1 + random.below(4))
    }
    for place in events.indices { events[place].index = place }
  }

  /// Two operations of one kind swap their answers, or one gets an answer of another, or nothing.
  private mutating func changeAnswer(_ events: inout [Event]) {
    let answers = events.indices.filter { events[$0].type == .ok && isAnswer($0, events) }
    guard !answers.isEmpty else { return }
    let first = answers[random.below(answers.count)]
    let second = answers[random.below(answers.count)]
    if let distort = object.distort {
      events[first].value = distort(&random, events[first].value)
      return
    }
    switch random.below(6) {
    case 0: events[first].value = .null
    case 1: events[first].value = events[random.below(events.count)].value
    default: (events[first].value, events[second].value) = (events[second].value, events[first].value)
    }
  }

  /// Whether the completion says more than its invocation.
  private func isAnswer(_ place: Int, _ events: [Event]) -> Bool {
    let invoke = events[..<place].last { $0.process == events[place].process }
    return invoke?.value != events[place].value || events[place].value.isNull
  }

  /// Moves an event over its neighbours, never past one of its own process.
  private mutating func move(_ events: inout [Event], from place: Int, by distance: Int) {
    let forward = random.below(2) == 0
    var place = place
    for _ in 0..<distance {
      let other = forward ? place + 1 : place - 1
      guard events.indices.contains(other), events[other].process != events[place].process else { return }
      events.swapAt(place, other)
      place = other
    }
  }
}

extension SimulatedContainer {
  /// A container; values are unique, or of 1...values.
  static func container(
    _ insertion: String, _ removal: String, values: Int? = nil, insertPercent: Int = 55,
    taking: @escaping (_ random: inout RandomStream, _ state: [Int64]) -> Int
  ) -> SimulatedContainer {
    SimulatedContainer(
      call: { random, _, _ in
        guard random.below(100) < insertPercent else { return (removal, .null) }
        // Of so many, no two in one history are equal but by rare chance, which is a case too.
        return (insertion, .int(Int64(1 + random.below(values ?? 1_000_000))))
      },
      apply: { random, state, f, input, _ in
        if f == insertion {
          state.append(input.int ?? 0)
          return (.ok, input)
        }
        if state.isEmpty { return (.ok, .null) }
        return (.ok, .int(state.remove(at: taking(&random, state))))
      })
  }

  static func fifo(values: Int? = nil) -> SimulatedContainer {
    container("enqueue", "dequeue", values: values) { _, _ in 0 }
  }
  static func bag(values: Int? = nil) -> SimulatedContainer {
    container("enqueue", "dequeue", values: values) { random, state in random.below(state.count) }
  }
  static func stack(values: Int? = nil) -> SimulatedContainer {
    container("push", "pop", values: values) { _, state in state.count - 1 }
  }
  static func priority(values: Int? = nil) -> SimulatedContainer {
    container("insert", "delete-min", values: values) { _, state in
      state.indices.min { state[$0] < state[$1] } ?? 0
    }
  }

  /// A lock whose clients acquire and release in turn, or, `wild`, as they like; a refused release fails.
  static func semaphore(permits: Int, wild: Bool) -> SimulatedContainer {
    SimulatedContainer(
      call: { random, state, process in
        let holds = wild ? random.below(2) == 0 : state.contains(process)
        return (holds != (random.below(12) == 0) ? "release" : "acquire", .null)
      },
      apply: { _, state, f, _, process in
        let me = wild ? 0 : process
        if f == "acquire" {
          if state.count == permits { return nil }
          state.append(me)
          return (.ok, .null)
        }
        guard let place = state.firstIndex(of: me) else { return (.fail, .null) }
        state.remove(at: place)
        return (.ok, .null)
      },
      clients: permits...permits + 4)
  }

  /// A fenced lock; releases name the token of the present or of an earlier hold.
  static func fencedLock(leased: Bool) -> SimulatedContainer {
    SimulatedContainer(
      call: { random, state, _ in
        // The state: holder, greatest token, greatest that wrote.
        let issued = state.isEmpty ? 0 : state[1]
        let token = Int64(max(1, issued - Int64(random.below(3) / 2)))
        return switch random.below(6) {
        case 0, 1, 2: ("acquire", .null)
        case 3, 4: ("release", .int(token))
        default: ("write", .list([.int(token), 7]))
        }
      },
      apply: { random, state, f, input, _ in
        if state.isEmpty { state = [0, 0, 0] }
        if f == "acquire" {
          if state[0] != 0, !leased { return nil }
          state[1] += 1 + Int64(random.below(2))
          state[0] = state[1]
          return (.ok, .int(state[1]))
        }
        if f == "release" {
          if input.int != state[0] { return (.fail, input) }
          state[0] = 0
          return (.ok, input)
        }
        guard let token = input.list?.first?.int, token >= state[2] else { return (.fail, input) }
        state[2] = token
        return (.ok, input)
      },
      distort: { random, answer in answer.int.map { .int(max(1, $0 + Int64(1 - 2 * random.below(2)))) } ?? answer })
  }

  /// One key of strings: the texts are a, b and what appending them makes.
  static var kv: SimulatedContainer {
    func text(_ state: [Int64]) -> Value { .string(String(decoding: state.map { UInt8($0) }, as: UTF8.self)) }
    return SimulatedContainer(
      call: { random, _, _ in
        let letter: Value = ["a", "b"][random.below(2)]
        return [("get", .null), ("get", .null), ("put", letter), ("append", letter)][random.below(4)]
      },
      apply: { _, state, f, input, _ in
        let letters = (input.string ?? "").utf8.map { Int64($0) }
        if f == "get" { return (.ok, text(state)) }
        state = f == "put" ? letters : state + letters
        return (.ok, input)
      },
      distort: { random, _ in [.null, "", "a", "b", "ab", "ba", "bb"][random.below(7)] })
  }

  /// Transactions over the registers x and y, which hold 0 at first.
  static var multiRegister: SimulatedContainer {
    SimulatedContainer(
      call: { random, _, _ in
        let parts = (0...random.below(2)).map { _ -> Value in
          let key: Value = ["x", "y"][random.below(2)]
          let isShort = random.below(2) == 0
          if random.below(2) == 0 { return .list([isShort ? "r" : "read", key, .null]) }
          return .list([isShort ? "w" : "write", key, .int(Int64(random.below(3)))])
        }
        return ("txn", .list(parts))
      },
      apply: { _, state, _, input, _ in
        if state.isEmpty { state = [0, 0] }
        let parts = (input.list ?? []).map { part -> Value in
          guard let words = part.list else { return part }
          let place = words[1] == "x" ? 0 : 1
          if words[0].string?.first == "r" { return .list([words[0], words[1], .int(state[place])]) }
          state[place] = words[2].int ?? 0
          return part
        }
        return (.ok, .list(parts))
      },
      distort: { random, answer in
        var parts = answer.list ?? []
        let place = random.below(parts.count)
        guard var words = parts[place].list else { return answer }
        words[2] = .int(Int64(random.below(3)))
        parts[place] = .list(words)
        return .list(parts)
      })
  }
}
