import Generators
import Histories
import Testing

@testable import Workloads

let second: Int64 = 1_000_000_000

/// The register workload built with these parameters.
func register(_ given: [String: Value] = [:], threads: Int = 10, seed: UInt64 = 1) throws -> WorkloadInstance {
  try instance("register", given, threads: threads, seed: seed)
}

/// A workload of the catalogue built with these parameters.
func instance(
  _ name: String, _ given: [String: Value] = [:], threads: Int = 10, seed: UInt64 = 1,
  nodes: [String] = ["n1", "n2", "n3"]
) throws -> WorkloadInstance {
  let workload = try #require(Catalogue.named(name))
  let (parameters, problems) = Parameter.resolve(given: given, schema: workload.parameters)
  #expect(problems.isEmpty)
  let streams = RandomStreams(seed: seed)
  return try workload.build(
    WorkloadSettings(parameters: parameters, threads: threads, streams: streams, nodes: nodes))
}

/// Registers that answer correctly, unless told to serve some reads from the past.
struct Registers: SimulatedSystem {
  var stream: RandomStream
  /// Share of the operations whose answer is lost.
  var lost = 0.0
  /// Share of the reads that are answered with the value before the last.
  var stale = 0.0
  private var states: [Value: Value] = [:]
  private var formerStates: [Value: Value] = [:]

  init(seed: UInt64, lost: Double = 0, stale: Double = 0) {
    stream = RandomStreams(seed: seed).stream("registers")
    self.lost = lost
    self.stale = stale
  }

  mutating func answer(_ invocation: Invocation) -> (after: Int64, completion: Completion) {
    let after = Int64(stream.below(5_000_000)) + 100_000
    guard let (key, value) = invocation.event.value.keyedPair else { return (after, Completion(.info)) }
    let completion = apply(invocation.event.function, key, value)
    return (after, stream.unit() < lost ? Completion(.info, error: "timeout") : completion)
  }

  private mutating func apply(_ function: String, _ key: Value, _ value: Value) -> Completion {
    let state = states[key] ?? .null
    switch function {
    case "read": return Completion(.ok, value: .keyed(key, stream.unit() < stale ? formerStates[key] ?? .null : state))
    case "cas":
      guard let pair = value.list, pair[0] == state else { return Completion(.fail, error: "compare-failed") }
      set(key, pair[1], from: state)
    default: set(key, value, from: state)
    }
    return Completion(.ok)
  }

  private mutating func set(_ key: Value, _ value: Value, from state: Value) {
    formerStates[key] = state
    states[key] = value
  }
}

/// A run as the real one does it: so many operations of the load, then the final reads.
func run(
  _ instance: WorkloadInstance, against system: some SimulatedSystem, operations: Int = 4_000, threads: Int = 10,
  keyed: Bool = true, nodes: [String] = ["n1", "n2", "n3"]
) -> (history: History, loadEvents: Int) {
  var simulation = Simulation(clients: threads, nemesis: true, nodes: nodes)
  simulation.eventsMax = 1_000_000
  let load = simulation.run(instance.generator.limited(operations), against: system).events
  let loaded = History(keyed: keyed, load)
  guard let final = instance.finalGenerator else { return (loaded, load.count) }
  let whole = simulation.run(phases(instance.generator.limited(operations), final(loaded)), against: system).events
  return (History(keyed: keyed, whole), load.count)
}
