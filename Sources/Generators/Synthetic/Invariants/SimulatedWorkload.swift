import Histories

/// One operation of a simulated workload.
struct WorkloadCall {
  var function: String
  /// As the invocation has it.
  var input: Value
  /// Names the object for the workload itself.
  var object = 0
}

/// One event of a script; its processes are numbered from 0.
struct WorkloadStep {
  var process = 0
  var type: EventType
  var function: String
  var value: Value

  /// An operation during which no other of the script runs.
  static func alone(_ function: String, _ input: Value, _ output: Value, _ type: EventType = .ok) -> [WorkloadStep] {
    [
      WorkloadStep(type: .invoke, function: function, value: input),
      WorkloadStep(type: type, function: function, value: output),
    ]
  }
}

/// A database that runs every operation at one moment.
protocol SimulatedWorkload {
  /// The next operation of a client.
  mutating func draw(_ random: inout RandomStream) -> WorkloadCall

  /// Runs the operation: what it answers, or nil if it is refused and did nothing.
  mutating func apply(_ call: WorkloadCall) -> Value?

  /// What comes before all else.
  mutating func opening() -> [WorkloadStep]

  /// Events that certainly prove the anomaly, whatever clients do before and after, and that change the state as they
  /// say.
  mutating func plant(_ anomaly: SyntheticInvariants.Anomaly) -> [WorkloadStep]

  /// What comes when all clients are done.
  mutating func closing() -> [WorkloadStep]
}

/// The clients of a simulated workload, moment by moment.
struct WorkloadClients<Workload: SimulatedWorkload> {
  /// Nanoseconds from one event to the next.
  private static var tick: Int64 { 1000 }
  /// The part of the operations, in percent, after which an anomaly is planted.
  private static var plantPercent: Int { 97 }

  private struct Client {
    var process: Int32
    var call = WorkloadCall(function: "", input: .null)
    /// How the call ends, once that is known.
    var end: (type: EventType, value: Value)?
  }

  private let options: SyntheticInvariants.Options
  private var workload: Workload
  private var random: RandomStream
  private var clients: [Client]
  private var planted: SyntheticInvariants.Anomaly?
  private var begun = 0
  private var events = 0
  private var nextProcess: Int32

  init(_ options: SyntheticInvariants.Options, _ workload: Workload, _ random: RandomStream) {
    self.options = options
    self.workload = workload
    self.random = random
    clients = (0..<min(options.clients, options.operations)).map { Client(process: Int32($0)) }
    nextProcess = Int32(clients.count)
    planted = options.planted
  }

  mutating func run<Failure: Error>(_ body: (Event) throws(Failure) -> Void) throws(Failure) {
    try play(workload.opening(), body)
    var open = Array(clients.indices)
    for client in open { try begin(client, body) }
    while !open.isEmpty {
      let place = random.below(open.count)
      let client = open[place]
      guard let end = clients[client].end else {
        decide(client)
        continue
      }
      try finish(client, end, body)
      if begun * 100 >= options.operations * Self.plantPercent { try plant(body) }
      if begun < options.operations {
        try begin(client, body)
      } else {
        open.swapAt(place, open.count - 1)
        open.removeLast()
      }
    }
    try plant(body)
    try play(workload.closing(), body)
  }

  private mutating func begin<Failure: Error>(
    _ client: Int, _ body: (Event) throws(Failure) -> Void
  ) throws(Failure) {
    begun += 1
    clients[client].call = workload.draw(&random)
    clients[client].end = nil
    try emit(clients[client].process, .invoke, clients[client].call.function, clients[client].call.input, body)
  }

  /// The moment of the call: it runs, fails, or is never answered, half of the time after it ran.
  private mutating func decide(_ client: Int) {
    let (call, chance) = (clients[client].call, random.unit() * 100)
    if chance < options.crashedPercent {
      if random.below(2) == 0 { _ = workload.apply(call) }
      clients[client].end = (.info, call.input)
    } else if chance < options.crashedPercent + options.failedPercent {
      clients[client].end = (.fail, call.input)
    } else {
      clients[client].end = workload.apply(call).map { (.ok, $0) } ?? (.fail, call.input)
    }
  }

  private mutating func finish<Failure: Error>(
    _ client: Int, _ end: (type: EventType, value: Value), _ body: (Event) throws(Failure) -> Void
  ) throws(Failure) {
    try emit(clients[client].process, end.type, clients[client].call.function, end.value, body)
    guard end.type == .info else { return }
    clients[client].process = nextProcess
    nextProcess += 1
  }

  private mutating func plant<Failure: Error>(_ body: (Event) throws(Failure) -> Void) throws(Failure) {
    guard let anomaly = planted else { return }
    planted = nil
    try play(workload.plant(anomaly), body)
  }

  /// The script by fresh processes, with no other event in between.
  private mutating func play<Failure: Error>(
    _ script: [WorkloadStep], _ body: (Event) throws(Failure) -> Void
  ) throws(Failure) {
    let first = nextProcess
    for step in script {
      nextProcess = max(nextProcess, first + Int32(step.process) + 1)
      try emit(first + Int32(step.process), step.type, step.function, step.value, body)
    }
  }

  private mutating func emit<Failure: Error>(
    _ process: Int32, _ type: EventType, _ function: String, _ value: Value, _ body: (Event) throws(Failure) -> Void
  ) throws(Failure) {
    try body(
      Event(
        index: events, time: Int64(events) * Self.tick, process: ProcessID(process), type: type, function: function,
        value: value, error: type == .info ? "timeout" : nil))
    events += 1
  }
}
