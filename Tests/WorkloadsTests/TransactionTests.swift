import Checkers
import Generators
import Histories
import Testing

@testable import Workloads

/// The transactions of a run in order of invocation, of the load alone.
private func transactions(
  _ name: String, _ given: [String: Value] = [:], seed: UInt64 = 1, operations: Int = 4_000
) throws -> [(event: Event, steps: [MicroOperation])] {
  let load = try instance(name, given, seed: seed).generator.limited(operations)
  return Simulation(clients: 10, nemesis: true).run(load, against: Database(seed: seed)).events
    .filter { $0.type == .invoke }.map { ($0, $0.transactionSteps) }
}

@Suite struct TransactionTests {
  @Test func `the shapes are those of the design, on client threads only`() throws {
    for (event, steps) in try transactions("list-append") {
      #expect(event.function == "txn" && !event.process.isNemesis)
      #expect(steps.count == event.value.list?.count && (1...4).contains(steps.count))
      #expect(steps.allSatisfy { $0.isRead ? $0.value == .null : $0.name == "append" && $0.value.int != nil })
    }
    let lengths = try Set(transactions("list-append", ["maxLength": 7]).map(\.steps.count))
    #expect(lengths == Set(1...7))
  }

  @Test func `registers are written where lists are appended to`() throws {
    #expect(try Set(transactions("list-append").flatMap(\.steps).map(\.name)) == ["r", "append"])
    #expect(try Set(transactions("rw-register").flatMap(\.steps).map(\.name)) == ["r", "w"])
  }

  @Test func `every value is appended once`() throws {
    for seed in 0..<5 as Range<UInt64> {
      let values = try transactions("list-append", seed: seed).flatMap(\.steps).filter { !$0.isRead }.map(\.value)
      #expect(values.count > 3_000 && Set(values).count == values.count)
    }
  }

  @Test func `the mix is that of the weights`() throws {
    let onlyWrites = try transactions("list-append", ["mix": ["write": 1]])
    // Chasing reads aside: they are not drawn.
    #expect(onlyWrites.flatMap { $0.steps.dropFirst() }.allSatisfy { !$0.isRead })
    let steps = try transactions("list-append", ["mix": ["read": 1, "write": 3]]).flatMap { $0.steps.dropFirst() }
    let share = Double(steps.count(where: \.isRead)) / Double(steps.count)
    #expect(abs(share - 0.25) < 0.03)
  }

  @Test func `keys rotate, few live at a time, and are contended`() throws {
    let all = try transactions("list-append", ["keys": 4, "opsPerKey": 50])
    let uses = Dictionary(grouping: all.flatMap(\.steps), by: \.key).mapValues(\.count)
    #expect(uses.values.allSatisfy { $0 <= 50 } && uses.count > 100)
    let together = all.indices.dropFirst().count { index in
      let (before, after) = (Set(all[index - 1].steps.map(\.key)), Set(all[index].steps.map(\.key)))
      return !before.isDisjoint(with: after)
    }
    #expect(Double(together) / Double(all.count) > 0.5)
  }

  @Test func `many transactions begin with a read of what another thread wrote just now`() throws {
    let load = try instance("list-append", ["keys": 50]).generator.limited(4_000)
    let events = Simulation(clients: 10).run(load, against: Database(seed: 3)).events
    var last: (keys: Set<Int>, process: ProcessID)?
    var (begun, chasing) = (0, 0)
    for event in events {
      let writes = event.transactionSteps.filter { !$0.isRead }.map(\.key)
      if event.type == .ok, !writes.isEmpty { last = (Set(writes), event.process) }
      guard event.type == .invoke, let last, let first = event.transactionSteps.first else { continue }
      begun += 1
      if first.isRead, last.keys.contains(first.key), last.process != event.process { chasing += 1 }
    }
    // Blind ones: half of the steps are reads, and the last writer wrote about two of the fifty keys.
    #expect(Double(chasing) / Double(begun) > 0.1)
  }

  @Test(arguments: ["list-append", "rw-register", "write-skew", "long-fork", "bank"])
  func `one seed, one load`(workload: String) throws {
    func load(_ seed: UInt64) throws -> [Event] {
      let system = Database(seed: 9, lost: 0.1)
      return Array(run(try instance(workload, seed: seed), against: system, keyed: false).history.events)
    }
    #expect(try load(4) == load(4))
    #expect(try load(4) != load(5))
  }

  @Test func `a correct database passes at every level, one with late snapshots does not`() throws {
    for seed in 0..<3 as Range<UInt64> {
      let instance = try instance("list-append", seed: seed)
      #expect(instance.checks.map(\.claim) == IsolationLevel.allCases.map(\.rawValue))
      let good = run(instance, against: Database(seed: seed, lost: 0.01), keyed: false).history
      for check in instance.checks { #expect(check.run(good, CheckBudget()).verdict == .valid, "\(check.claim)") }
      let bad = run(instance, against: Database(seed: seed, fault: .lateSnapshots), keyed: false).history
      let strict = try #require(instance.checks.first { $0.claim == "strict-serializable" })
      #expect(strict.run(bad, CheckBudget()).verdict == .invalid)
    }
  }

  @Test func `what is no history of the workload is an error`() throws {
    let event = Event(index: 0, time: 0, process: ProcessID(0), type: .invoke, function: "txn", value: 3)
    let check = try #require(instance("list-append").checks.first)
    let result = check.run(History(keyed: false, [event]), CheckBudget())
    #expect(result.verdict == .error && result.reason?.isEmpty == false)
  }
}

@Suite struct FinalTransactionTests {
  private func finalReads(_ history: History, from loadEvents: Int) -> [Event] {
    history.events.filter { $0.index >= loadEvents }
  }

  @Test(arguments: [(1, 1), (2, 2), (10, 3)], ["list-append", "write-skew", "long-fork"])
  func `every key is read at the end, the newest by several threads`(counts: (Int, Int), workload: String) throws {
    let (threads, readers) = counts
    let (history, loadEvents) = run(
      try instance(workload, threads: threads), against: Database(seed: 2), threads: threads, keyed: false)
    let used = Set(history.events.prefix(loadEvents).flatMap(\.transactionSteps).map(\.key))
    let ended = finalReads(history, from: loadEvents)
    #expect(ended.allSatisfy { $0.type != .fail && $0.transactionSteps.allSatisfy(\.isRead) })
    var byKey: [Int: Set<Int32>] = [:]
    for event in ended where event.type == .ok {
      for step in event.transactionSteps { byKey[step.key, default: []].insert(event.process.rawValue) }
    }
    #expect(Set(byKey.keys).isSuperset(of: used) && used.count > 100)
    let newest = Array(history.events.prefix(loadEvents)).last { $0.type == .invoke }
    let last = try #require(newest?.transactionSteps.last)
    #expect(byKey[last.key]?.count == readers)
    #expect(ended.contains { $0.transactionSteps.count >= 6 }, "several keys in a transaction")
  }

  @Test func `a refused read is tried again, an unanswered one too, but not without end`() throws {
    let outcomes: [EventType] = [.fail, .info, .fail, .fail, .fail, .ok]
    let generator = finalTransactions(reading: [[1, 2], [3]], threads: 1)
    let events = Simulation(clients: 1).run(generator, against: Database(seed: 1, first: outcomes)).events
    let tried = events.filter { $0.type == .invoke }.map { $0.transactionSteps.map(\.key) }
    #expect(tried == [[1, 2], [1, 2], [1, 2], [3], [3], [3]])
  }

  @Test func `an operation of the load that ends late is not taken for a final read`() {
    var generator = Persistent([GeneratedOperation("read")])
    let threads = ThreadSet(clients: 0..<1)
    let context = Context(time: 0, all: threads, free: threads)
    let event = Event(index: 1, time: 0, process: ProcessID(0), type: .ok, function: "txn", value: [])
    generator.update(context, ThreadEvent(thread: ThreadID(0), event: event))
    #expect(generator.next(context) != .exhausted)
  }

  @Test func `keys of transactions are found, those of the last event first, up to the limit`() {
    let transactions: [[MicroOperation]] = [[.read(1), .read(2)], [.read(3)], [.read(1), .read(4)]]
    let events = transactions.enumerated().map { index, steps in
      Event(
        index: index, time: 0, process: ProcessID(Int32(index)), type: .invoke, function: "txn",
        value: .list(steps.map(\.listed)))
    }
    let history = History(keyed: false, events)
    #expect(history.transactionKeys() == [4, 1, 3, 2])
    #expect(history.transactionKeys(max: 2) == [4, 1])
  }
}

@Suite struct WriteSkewTests {
  @Test func `transactions come in couples that read the same keys and append to one each`() throws {
    let all = try transactions("write-skew")
    for index in stride(from: 0, to: all.count, by: 2) {
      let couple = all[index...index + 1]
      let reads = couple.map { Set($0.steps.filter(\.isRead).map(\.key)) }
      #expect(reads[0] == reads[1] && reads[0].count == 2)
      #expect(Set(couple.compactMap { $0.steps.last?.key }) == reads[0])
      #expect(couple.allSatisfy { $0.steps.count == 3 && $0.steps.last?.name == "append" })
      #expect(Set(couple.map(\.event.process)).count == 2, "one after the other on one thread cannot overlap")
    }
  }

  @Test func `pairs rotate, and few live at a time`() throws {
    let all = try transactions("write-skew", ["pairs": 3, "couplesPerPair": 10])
    let uses = Dictionary(grouping: all) { ($0.steps.first?.key ?? 0) / 2 }.mapValues(\.count)
    #expect(uses.values.allSatisfy { $0 <= 20 } && uses.count >= 200)
  }

  @Test func `snapshots taken too early are write skew, and nothing else`() throws {
    let instance = try instance("write-skew")
    func verdict(_ claim: String, _ fault: Database.Fault) throws -> Verdict {
      let check = try #require(instance.checks.first { $0.claim == claim })
      return check.run(run(instance, against: Database(seed: 4, fault: fault), keyed: false).history, CheckBudget())
        .verdict
    }
    #expect(try verdict("strict-serializable", .none) == .valid)
    #expect(try verdict("serializable", .lateSnapshots) == .invalid)
    #expect(try verdict("snapshot-isolation", .lateSnapshots) == .valid)
  }
}

@Suite struct LongForkTests {
  @Test func `each key is written once, and reads are of whole groups in any order`() throws {
    let all = try transactions("long-fork", ["groupSize": 3]).map(\.steps)
    let writes = all.filter { $0.first?.isRead == false }
    #expect(writes.allSatisfy { $0.count == 1 && $0[0].name == "w" })
    #expect(Set(writes.map { $0[0].key }).count == writes.count && writes.count > 400)
    let reads = all.filter { $0.first?.isRead == true }.map { $0.map(\.key) }
    #expect(reads.allSatisfy { $0.count == 3 && Set($0.map { $0 / 3 }).count == 1 && Set($0).count == 3 })
    #expect(Set(reads.map { $0.map { $0 % 3 } }).count == 6, "every order of three keys")
    #expect(reads.count + writes.count == all.count)
  }

  @Test func `few groups live at a time, each read while it is written and after`() throws {
    let all = try transactions("long-fork", ["groups": 2, "groupSize": 4]).map(\.steps)
    var spans: [Int: ClosedRange<Int>] = [:]
    for (place, steps) in all.enumerated() {
      guard let group = steps.first.map({ $0.key / 4 }) else { continue }
      spans[group] = (spans[group]?.lowerBound ?? place)...place
    }
    let living = all.indices.map { place in spans.values.count { $0.contains(place) } }
    #expect(living.allSatisfy { $0 <= 2 } && spans.count > 50)
  }

  @Test func `a correct database passes, one that forks does not`() throws {
    for seed in 0..<3 as Range<UInt64> {
      let instance = try instance("long-fork", seed: seed)
      let check = try #require(instance.checks.first)
      let good = run(instance, against: Database(seed: seed, lost: 0.01), keyed: false).history
      #expect(check.run(good, CheckBudget()).verdict == .valid)
      let bad = check.run(
        run(instance, against: Database(seed: seed, fault: .fork), keyed: false).history, CheckBudget())
      #expect(bad.verdict == .invalid && bad.findings.first?.anomaly == "long-fork")
    }
  }
}
