import Generators
import Histories

/// Random histories of one register: simulated ones that are linearizable, mutated ones, and pure noise.
struct RandomHistory {
  struct Shape {
    var processes: Int
    var operations: Int
    /// Values are 0..<values; nil gives every write its own.
    var values: Int?
    /// Of 100 operations, how many end unknown.
    var crashedPercent: Int
    var functions = ["read", "write", "cas"]
  }

  private struct Client {
    var process: Int32
    var call: (f: String, input: Value)?
    var output: Value = .null
    var isApplied = false
    var isMismatch = false
  }

  var random: RandomStream
  private var nextUnique: Int64 = 1

  init(_ random: RandomStream) { self.random = random }

  /// A shape for small histories.
  mutating func shape(operationsMax: Int = 16) -> Shape {
    Shape(
      processes: random.below(2) == 0 ? 1 + random.below(8) : 4 + random.below(5),
      operations: 1 + random.below(operationsMax),
      values: random.below(3) == 0 ? nil : 2 + random.below(3), crashedPercent: [0, 0, 10, 40][random.below(4)])
  }

  /// One of the three sorts.
  mutating func next(_ shape: Shape) -> History {
    var events = random.below(4) == 0 ? noise(shape) : simulated(shape)
    if random.below(4) != 0 {
      for _ in 0...random.below(5) { mutate(&events, shape) }
    }
    return History(events)
  }

  private mutating func value(_ shape: Shape) -> Value {
    if let values = shape.values { return .int(Int64(random.below(values))) }
    nextUnique += 1
    return .int(nextUnique)
  }

  /// Clients that invoke, take effect at a random moment, and complete; crashed ones may never take effect.
  mutating func simulated(_ shape: Shape) -> [Event] {
    var clients = (0..<shape.processes).map { Client(process: Int32($0)) }
    var (state, events, left) = (Value.null, [Event](), shape.operations)
    while left > 0 || clients.contains(where: { $0.call != nil }) {
      let place = random.below(clients.count)
      if clients[place].call == nil {
        if left == 0 { continue }
        left -= 1
        clients[place].call = call(shape, state)
        emit(&events, clients[place], .invoke)
      } else if !clients[place].isApplied, random.below(100) >= shape.crashedPercent / 2 {
        apply(&clients[place], &state)
      } else {
        complete(&clients[place], shape, &events, clients.count + events.count)
      }
    }
    return events
  }

  private mutating func call(_ shape: Shape, _ state: Value) -> (f: String, input: Value) {
    let f = shape.functions[random.below(shape.functions.count)]
    if f == "read" { return (f, .null) }
    if f == "write" { return (f, value(shape)) }
    let from = shape.values == nil || random.below(2) == 0 ? state : value(shape)
    return (f, .list([from, value(shape)]))
  }

  private func apply(_ client: inout Client, _ state: inout Value) {
    client.isApplied = true
    guard let call = client.call else { return }
    client.output = call.input
    switch call.f {
    case "read": client.output = state
    case "write": state = call.input
    default:
      guard case .list(let pair) = call.input else { return }
      if state == pair[0] { state = pair[1] } else { client.isMismatch = true }
    }
  }

  private mutating func complete(_ client: inout Client, _ shape: Shape, _ events: inout [Event], _ fresh: Int) {
    let isCrashed = !client.isApplied || random.below(100) < shape.crashedPercent
    emit(&events, client, isCrashed ? .info : client.isMismatch ? .fail : .ok)
    client = Client(process: isCrashed ? Int32(1000 + fresh) : client.process)
  }

  private func emit(_ events: inout [Event], _ client: Client, _ type: EventType) {
    guard let call = client.call else { return }
    events.append(
      Event(
        index: events.count, time: Int64(events.count), process: ProcessID(client.process), type: type,
        function: call.f,
        value: type == .ok ? client.output : call.input, node: "n\(client.process % 5)"))
  }

  /// Answers without any register behind them.
  private mutating func noise(_ shape: Shape) -> [Event] {
    var events = simulated(shape)
    for place in events.indices where events[place].type == .ok && events[place].function == "read" {
      events[place].value = random.below(6) == 0 ? .null : value(shape)
    }
    return events
  }

  /// Changes one thing: an answer, an outcome, or the order of two neighbouring events.
  private mutating func mutate(_ events: inout [Event], _ shape: Shape) {
    let place = random.below(events.count)
    switch random.below(4) {
    case 0: events[place].type = events[place].type == .ok ? .fail : events[place].type
    case 1: events[place].type = events[place].type == .fail ? .ok : events[place].type
    case 2:
      let other = random.below(events.count)
      let pair = [events[place], events[other]]
      guard pair.allSatisfy({ $0.type == .ok && $0.function == "read" }) else { return changeRead(&events) }
      (events[place].value, events[other].value) = (pair[1].value, pair[0].value)
    default:
      guard place > 0, events[place].process != events[place - 1].process else { return changeRead(&events) }
      events.swapAt(place, place - 1)
    }
  }

  /// A read answers what another operation wrote or saw.
  private mutating func changeRead(_ events: inout [Event]) {
    let reads = events.indices.filter { events[$0].type == .ok && events[$0].function == "read" }
    guard !reads.isEmpty else { return }
    let value = events[random.below(events.count)].value
    events[reads[random.below(reads.count)]].value = value.list?.last ?? value
  }
}
