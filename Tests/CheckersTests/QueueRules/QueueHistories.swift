import Generators
import Histories

/// An object that clients of a made-up history work on.
struct SimulatedObject {
  /// Function and input of the next call.
  var call: (_ random: inout RandomStream, _ state: [Int64], _ unique: Int64) -> (f: String, input: Value)
  /// Takes effect: the outcome and the answer; nil if it has to wait.
  var apply: (_ random: inout RandomStream, _ state: inout [Int64], _ f: String, _ input: Value, _ process: Int64) ->
    (EventType, Value)?
}

/// Seeded histories of one object: simulated ones, which are linearizable, and mutations of them.
struct QueueHistories {
  private struct Client {
    var process: Int32
    var call: (f: String, input: Value)?
    var answer: (EventType, Value)?
  }

  let object: SimulatedObject
  var random: RandomStream
  private var unique: Int64 = 0

  init(_ object: SimulatedObject, _ random: RandomStream) {
    self.object = object
    self.random = random
  }

  /// A history, and whether it was left as it was simulated: then it is linearizable.
  mutating func next(operationsMax: Int) -> (history: History, isUntouched: Bool) {
    let crashedPercent = [0, 0, 10, 30][random.below(4)]
    let operations = max(1, operationsMax - random.below(operationsMax) * random.below(4) / 3)
    var events = simulated(operations, clients: 1 + random.below(4), crashedPercent)
    let changes = random.below(5) == 0 ? 0 : 1 + random.below(5)
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
        unique += 1
        clients[place].call = object.call(&random, state, unique)
        emit(&events, clients[place], .invoke)
        continue
      }
      if clients[place].answer == nil, random.below(100) >= crashedPercent / 2 {
        clients[place].answer = object.apply(&random, &state, call.f, call.input, Int64(clients[place].process))
        if clients[place].answer != nil || random.below(6) > 0 { continue }
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
    case 0: if events[place].type != .invoke { events[place].type = [.ok, .fail, .info][random.below(3)] }
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

extension SimulatedObject {
  /// A container; values are unique, or of 1...values.
  static func container(
    _ insertion: String, _ removal: String, values: Int? = nil, insertPercent: Int = 55,
    taking: @escaping (_ random: inout RandomStream, _ state: [Int64]) -> Int
  ) -> SimulatedObject {
    SimulatedObject(
      call: { random, _, unique in
        guard random.below(100) < insertPercent else { return (removal, .null) }
        return (insertion, .int(values.map { Int64(1 + random.below($0)) } ?? unique))
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

  static func fifo(values: Int? = nil) -> SimulatedObject {
    container("enqueue", "dequeue", values: values) { _, _ in 0 }
  }
  static func bag(values: Int? = nil) -> SimulatedObject {
    container("enqueue", "dequeue", values: values) { random, state in random.below(state.count) }
  }
  static func stack(values: Int? = nil) -> SimulatedObject {
    container("push", "pop", values: values) { _, state in state.count - 1 }
  }
  /// Unique priorities are scattered, so that order of insertion is not order of priority.
  static func priority(values: Int? = nil) -> SimulatedObject {
    var object = container("insert", "delete-min", values: values) { _, state in
      state.indices.min { state[$0] < state[$1] } ?? 0
    }
    if values == nil {
      let call = object.call
      object.call = { random, state, unique in
        let next = call(&random, state, unique)
        return next.f == "insert" ? (next.f, .int(Int64(random.below(1000)) * 1_000_000 + unique)) : next
      }
    }
    return object
  }

  /// A lock whose clients acquire and release in turn, or, `wild`, as they like; a refused release fails.
  static func semaphore(permits: Int, wild: Bool) -> SimulatedObject {
    SimulatedObject(
      call: { random, state, _ in (random.below(2) == 0 ? "acquire" : "release", .null) },
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
      })
  }
}
