import Histories

/// The clients of all simulated objects, and the one place where events are made.
struct SyntheticSimulation<Object: SimulatedObject> {
  /// Calls of ended processes of one key that may still take effect; past this the oldest never does.
  private static var deferredMax: Int { 64 }
  /// Nanoseconds from one event to the next.
  private static var tick: Int64 { 1000 }

  private struct Client {
    var process: Int32
    var call: SimulatedCall
    /// Its moment has passed: it took effect, or will crash without.
    var isDecided = false
  }

  private let options: SyntheticOptions
  private var random: RandomStream
  private var objects: [Object]
  private var clients: [Client]
  /// Clients with an operation under way.
  private var active: [Int] = []
  /// The place of each of them there.
  private var places: [Int]
  private var deferred: [[SimulatedCall]]
  private var nextProcess: Int32
  private var invoked = 0
  private var events = 0
  /// The object that plants the violation, as long as it has not been told.
  private var planter: Int?
  /// The object that was told.
  private var planting: Int?
  private var violation: Int?

  init(_ options: SyntheticOptions, _ random: RandomStream) {
    self.options = options
    self.random = random
    objects = (0..<options.objects).map { _ in Object(options) }
    let count = options.objects * options.clients
    clients = (0..<count).map { Client(process: Int32($0), call: SimulatedCall("")) }
    places = Array(0..<count)
    deferred = Array(repeating: [], count: options.objects)
    nextProcess = Int32(count)
    if options.hasViolation { planter = self.random.below(options.objects) }
  }

  mutating func run<Failure: Error>(
    _ body: (Event) throws(Failure) -> Void
  ) throws(Failure) -> SyntheticHistory.Outcome {
    for client in clients.indices {
      active.append(client)
      try invoke(client, body)
    }
    while !active.isEmpty {
      let client = active[random.below(active.count)]
      applyDeferred(client / options.clients)
      if clients[client].isDecided { try finish(client, body) } else { decide(client) }
    }
    return SyntheticHistory.Outcome(
      verdict: options.hasViolation ? .invalid : .valid, violation: violation, operations: invoked, events: events)
  }

  // MARK: The life of a call

  private mutating func invoke<Failure: Error>(
    _ client: Int, _ body: (Event) throws(Failure) -> Void
  ) throws(Failure) {
    invoked += 1
    if let object = planter, invoked * 100 >= options.operations * SyntheticOptions.violationPercent {
      objects[object].plant()
      (planter, planting) = (nil, object)
    }
    let object = client / options.clients
    var call = objects[object].draw(client: client % options.clients, &random)
    call.client = client % options.clients
    call.invocation = events
    if call.crash != .never, !objects[object].isPlanting, random.unit() * 100 < options.crashedPercent {
      call.fate = fate(call.crash)
    }
    clients[client].call = call
    clients[client].isDecided = false
    try record(client, .invoke, call.input, body)
  }

  /// Where all is possible, half had taken effect, a quarter will, a quarter never does.
  private mutating func fate(_ crash: SimulatedCall.Crash) -> SimulatedCall.Fate {
    if crash == .withoutEffect { return .neverHappens }
    switch random.below(4) {
    case 0: return crash == .withEffect ? .crashesAfter : .neverHappens
    case 1: return .crashesBefore
    default: return .crashesAfter
    }
  }

  private mutating func decide(_ client: Int) {
    switch clients[client].call.fate {
    case .answers, .crashesAfter:
      clients[client].isDecided = objects[client / options.clients].apply(&clients[client].call)
    case .crashesBefore, .neverHappens: clients[client].isDecided = true
    }
  }

  private mutating func finish<Failure: Error>(
    _ client: Int, _ body: (Event) throws(Failure) -> Void
  ) throws(Failure) {
    let object = client / options.clients
    if clients[client].call.fate == .answers {
      try complete(client, body)
      if let other = accomplice(of: client) {
        try complete(other, body)
        try goOn(other, body)
      }
    } else {
      try record(client, .info, clients[client].call.input, body)
      leave(clients[client].call, object)
      clients[client].process = nextProcess
      nextProcess += 1
    }
    try goOn(client, body)
  }

  /// The client invokes its next operation, or is done.
  private mutating func goOn<Failure: Error>(
    _ client: Int, _ body: (Event) throws(Failure) -> Void
  ) throws(Failure) {
    if mustGoOn(client) { return try invoke(client, body) }
    let last = active.removeLast()
    if last == client { return }
    active[places[client]] = last
    places[last] = places[client]
  }

  private mutating func complete<Failure: Error>(
    _ client: Int, _ body: (Event) throws(Failure) -> Void
  ) throws(Failure) {
    let call = clients[client].call
    if call.isViolation { violation = events }
    try record(client, call.isFailed ? .fail : .ok, call.isFailed ? call.input : call.output, body)
    objects[client / options.clients].returned(call, at: events - 1)
  }

  private func mustGoOn(_ client: Int) -> Bool {
    let object = client / options.clients
    return invoked < options.operations || planting == object && objects[object].isPlanting
      || objects[object].owes(client: client % options.clients)
  }

  /// Another client of the object whose return, right now, makes the violation.
  private mutating func accomplice(of client: Int) -> Int? {
    let object = client / options.clients
    guard planting == object, objects[object].isPlanting else { return nil }
    let call = clients[client].call
    let siblings = object * options.clients..<(object + 1) * options.clients
    let other = siblings.first { other in
      other != client && isActive(other) && !clients[other].isDecided
        && objects[object].makesViolation(with: clients[other].call, after: call)
    }
    guard let other else { return nil }
    clients[other].call.fate = .answers
    clients[other].call.isViolation = true
    return objects[object].apply(&clients[other].call) ? other : nil
  }

  private func isActive(_ client: Int) -> Bool { places[client] < active.count && active[places[client]] == client }

  // MARK: Ended processes

  private mutating func leave(_ call: SimulatedCall, _ object: Int) {
    guard call.fate == .crashesBefore else { return }
    if deferred[object].count == Self.deferredMax { deferred[object].removeFirst() }
    var call = call
    call.isGone = true
    deferred[object].append(call)
  }

  /// Now and then, an operation whose process has ended takes effect.
  private mutating func applyDeferred(_ object: Int) {
    guard !deferred[object].isEmpty, random.below(4 * options.clients) == 0 else { return }
    var call = deferred[object].remove(at: random.below(deferred[object].count))
    _ = objects[object].apply(&call)
  }

  // MARK: Events

  private mutating func record<Failure: Error>(
    _ client: Int, _ type: EventType, _ value: Value, _ body: (Event) throws(Failure) -> Void
  ) throws(Failure) {
    let key = client / options.clients
    let error: String? = type == .fail ? "compare-failed" : type == .info ? "timeout" : nil
    let event = Event(
      index: events, time: Int64(events) * Self.tick, process: ProcessID(clients[client].process), type: type,
      function: clients[client].call.function,
      value: options.keys > 0 ? .keyed(.int(Int64(key)), value) : value, error: error)
    events += 1
    try body(event)
  }
}
