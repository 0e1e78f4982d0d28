import Generators
import Histories

let millisecond: Int64 = 1_000_000
let second: Int64 = 1_000_000_000

/// Runs a generator against a system whose operations all take 1 ms and end `ok`, unless told otherwise.
func simulate(
  _ generator: any Generator, clients: Int = 3, nemesis: Bool = false, seed: UInt64 = 1,
  latency: ClosedRange<Int64> = millisecond...millisecond, ok: Double = 1, fail: Double = 0, info: Double = 0,
  eventsMax: Int = 100_000
) -> (events: [Event], end: Simulation.End) {
  var simulation = Simulation(clients: clients, nemesis: nemesis, nodes: ["n1", "n2", "n3"])
  simulation.eventsMax = eventsMax
  let system = RandomSystem(
    RandomStreams(seed: seed).stream("system"), latency: latency, ok: ok, fail: fail, info: info)
  return simulation.run(generator, against: system)
}

extension [Event] {
  var invocations: [Event] { filter { $0.type == .invoke } }
  var functions: [String] { map(\.function) }
  var times: [Int64] { map(\.time) }
  func of(_ function: String) -> [Event] { filter { $0.function == function } }

  var jsonLines: [UInt8] {
    var bytes: [UInt8] = []
    for event in self { JSONLines.append(event, to: &bytes) }
    return bytes
  }
}

func stream(_ name: String, seed: UInt64 = 1) -> RandomStream { RandomStreams(seed: seed).stream(name) }

/// A moment with client threads 0..<clients, of which those in `busy` are.
func moment(_ time: Int64, clients: Int = 2, nemesis: Bool = false, busy: [ThreadID] = [], cursor: Int = 0) -> Context {
  let all = ThreadSet(clients: 0..<clients, nemesis: nemesis)
  return Context(time: time, all: all, free: all.subtracting(ThreadSet(busy)), cursor: cursor)
}

/// An event on a client thread that is not about any real operation.
func event(_ type: EventType, on thread: Int, at time: Int64 = 0) -> ThreadEvent {
  ThreadEvent(
    thread: ThreadID(thread),
    event: Event(index: 0, time: time, process: ProcessID(Int32(thread)), type: type, function: "f", value: .null))
}

/// What a copy of the generator would answer.
func peek(_ generator: any Generator, _ context: Context) -> Next {
  var copy = generator
  return copy.next(context)
}
