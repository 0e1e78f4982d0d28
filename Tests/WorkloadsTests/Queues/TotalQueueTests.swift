import Checkers
import Generators
import Histories
import Testing

@testable import Workloads

@Suite struct TotalQueueTests {
  private typealias Run = (instance: WorkloadInstance, history: History, loadEvents: Int)

  private func load(
    _ given: [String: Value] = [:], _ queues: GroupQueues = GroupQueues(seed: 1), seed: UInt64 = 1,
    operations: Int = 4_000
  ) throws -> Run {
    let instance = try instance("total-queue", given, seed: seed)
    let (history, loadEvents) = run(instance, against: queues, operations: operations)
    return (instance, history, loadEvents)
  }

  private func verdicts(_ run: Run) -> [String: Verdict] {
    Dictionary(uniqueKeysWithValues: run.instance.checks.map { ($0.claim, $0.run(run.history, CheckBudget()).verdict) })
  }

  @Test func `a consumer keeps to its queue, and is another one after every dequeue without an answer`() throws {
    let (_, history, loadEvents) = try load(["opsPerKey": 0], GroupQueues(seed: 1, lost: 0.02))
    var failed: Set<Value> = []
    var queues: [Value: Set<Value>] = [:]
    for event in history.events where event.function == "dequeue" && event.index < loadEvents {
      let (queue, value) = try #require(event.value.keyedPair)
      if event.type == .fail { failed.insert(value) }
      guard event.type == .invoke else { continue }
      #expect(!failed.contains(value))
      queues[value, default: []].insert(queue)
    }
    #expect(failed.count > 20 && queues.values.allSatisfy { $0.count == 1 })
  }

  @Test func `what is right holds its claims, with answers lost`() throws {
    for seed in 0..<3 as Range<UInt64> {
      let found = try verdicts(load([:], GroupQueues(seed: seed, lost: 0.02), seed: seed))
      #expect(found["at-least-once"] == .valid && found["no-loss"] == .valid, "\(found)")
    }
    let found = try verdicts(load())
    for claim in ["at-least-once", "no-loss", "fifo-per-key"] { #expect(found[claim] == .valid, "\(found)") }
  }

  @Test(arguments: [
    (GroupQueues.Fault.losesMessages, ["at-least-once", "no-loss"]), (.commitsEarly, ["at-least-once", "no-loss"]),
    (.inventsMessages, ["at-least-once"]),
  ])
  func `what is wrong breaks its claims`(fault: GroupQueues.Fault, broken: [String]) throws {
    for seed in 0..<3 as Range<UInt64> {
      let found = try verdicts(load([:], GroupQueues(seed: seed, lost: 0.02, fault: fault), seed: seed))
      for claim in broken { #expect(found[claim] == .invalid, "\(fault), \(claim): \(found)") }
    }
  }

  @Test func `every queue is drained at the end`() throws {
    let (_, history, loadEvents) = try load(["opsPerKey": 300])
    let drains = history.events.filter { $0.index >= loadEvents && $0.type == .ok }
    #expect(Set(drains.compactMap { $0.value.keyedPair?.key }) == Set(history.keys.symbols))
    #expect(drains.count == history.keys.count && drains.count > 6)
  }

  @Test func `one seed, one load`() throws {
    #expect(try Array(load(seed: 4).history.events) == Array(load(seed: 4).history.events))
    #expect(try Array(load(seed: 4).history.events) != Array(load(seed: 5).history.events))
  }
}
