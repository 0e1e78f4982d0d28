import Checkers
import Generators
import Histories
import Testing

@testable import Workloads

@Suite struct RegisterTests {
  private func invocations(_ given: [String: Value] = [:], seed: UInt64 = 1, operations: Int = 4_000) throws -> [Event]
  {
    let load = try register(given, seed: seed).generator.limited(operations)
    return Simulation(clients: 10, nemesis: true).run(load, against: Registers(seed: seed)).events
      .filter { $0.type == .invoke }
  }

  @Test func `the shapes are those of the design, on client threads only`() throws {
    let wrong = try invocations().filter { event in
      guard let (key, value) = event.value.keyedPair, key.int != nil, !event.process.isNemesis else { return true }
      let isRight =
        switch event.function {
        case "read": value == .null
        case "write": value.int != nil
        case "cas": value.list.map { $0.count == 2 && $0.allSatisfy { $0.int != nil } } ?? false
        default: false
        }
      return !isRight
    }
    #expect(wrong.isEmpty)
  }

  @Test func `unique values are unique, and never expected before they were written`() throws {
    for seed in 0..<5 as Range<UInt64> {
      var written: Set<Int64> = []
      for event in try invocations(seed: seed) where event.function != "read" {
        let value = event.value.keyedPair?.value ?? .null
        let fresh = try #require(value.int ?? value.list?.last?.int)
        if let expected = value.list?.first?.int { #expect(written.contains(expected)) }
        #expect(written.insert(fresh).inserted)
      }
      #expect(written.count > 900)
    }
  }

  @Test func `small values stay in their range, and a compare-and-set always changes`() throws {
    let events = try invocations(["values": "small", "valueCount": 3])
    var seen: Set<Int64> = []
    for event in events where event.function != "read" {
      let value = event.value.keyedPair?.value ?? .null
      let numbers = value.int.map { [$0] } ?? value.list?.compactMap(\.int) ?? []
      if let pair = value.list { #expect(pair[0] != pair[1]) }
      seen.formUnion(numbers)
    }
    #expect(seen == [0, 1, 2])
  }

  @Test func `the mix is that of the weights`() throws {
    let functions = try invocations(["readers": 0]).map(\.function)
    #expect(abs(functions.count { $0 == "read" } - 2_000) < 130)
    #expect(abs(functions.count { $0 == "write" } - 1_000) < 110)
    #expect(abs(functions.count { $0 == "cas" } - 1_000) < 110)
    #expect(try Set(invocations(["mix": ["write": 1]]).map(\.function)) == ["write"])
  }

  @Test func `half of the threads only read, the last ones, and the others do everything`() throws {
    let events = try invocations()
    let writers = Set(events.filter { $0.function != "read" }.map { $0.process.rawValue % 10 })
    #expect(writers == Set(0..<5))
    #expect(Set(events.filter { $0.function == "read" }.map { $0.process.rawValue % 10 }) == Set(0..<10))
    // One thread has to do everything, and where nothing is to be read nobody only reads.
    #expect(!ReaderThreads(share: 0.5, threads: 1).contains(ThreadID(0)))
    #expect(try Set(invocations(["mix": ["write": 1]]).map { $0.process.rawValue % 10 }) == Set(0..<10))
  }

  @Test(arguments: ["unique", "small"])
  func `a fair share of compare-and-sets succeeds, and some fail`(values: Value) throws {
    let (history, _) = run(try register(["values": values]), against: Registers(seed: 3))
    let completions = history.events.filter { $0.function == "cas" && $0.type != .invoke }
    let share = Double(completions.count { $0.type == .ok }) / Double(completions.count)
    #expect(share > 0.2 && share < 0.9)
  }

  @Test func `many reads follow a write of their key closely, from another thread`() throws {
    let (history, _) = run(try register(["keys": 50, "mix": ["read": 2, "write": 1]]), against: Registers(seed: 5))
    #expect(chasingShare(history) > 5 / 50.0)  // blind reads: 1 / 50
  }

  /// How many reads are of the key that another process' write has completed on most recently.
  private func chasingShare(_ history: History) -> Double {
    var last: (key: Value?, process: ProcessID)?
    var (reads, chasing) = (0, 0)
    for event in history.events {
      let key = event.value.keyedPair?.key
      if event.function == "write", event.type == .ok { last = (key, event.process) }
      guard event.function == "read", event.type == .invoke, let last else { continue }
      reads += 1
      if last.key == key, last.process != event.process { chasing += 1 }
    }
    return Double(chasing) / Double(reads)
  }

  @Test func `keys rotate, and few live at a time`() throws {
    let events = try invocations(["keys": 4, "opsPerKey": 50])
    let uses = Dictionary(grouping: events) { $0.value.keyedPair?.key }.mapValues(\.count)
    #expect(uses.values.allSatisfy { $0 <= 50 })
    #expect(uses.count >= 80 && uses.count <= 84)
    #expect(try Set(invocations(["keys": 4, "opsPerKey": 0]).map { $0.value.keyedPair?.key }).count == 4)
  }

  @Test func `zipf makes the first key hot`() throws {
    let events = try invocations(["keys": 20, "opsPerKey": 0, "distribution": "zipf", "skew": 2])
    let uses = Dictionary(grouping: events) { $0.value.keyedPair?.key }.mapValues(\.count)
    #expect(uses[0] ?? 0 > 5 * (uses[5] ?? 0))
  }

  @Test func `one seed, one load`() throws {
    func load(_ seed: UInt64) throws -> [Event] {
      Array(run(try register(seed: seed), against: Registers(seed: 9, lost: 0.1)).history.events)
    }
    #expect(try load(4) == load(4))
    #expect(try load(4) != load(5))
  }

  @Test func `what is linearizable keeps every weaker claim, and stale reads break those that they break`() throws {
    for seed in 0..<3 as Range<UInt64> {
      let instance = try register(["opsPerKey": 40, "staleness": .double(0.000_001)], seed: seed)
      let good = run(instance, against: Registers(seed: seed, lost: 0.01), operations: 1_000).history
      let bad = run(instance, against: Registers(seed: seed, lost: 0.01, stale: 0.02), operations: 1_000).history
      var broken: Set<String> = []
      for check in instance.checks {
        let result = check.run(good, CheckBudget())
        #expect(result.verdict == .valid, "\(check.claim): \(result)")
        if check.run(bad, CheckBudget()).verdict == .invalid { broken.insert(check.claim) }
      }
      #expect(broken.isSuperset(of: ["linearizable", "bounded-staleness", "causal", "weak-causal"]), "\(broken)")
    }
  }

  @Test func `a correct register passes, a stale one does not`() throws {
    let check = try #require(register().checks.first)
    #expect(check.claim == "linearizable")
    for seed in 0..<3 as Range<UInt64> {
      for values in ["unique", "small"] as [Value] {
        let instance = try register(["values": values], seed: seed)
        let good = run(instance, against: Registers(seed: seed, lost: 0.01)).history
        #expect(check.run(good, CheckBudget()).verdict == .valid)
        let bad = run(instance, against: Registers(seed: seed, lost: 0.01, stale: 0.01)).history
        #expect(check.run(bad, CheckBudget()).verdict == .invalid)
      }
    }
  }
}

@Suite struct FinalReadTests {
  @Test(arguments: [(1, 1), (2, 2), (10, 3)])
  func `every key is read at the end, by different threads`(threads: Int, readers: Int) throws {
    let instance = try register(["keys": 5, "opsPerKey": 20], threads: threads)
    let (history, loadEvents) = run(instance, against: Registers(seed: 2), operations: 1_000, threads: threads)
    var byKey: [Value: [Int32]] = [:]
    for event in history.events where event.index >= loadEvents && event.type == .invoke {
      #expect(event.function == "read")
      byKey[event.value.keyedPair?.key ?? .null, default: []].append(event.process.rawValue % Int32(threads))
    }
    #expect(Set(byKey.keys) == Set(history.keys.symbols) && byKey.count >= 50)
    #expect(byKey.values.allSatisfy { $0.count == readers && Set($0).count == readers })
  }

  @Test func `the keys used last are found, the last first, up to the limit`() {
    let keys: [Int64] = [1, 2, 3, 1, 4]
    let events = keys.enumerated().map { index, key in
      Event(
        index: index, time: 0, process: ProcessID(Int32(index)), type: .invoke, function: "read",
        value: .keyed(.int(key), .null))
    }
    let history = History(keyed: true, events)
    #expect(history.keysUsedLast(max: 10) == [4, 1, 3, 2])
    #expect(history.keysUsedLast(max: 2) == [4, 1])
    #expect(History(keyed: true).keysUsedLast(max: 2).isEmpty)
  }

  @Test func `a long run ends with a bounded number of reads`() throws {
    let instance = try register(["keys": 5, "opsPerKey": 1])
    let (history, loadEvents) = run(instance, against: Registers(seed: 2), operations: 3_000)
    #expect(history.keys.count == 3_000)
    let reads = history.events.count { $0.index >= loadEvents && $0.type == .invoke }
    #expect(reads == FinalReads.keysMax * FinalReads.readersPerKey)
  }
}
