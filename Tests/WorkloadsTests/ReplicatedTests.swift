import Checkers
import Generators
import Histories
import Testing

@testable import Workloads

/// Workloads of replicated objects, against replicas that keep what they promise and against some that do not.
@Suite struct ReplicatedTests {
  static let nodes = ["n1", "n2", "n3", "n4"]
  private static let names = ["crdt-counter", "crdt-register", "crdt-set", "siblings"]

  /// A run against four nodes of which three hold a copy.
  private func load(
    _ name: String, _ given: [String: Value] = [:], _ store: ReplicatedStore, seed: UInt64 = 1, operations: Int = 800
  ) throws -> (instance: WorkloadInstance, history: History, loadEvents: Int) {
    let instance = try instance(name, given, seed: seed, nodes: Self.nodes)
    let (history, loadEvents) = run(instance, against: store, operations: operations, nodes: Self.nodes)
    return (instance, history, loadEvents)
  }

  private func results(_ run: (instance: WorkloadInstance, history: History, loadEvents: Int)) -> [String: CheckResult]
  {
    Dictionary(uniqueKeysWithValues: run.instance.checks.map { ($0.claim, $0.run(run.history, CheckBudget())) })
  }

  @Test(arguments: names) func `what is right holds every claim, with answers lost and replicas late`(
    name: String
  ) throws {
    for (seed, lost) in [(1 as UInt64, 0), (2, 0.01), (3, 0.05)] {
      let run = try load(name, [:], ReplicatedStore(name, seed: seed, lost: lost), seed: seed)
      let found = results(run)
      for claim in found.keys.sorted() where claim != InvariantModel.Claim.convergesInRealTime {
        #expect(found[claim]?.verdict == .valid, "\(name), \(claim), seed \(seed): \(found[claim]?.reason ?? "")")
      }
    }
  }

  @Test(arguments: [
    ("crdt-counter", ReplicatedStore.Fault.losesUpdates, [InvariantAnomaly.wrongMerge]),
    ("crdt-counter", .appliesTwice, [.wrongMerge]), ("crdt-counter", .losesOnTheWay, [.diverged]),
    ("crdt-register", .losesUpdates, [.lostUpdate]), ("crdt-register", .keepsLastArrival, [.diverged]),
    ("crdt-set", .losesUpdates, [.lostUpdate]), ("crdt-set", .losesOnTheWay, [.diverged]),
    ("crdt-set", .forgetsRemovals, [.resurrection]), ("crdt-set", .removesUnseen, [.lostUpdate]),
    ("siblings", .losesUpdates, [.lostUpdate]), ("siblings", .forgetsRemovals, [.falseConflict]),
    ("siblings", .losesOnTheWay, [.lostUpdate]), ("siblings", .forgetsDeletions, [.resurrection]),
  ])
  func `what is wrong breaks a claim`(
    name: String, fault: ReplicatedStore.Fault, anomalies: [InvariantAnomaly]
  ) throws {
    var names: Set<String> = []
    for seed in 0..<2 as Range<UInt64> {
      let store = ReplicatedStore(name, seed: seed, fault: fault, lost: 0.02)
      let found = try results(load(name, ["opsPerKey": 40], store, seed: seed, operations: 1_000))
      #expect(found.values.contains { $0.verdict == .invalid }, "\(name), \(fault), seed \(seed)")
      names.formUnion(found.values.flatMap(\.findings).map(\.anomaly))
    }
    for anomaly in anomalies { #expect(names.contains(anomaly.rawValue), "\(name), \(fault): \(names)") }
  }

  @Test(arguments: names) func `every object and every node is read at the end`(name: String) throws {
    let (_, history, loadEvents) = try load(name, ["opsPerKey": 60], ReplicatedStore(name, seed: 1), operations: 600)
    let function = name == "siblings" ? "local-get" : "local-read"
    let reads = history.events.filter { $0.index >= loadEvents && $0.type == .invoke && $0.function == function }
    #expect(history.keys.count > 8)
    for key in history.keys.symbols {
      let nodes = Set(reads.filter { $0.value.keyedPair?.key == key }.map(\.node))
      #expect(nodes == Set(Self.nodes.map(Optional.some)))
    }
  }

  @Test(arguments: names) func `nothing is read before the load has ended`(name: String) throws {
    let (_, history, _) = try load(name, [:], ReplicatedStore(name, seed: 2), operations: 200)
    let first = try #require(history.events.filter { $0.type == .invoke }.dropFirst(200).first)
    #expect(first.function.hasPrefix("local-"))
    #expect(history.events.prefix(first.index).count { $0.type != .invoke } == 200)
  }

  @Test func `a node without a copy is asked once, and holds up nothing`() throws {
    let (instance, history, loadEvents) = try load(
      "crdt-counter", [:], ReplicatedStore("crdt-counter", seed: 1), operations: 600)
    let refused = history.events.filter { $0.index >= loadEvents && $0.node == "n4" && $0.type == .fail }
    #expect(refused.count == history.keys.count)
    let end = (history.events.map(\.time).max() ?? 0) - history[loadEvents].time
    #expect(end < 2 * second)
    #expect(instance.checks[0].run(history, CheckBudget()).verdict == .valid)
  }

  @Test(arguments: names) func `what is late is waited for, until its time is over`(name: String) throws {
    for (delay, verdict) in [(second, Verdict.valid), (1_000 * second, .invalid)] {
      let (instance, history, loadEvents) = try load(
        name, ["settle": 2], ReplicatedStore(name, seed: 5, delay: delay), operations: 300)
      let final = history.events.filter { $0.index >= loadEvents }
      let waited = (final.map(\.time).max() ?? 0) - (final.first?.time ?? 0)
      #expect(verdict == .valid ? waited < 2 * second : waited >= 2 * second, "\(name): \(waited)")
      #expect(instance.checks[0].run(history, CheckBudget()).verdict == verdict, "\(name)")
    }
  }

  @Test(arguments: names) func `one seed, one load`(name: String) throws {
    func events(_ seed: UInt64) throws -> [Event] {
      try Array(load(name, [:], ReplicatedStore(name, seed: 1), seed: seed, operations: 300).history.events)
    }
    #expect(try events(4) == events(4))
    #expect(try events(4) != events(5))
  }
}
