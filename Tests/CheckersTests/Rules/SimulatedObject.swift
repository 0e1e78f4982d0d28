import Generators
import Histories

/// An object that random clients call: what they ask, what it answers, and what a faulty one might have answered.
protocol SimulatedObject {
  var specification: Specification { get }
  var initial: Value { get }

  /// What a client asks next.
  mutating func call(_ state: Value, _ random: inout RandomStream) -> (f: String, input: Value)
  /// The state after the call, and its answer; nil where the object refuses, so that the operation fails.
  func apply(_ state: Value, _ f: String, _ input: Value) -> (state: Value, answer: Value)?
  /// Another answer of the right shape; nil where there is nothing to answer wrongly.
  mutating func wrongAnswer(_ f: String, _ input: Value, _ answer: Value, _ random: inout RandomStream) -> Value?
}

/// Random histories of one object: simulated ones that are linearizable, mutated ones, and pure noise.
struct ObjectHistories<Object: SimulatedObject> {
  /// How a history came to be.
  enum Sort {
    case valid, mutated, noise
  }

  private struct Client {
    var process: Int32
    var call: (f: String, input: Value)?
    var answer = Value.null
    var isApplied = false
    var isRefused = false
  }

  private let makeObject: (inout RandomStream) -> Object
  private var random: RandomStream
  private var object: Object

  init(_ random: RandomStream, makeObject: @escaping (inout RandomStream) -> Object) {
    self.makeObject = makeObject
    self.random = random
    object = makeObject(&self.random)
  }

  /// The next history, with the object that it is of.
  mutating func next(operationsMax: Int) -> (history: History, object: Object, sort: Sort) {
    object = makeObject(&random)
    let crashedPercent = [0, 0, 15, 40][random.below(4)]
    var events = simulated(
      processes: 1 + random.below(5), operations: 1 + operationsMax / 3 + random.below(operationsMax * 2 / 3),
      crashedPercent: crashedPercent)
    var sort = Sort.valid
    switch random.below(10) {
    case 0, 1: break
    case 2...6:
      sort = .mutated
      for _ in 0...random.below(5) { mutate(&events) }
    default:
      sort = .noise
      for place in events.indices where events[place].type == .ok { changeAnswer(&events, place) }
    }
    return (History(events), object, sort)
  }

  /// A history that is linearizable, of this many operations.
  mutating func valid(operations: Int) -> (history: History, object: Object) {
    object = makeObject(&random)
    return (History(simulated(processes: 6, operations: operations, crashedPercent: 3)), object)
  }

  /// Clients that invoke, take effect at a random moment, and complete; crashed ones may never take effect.
  private mutating func simulated(processes: Int, operations: Int, crashedPercent: Int) -> [Event] {
    var clients = (0..<processes).map { Client(process: Int32($0)) }
    var (state, events, left) = (object.initial, [Event](), operations)
    while left > 0 || clients.contains(where: { $0.call != nil }) {
      let place = random.below(clients.count)
      if clients[place].call == nil {
        if left == 0 { continue }
        left -= 1
        clients[place].call = object.call(state, &random)
        emit(&events, clients[place], .invoke)
      } else if !clients[place].isApplied, random.below(100) >= crashedPercent / 2 {
        apply(&clients[place], &state)
      } else {
        complete(&clients[place], crashedPercent, &events, clients.count + events.count)
      }
    }
    return events
  }

  private func apply(_ client: inout Client, _ state: inout Value) {
    client.isApplied = true
    guard let call = client.call else { return }
    guard let after = object.apply(state, call.f, call.input) else { return client.isRefused = true }
    (state, client.answer) = (after.state, after.answer)
  }

  private mutating func complete(
    _ client: inout Client, _ crashedPercent: Int, _ events: inout [Event], _ fresh: Int
  ) {
    let isCrashed = !client.isApplied || random.below(100) < crashedPercent
    emit(&events, client, isCrashed ? .info : client.isRefused ? .fail : .ok)
    client = Client(process: isCrashed ? Int32(1000 + fresh) : client.process)
  }

  private func emit(_ events: inout [Event], _ client: Client, _ type: EventType) {
    guard let call = client.call else { return }
    events.append(
      Event(
        index: events.count, time: Int64(events.count), process: ProcessID(client.process), type: type,
        function: call.f, value: type == .ok ? client.answer : call.input))
  }

  /// Changes one thing: an answer, an outcome, or the place of an event.
  private mutating func mutate(_ events: inout [Event]) {
    let place = random.below(events.count)
    switch random.below(6) {
    case 0: if events[place].type == .fail || events[place].type == .ok { events[place].type = .info }
    case 1: if events[place].type == .ok { events[place].type = .fail }
    case 2, 3: shift(&events, place)
    default: changeAnswer(&events, place)
    }
  }

  /// Moves the event towards the beginning or the end, up to the next event of its process.
  private mutating func shift(_ events: inout [Event], _ place: Int) {
    var place = place
    let step = random.below(2) == 0 ? -1 : 1
    for _ in 0...random.below(6) {
      let next = place + step
      guard events.indices.contains(next), events[next].process != events[place].process else { return }
      events.swapAt(place, next)
      place = next
    }
  }

  private mutating func changeAnswer(_ events: inout [Event], _ place: Int) {
    let event = events[place]
    guard event.type == .ok,
      let invoke = events[..<place].last(where: { $0.process == event.process && $0.type == .invoke }),
      let answer = object.wrongAnswer(event.function, invoke.value, event.value, &random)
    else { return }
    events[place].value = answer
  }
}
