import Checkers
import Generators
import Histories
import Testing

@testable import Workloads

@Suite struct PartitionedLogTests {
  private typealias Run = (instance: WorkloadInstance, history: History, loadEvents: Int)

  private func load(
    _ given: [String: Value] = [:], _ logs: PartitionedLogs = PartitionedLogs(seed: 1), seed: UInt64 = 1,
    operations: Int = 1_500
  ) throws -> Run {
    let instance = try instance("partitioned-log", ["opsPerKey": 200].merging(given) { $1 }, seed: seed)
    let (history, loadEvents) = run(instance, against: logs, operations: operations, keyed: false)
    return (instance, history, loadEvents)
  }

  private func verdicts(_ run: Run) -> [String: Verdict] {
    Dictionary(uniqueKeysWithValues: run.instance.checks.map { ($0.claim, $0.run(run.history, CheckBudget()).verdict) })
  }

  @Test func `a producer numbers its messages to a partition without gaps`() throws {
    let (_, history, _) = try load([:], PartitionedLogs(seed: 2, lost: 0.02))
    var last: [[Value]: Int64] = [:]
    var values: Set<Value> = []
    for event in history.events where event.type == .invoke && event.function == "send" {
      let (partition, payload) = try #require(event.value.keyedPair)
      let message = try #require(payload.map)
      let isNew = values.insert(message["value"] ?? .null).inserted
      #expect(isNew)
      let key = [partition, message["producer"] ?? .null]
      #expect(message["sequence"]?.int == (last[key] ?? 0) + 1)
      last[key] = message["sequence"]?.int
    }
    #expect(Set(last.keys.map { $0[1] }).count > 10)
  }

  @Test func `what has no answer is sent again, through any node, until it has one`() throws {
    let (_, history, loadEvents) = try load(["readers": 0], PartitionedLogs(seed: 3, lost: 0.05))
    var unknown: [Value: Value] = [:]
    var repeated = 0
    var nodes: Set<String?> = []
    for event in history.events where event.index < loadEvents {
      let thread = Value.int(Int64(event.process.rawValue % 10))
      switch (event.type, event.function) {
      case (.info, "send"): unknown[thread] = event.value
      case (.invoke, "resend"):
        nodes.insert(event.node)
        guard let waiting = unknown.removeValue(forKey: thread) else { continue }
        #expect(event.value == waiting)
        repeated += 1
      case (.invoke, _): #expect(unknown[thread] == nil)
      default: break
      }
    }
    #expect(repeated > 20 && nodes == ["n1", "n2", "n3"])
  }

  @Test func `who is not to send again goes on as another producer`() throws {
    let (_, history, loadEvents) = try load(
      ["retries": 0, "mix": ["send": 1, "poll": 1]], PartitionedLogs(seed: 3, lost: 0.05))
    let load = history.events.filter { $0.index < loadEvents }
    #expect(!load.contains { $0.function == "resend" })
    let lost = load.count { $0.type == .info && $0.function == "send" }
    let producers = load.compactMap { $0.type == .invoke ? Producers.Message($0.value)?.producer : nil }
    #expect(lost > 10 && Set(producers).count >= lost)
  }

  @Test func `a consumer goes on where it stood, and chases what was acknowledged`() throws {
    let (_, history, loadEvents) = try load()
    let polls = history.events.filter { $0.index < loadEvents && $0.function == "poll" && $0.type == .ok }
    let lengths = polls.compactMap { $0.value.keyedPair?.value.list?.count }
    #expect(lengths.count { $0 > 0 } > lengths.count / 2)
    let local = history.events.filter { $0.function == "local-poll" && $0.type == .invoke }
    #expect(Set(local.map(\.node)) == ["n1", "n2", "n3"])
    #expect(Set(local.compactMap { $0.value.keyedPair?.value }) == [0])
  }

  @Test func `what is right holds every claim, with answers lost and nodes without a replica`() throws {
    for seed in 0..<2 as Range<UInt64> {
      let logs = PartitionedLogs(seed: seed, lost: 0.02, strangers: ["n2"])
      let found = try verdicts(load([:], logs, seed: seed))
      #expect(Set(found.values) == [.valid], "\(found)")
    }
  }

  @Test(arguments: [
    (PartitionedLogs.Fault.losesMessages, ["log-order", "no-loss"]), (.truncates, ["log-agreement", "no-loss"]),
    (.forgetsProducers, ["log-order", "no-duplicates"]), (.forksReplica, ["log-agreement"]),
    (.skips, ["log-order", "fifo-per-key"]),
  ])
  func `what is wrong breaks its claims`(fault: PartitionedLogs.Fault, broken: [String]) throws {
    for seed in 0..<2 as Range<UInt64> {
      let logs = PartitionedLogs(seed: seed, lost: 0.01, fault: fault)
      let found = try verdicts(load(["readers": 0], logs, seed: seed))
      for claim in broken { #expect(found[claim] == .invalid, "\(fault), \(claim): \(found)") }
    }
  }

  @Test func `every partition gets one more message, and is polled whole by several nodes and replicas`() throws {
    let (_, history, loadEvents) = try load(["opsPerKey": 50], operations: 600)
    func partitions(_ function: String, _ events: some Sequence<Event>) -> [Value] {
      events.filter { $0.function == function && $0.type == .invoke }.compactMap { $0.value.keyedPair?.key }
    }
    let all = Set(partitions("send", history.events.prefix(loadEvents)))
    let final = history.events.filter { $0.index >= loadEvents }
    #expect(all.count > 6 && Set(partitions("send", final)) == all && partitions("send", final).count == all.count)
    for partition in all {
      #expect(partitions("poll", final).count { $0 == partition } == FinalReads.readersPerKey)
      let replicas = final.filter { $0.function == "local-poll" && $0.value.keyedPair?.key == partition }
      #expect(Set(replicas.map(\.node)) == ["n1", "n2", "n3"])
    }
  }

  @Test func `a replica that stays behind is polled until the time is over, and no longer`() throws {
    let given: [String: Value] = ["settle": 2, "opsPerKey": 0]
    let (_, history, loadEvents) = try load(given, PartitionedLogs(seed: 1, fault: .lateReplica), operations: 300)
    let final = history.events.filter { $0.index >= loadEvents && $0.function == "local-poll" && $0.type == .invoke }
    let late = final.filter { $0.node == "n3" && $0.value.keyedPair?.key == 0 }
    #expect(late.count == 9 && final.filter { $0.node == "n1" && $0.value.keyedPair?.key == 0 }.count == 1)
    let waited = try #require(late.last).time - (final.first?.time ?? 0)
    #expect(waited >= 2 * second && waited < 3 * second)
  }

  @Test func `one seed, one load`() throws {
    #expect(try Array(load(seed: 4).history.events) == Array(load(seed: 4).history.events))
    #expect(try Array(load(seed: 4).history.events) != Array(load(seed: 5).history.events))
  }
}
