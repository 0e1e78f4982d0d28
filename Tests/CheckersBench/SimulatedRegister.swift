import Generators
import Histories

/// What a generated history looks like.
struct Shape {
  var operations: Int
  var clients: Int
  /// Every write has its own value; otherwise values are 0…4.
  var isUnique = false
  /// Of 100 operations, how many are never answered.
  var crashedPercent: Double = 0
  /// One read at 97 % of the history answers an overwritten value.
  var isStale = false
}

/// A linearizable register with clients that are always in flight: the hardest histories of their width.
struct SimulatedRegister {
  private struct Client {
    var process: Int32
    var function = ""
    var input: Value = .null
    var output: Value = .null
    var isApplied = false
    var isMismatch = false
  }

  private let shape: Shape
  private var random: RandomStream
  private var history = History()
  private var clients: [Client]
  private var state: Value = .null
  private var recent: [Value] = []
  private var invoked = 0
  private var unique: Int64 = 100
  private var needsStaleRead: Bool
  private var nextProcess: Int32

  init(_ shape: Shape, seed: UInt64) {
    self.shape = shape
    random = RandomStreams(seed: seed).stream("simulated register")
    clients = (0..<Int32(shape.clients)).map { Client(process: $0) }
    nextProcess = Int32(shape.clients)
    needsStaleRead = shape.isStale
  }

  static func history(_ shape: Shape, seed: UInt64) -> History {
    var register = SimulatedRegister(shape, seed: seed)
    return register.run()
  }

  private mutating func run() -> History {
    for client in clients.indices { invoke(client) }
    while invoked < shape.operations {
      let client = Int.random(in: clients.indices, using: &random)
      if !clients[client].isApplied { apply(client) } else { complete(client) }
    }
    for client in clients.indices {
      if !clients[client].isApplied { apply(client) }
      record(client, clients[client].isMismatch ? .fail : .ok, clients[client].output)
    }
    return history
  }

  private mutating func record(_ client: Int, _ type: EventType, _ value: Value) {
    history.append(
      Event(
        index: 0, time: Int64(history.count) * 1000, process: ProcessID(clients[client].process), type: type,
        function: clients[client].function, value: value))
  }

  private mutating func value() -> Value {
    if !shape.isUnique { return .int(Int64.random(in: 0...4, using: &random)) }
    unique += 1
    return .int(unique)
  }

  private mutating func invoke(_ client: Int) {
    invoked += 1
    clients[client].isApplied = false
    clients[client].isMismatch = false
    switch Int.random(in: 0..<3, using: &random) {
    case 0: (clients[client].function, clients[client].input) = ("read", .null)
    case 1: (clients[client].function, clients[client].input) = ("write", value())
    default:
      let from = shape.isUnique ? state : value()
      (clients[client].function, clients[client].input) = ("cas", .list([from, value()]))
    }
    record(client, .invoke, clients[client].input)
  }

  private mutating func apply(_ client: Int) {
    clients[client].isApplied = true
    clients[client].output = clients[client].input
    switch clients[client].function {
    case "read": clients[client].output = state
    case "write": state = clients[client].input
    default:
      let pair = clients[client].input.list ?? []
      if pair[0] == state { state = pair[1] } else { clients[client].isMismatch = true }
    }
    recent.append(state)
    if recent.count > 4_000 { recent.removeFirst(2_000) }
  }

  private mutating func complete(_ client: Int) {
    if Double.random(in: 0..<100, using: &random) < shape.crashedPercent {
      record(client, .info, clients[client].input)
      clients[client].process = nextProcess
      nextProcess += 1
      return invoke(client)
    }
    if needsStaleRead, invoked * 100 >= shape.operations * 97, clients[client].function == "read" { makeStale(client) }
    record(client, clients[client].isMismatch ? .fail : .ok, clients[client].output)
    invoke(client)
  }

  /// Answers a value that the register did not hold for a while.
  private mutating func makeStale(_ client: Int) {
    let held = Set(recent.suffix(shape.isUnique ? 20 * shape.clients : 4 * shape.clients))
    let writing = Set(clients.flatMap { [$0.input] + ($0.input.list ?? []) })
    guard let stale = recent.last(where: { !held.contains($0) && !writing.contains($0) }) else { return }
    clients[client].output = stale
    needsStaleRead = false
  }
}
