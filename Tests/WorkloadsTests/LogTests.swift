import Checkers
import Generators
import Histories
import Testing

@testable import Workloads

@Suite struct LogTests {
  private func load(
    _ given: [String: Value] = [:], _ logs: Logs = Logs(seed: 1), seed: UInt64 = 1, operations: Int = 3_000
  ) throws -> (instance: WorkloadInstance, history: History, loadEvents: Int) {
    let instance = try instance("log", given, seed: seed)
    let (history, loadEvents) = run(instance, against: logs, operations: operations)
    return (instance, history, loadEvents)
  }

  private func verdicts(_ run: (instance: WorkloadInstance, history: History, loadEvents: Int)) -> [String: Verdict] {
    Dictionary(uniqueKeysWithValues: run.instance.checks.map { ($0.claim, $0.run(run.history, CheckBudget()).verdict) })
  }

  @Test func `the shapes are those of the design`() throws {
    let (_, history, loadEvents) = try load()
    for event in history.events where event.type == .invoke && event.index < loadEvents {
      let (_, value) = try #require(event.value.keyedPair)
      switch event.function {
      case "append": #expect(value.int != nil)
      case "read": #expect(value == .null || value.list?.count == 2)
      default: #expect(event.function == "read-all" && value == .null && event.node != nil)
      }
    }
    let counts = Dictionary(grouping: history.events.filter { $0.index < loadEvents && $0.type == .invoke }) {
      $0.function
    }
    #expect(Set(counts.keys) == ["append", "read", "read-all"])
    #expect(Set((counts["read-all"] ?? []).map(\.node)) == ["n1", "n2", "n3"])
  }

  @Test func `pieces begin inside what is known, and values are appended once`() throws {
    let (_, history, _) = try load(["firstIndex": 1], Logs(seed: 1, firstIndex: 1))
    var seen: Set<Int64> = []
    for event in history.events where event.type == .invoke {
      let value = event.value.keyedPair?.value
      if event.function == "append" {
        let isNew = seen.insert(value?.int ?? -1).inserted
        #expect(isNew)
      }
      if let range = value?.list { #expect((range[0].int ?? 0) >= 1 && range[0].int ?? 0 < range[1].int ?? 0) }
    }
    let pieces = history.events.filter { $0.function == "read" && $0.type == .ok }
      .compactMap { $0.value.keyedPair?.value.list?.count }
    #expect(pieces.contains { $0 > 0 && $0 < LogGenerator.pieceLength })
  }

  @Test func `what is right holds every claim, with answers lost and replicas late`() throws {
    for seed in 0..<3 as Range<UInt64> {
      let found = try verdicts(load([:], Logs(seed: seed, lost: 0.01), seed: seed, operations: 2_000))
      #expect(found["linearizable"] == .valid && found["log-agreement"] == .valid, "\(found)")
      #expect(!found.values.contains(.invalid), "\(found)")
    }
  }

  @Test(arguments: [
    (Logs.Fault.losesAppends, ["linearizable", "no-loss"]), (.forksReplica, ["log-agreement"]),
    (.skipsIndices, ["linearizable", "log-gapless"]), (.staleReads, ["linearizable"]),
  ])
  func `what is wrong breaks its claims`(fault: Logs.Fault, broken: [String]) throws {
    for seed in 0..<3 as Range<UInt64> {
      let found = try verdicts(
        load(["readers": 0], Logs(seed: seed, fault: fault), seed: seed, operations: 1_500))
      for claim in broken { #expect(found[claim] == .invalid, "\(fault), \(claim): \(found)") }
    }
  }

  @Test func `every log and every replica is read at the end`() throws {
    let (_, history, loadEvents) = try load(["opsPerKey": 50], operations: 600)
    let reads = history.events.filter { $0.index >= loadEvents && $0.type == .invoke }
    for key in history.keys.symbols {
      let ofKey = reads.filter { $0.value.keyedPair?.key == key }
      #expect(ofKey.count { $0.function == "read" } >= FinalReads.readersPerKey)
      #expect(Set(ofKey.filter { $0.function == "read-all" }.map(\.node)) == ["n1", "n2", "n3"])
    }
  }

  @Test func `late replicas are read again until they have everything, or their time is over`() throws {
    let instance = try instance("log", ["settle": 2, "mix": ["append": 1, "read": 1]])
    for (lateReads, isLost) in [(3, false), (1_000, true)] {
      let (history, loadEvents) = run(instance, against: Logs(seed: 3, lateReads: lateReads), operations: 300)
      let final = history.events.filter { $0.index >= loadEvents }
      let ofReplica = final.filter { $0.function == "read-all" && $0.node == "n3" && $0.type == .invoke }
      let times = ofReplica.filter { $0.value.keyedPair?.key == history.keys.symbols.first }.map(\.time)
      #expect(times.count == (isLost ? 9 : 4), "\(times)")
      let waited = try #require(times.last) - (final.first?.time ?? 0)
      #expect(isLost ? waited >= 2 * second : waited < 2 * second)
      let check = try #require(instance.checks.first { $0.claim == "no-loss" })
      #expect(check.run(history, CheckBudget()).verdict == (isLost ? .invalid : .valid))
    }
  }

  @Test func `one seed, one load`() throws {
    #expect(try Array(load(seed: 4).history.events) == Array(load(seed: 4).history.events))
    #expect(try Array(load(seed: 4).history.events) != Array(load(seed: 5).history.events))
  }
}

/// Logs that take an append at once, on three replicas of which two are late, unless something is wrong.
struct Logs: SimulatedSystem {
  enum Fault {
    case none
    /// Every fiftieth append is acknowledged and forgotten.
    case losesAppends
    /// The second replica holds another value at every fiftieth index.
    case forksReplica
    /// Every fiftieth append leaves an index out.
    case skipsIndices
    /// Every tenth read lacks the newest entries.
    case staleReads
  }

  private var stream: RandomStream
  private let lost: Double
  private let fault: Fault
  private let firstIndex: Int64
  private var logs: [Value: [(index: Int64, value: Value)]] = [:]
  private var appends = 0
  private var reads = 0
  /// So many reads of the third replica find nothing, by log.
  private let lateReads: Int
  private var replicaReads: [Value: Int] = [:]

  init(seed: UInt64, lost: Double = 0, fault: Fault = .none, firstIndex: Int64 = 0, lateReads: Int = 0) {
    stream = RandomStreams(seed: seed).stream("logs")
    (self.lost, self.fault, self.firstIndex, self.lateReads) = (lost, fault, firstIndex, lateReads)
  }

  mutating func answer(_ invocation: Invocation) -> (after: Int64, completion: Completion) {
    let after = Int64(stream.below(5_000_000)) + 100_000
    guard let (log, value) = invocation.event.value.keyedPair else { return (after, Completion(.fail, error: "shape")) }
    let answer =
      switch invocation.event.function {
      case "append": append(value, to: log)
      case "read": read(log, value)
      default: readReplica(of: log, on: invocation.event.node)
      }
    let isLost = stream.unit() < lost
    return (after, isLost ? Completion(.info, error: "timeout") : Completion(.ok, value: .keyed(log, answer)))
  }

  private mutating func append(_ value: Value, to log: Value) -> Value {
    appends += 1
    let isOdd = appends.isMultiple(of: 50)
    var index = (logs[log]?.last?.index ?? firstIndex - 1) + 1
    if fault == .skipsIndices, isOdd { index += 1 }
    if fault != .losesAppends || !isOdd { logs[log, default: []].append((index, value)) }
    return .list([.int(index), value])
  }

  private mutating func read(_ log: Value, _ range: Value) -> Value {
    reads += 1
    var entries = logs[log] ?? []
    if fault == .staleReads, reads.isMultiple(of: 10) { entries.removeLast(min(3, entries.count)) }
    if let from = range.list?.first?.int, let to = range.list?.last?.int {
      entries = entries.filter { $0.index >= from && $0.index < to }
    }
    return listed(entries)
  }

  private mutating func readReplica(of log: Value, on node: String?) -> Value {
    let entries = logs[log] ?? []
    if node == "n3", lateReads > 0 {
      replicaReads[log, default: 0] += 1
      if replicaReads[log, default: 0] <= lateReads { return .list([]) }
    }
    guard fault == .forksReplica, node == "n2" else { return listed(entries) }
    return listed(entries.map { $0.index % 50 == 49 ? ($0.index, .int(-1 - $0.index)) : $0 })
  }

  private func listed(_ entries: [(index: Int64, value: Value)]) -> Value {
    .list(entries.map { .list([.int($0.index), $0.value]) })
  }
}
