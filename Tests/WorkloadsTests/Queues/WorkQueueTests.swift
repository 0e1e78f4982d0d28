import Checkers
import Generators
import Histories
import Testing

@testable import Workloads

@Suite struct WorkQueueTests {
  private typealias Run = (instance: WorkloadInstance, history: History, loadEvents: Int)

  private func load(
    _ given: [String: Value] = [:], _ queues: WorkQueues = WorkQueues(seed: 1), seed: UInt64 = 1,
    operations: Int = 3_000
  ) throws -> Run {
    let instance = try instance("work-queue", ["visibility": .double(0.2)].merging(given) { $1 }, seed: seed)
    let (history, loadEvents) = run(instance, against: queues, operations: operations)
    return (instance, history, loadEvents)
  }

  private func verdicts(_ run: Run) -> [String: Verdict] {
    Dictionary(uniqueKeysWithValues: run.instance.checks.map { ($0.claim, $0.run(run.history, CheckBudget()).verdict) })
  }

  @Test func `the shapes are those of the table`() throws {
    let (_, history, _) = try load()
    var counts: [String: Int] = [:]
    for event in history.events where event.type == .invoke {
      counts[event.function, default: 0] += 1
      let (_, value) = try #require(event.value.keyedPair)
      switch event.function {
      case "enqueue", "resend": #expect(Producers.Message(event.value) != nil)
      case "receive": #expect(value.map?["visibilityMs"] == 200 && value.map?["receiver"]?.string != nil)
      case "ack", "nack": #expect(value.string != nil)
      default: #expect(event.function == "drain" && value == .null)
      }
    }
    #expect(counts.count == 6 && counts.values.allSatisfy { $0 > 1 }, "\(counts)")
  }

  @Test func `some come back late, to find that the message is no longer theirs, and some never`() throws {
    let (_, history, loadEvents) = try load()
    let load = history.events.filter { $0.index < loadEvents }
    let words = load.filter { $0.function == "ack" || $0.function == "nack" }
    #expect(words.count { $0.type == .fail } > 10 && words.count { $0.type == .ok } > 200)
    let attempts = load.filter { $0.function == "receive" && $0.type == .ok }.compactMap {
      $0.value.keyedPair?.value.map?["id"]?.string
    }
    #expect(attempts.count { $0.hasSuffix("-2") } > 10)
  }

  @Test func `an ack without an answer is said again`() throws {
    let (_, history, _) = try load([:], WorkQueues(seed: 2, lost: 0.05))
    var said: [Value: Int] = [:]
    for event in history.events where event.type == .invoke && event.function == "ack" {
      said[event.value, default: 0] += 1
    }
    #expect(said.values.contains(2) && said.values.max() ?? 0 <= Holdings.attemptsMax)
  }

  @Test func `what is right holds its claims, with answers lost`() throws {
    for seed in 0..<2 as Range<UInt64> {
      let found = try verdicts(load([:], WorkQueues(seed: seed, lost: 0.005), seed: seed))
      for claim in ["acked-never-again", "exclusive-delivery"] { #expect(found[claim] == .valid, "\(found)") }
      #expect(found["at-least-once"] != .invalid && found["no-loss"] != .invalid, "\(found)")
    }
    let found = try verdicts(load())
    for claim in ["at-least-once", "no-loss", "acked-never-again", "exclusive-delivery", "kept-until-acked"] {
      #expect(found[claim] == .valid, "\(found)")
    }
  }

  @Test(arguments: [
    (WorkQueues.Fault.losesMessages, ["at-least-once", "no-loss"]), (.earlyExpiry, ["exclusive-delivery"]),
    (.forgetsAcks, ["acked-never-again"]), (.forgetsProducers, ["acked-never-again"]),
    (.strangersGiveBack, ["exclusive-delivery"]), (.forgetsLent, ["kept-until-acked"]),
  ])
  func `what is wrong breaks its claims`(fault: WorkQueues.Fault, broken: [String]) throws {
    for seed in 0..<2 as Range<UInt64> {
      let found = try verdicts(load([:], WorkQueues(seed: seed, fault: fault), seed: seed))
      for claim in broken { #expect(found[claim] == .invalid, "\(fault), \(claim): \(found)") }
    }
  }

  @Test func `every queue is drained at the end, until it is answered`() throws {
    let (_, history, loadEvents) = try load(["opsPerKey": 200], WorkQueues(seed: 7, lost: 0.3), operations: 3_000)
    let drains = history.events.filter { $0.index >= loadEvents && $0.function == "drain" }
    let answered = drains.filter { $0.type == .ok }.compactMap { $0.value.keyedPair?.key }
    #expect(Set(answered) == Set(history.keys.symbols) && answered.count == history.keys.count && answered.count > 3)
    #expect(drains.contains { $0.type == .info })
  }

  @Test func `one seed, one load`() throws {
    #expect(try Array(load(seed: 4).history.events) == Array(load(seed: 4).history.events))
    #expect(try Array(load(seed: 4).history.events) != Array(load(seed: 5).history.events))
  }
}
