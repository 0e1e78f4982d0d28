import Checkers
import Generators
import Histories
import Testing

@testable import Workloads

@Suite struct BankTests {
  private func history(
    _ system: Database, _ given: [String: Value] = [:], seed: UInt64 = 1
  ) throws -> (history: History, loadEvents: Int) {
    run(try instance("bank", given, seed: seed), against: system, keyed: false)
  }

  private func verdict(_ claim: String, _ system: Database) throws -> Verdict {
    let check = try #require(instance("bank").checks.first { $0.claim == claim })
    return check.run(try history(system).history, CheckBudget()).verdict
  }

  @Test func `accounts are opened before anything else, then read and moved between`() throws {
    let given: [String: Value] = ["accounts": 5, "balance": 7, "maxTransfer": 3]
    let events = Array(try history(Database(seed: 1), given).history.events)
    let opening: Value = .list((0..<5).map { ["w", .int($0), 7] })
    #expect(events[0].function == "txn" && events[0].value == opening && events[1].type == .ok)
    for event in events.dropFirst(2) where event.type == .invoke {
      switch event.function {
      case "read": #expect(event.value == [0, 1, 2, 3, 4])
      case "transfer":
        let transfer = try #require(event.value.map)
        let (from, to, amount) = (transfer["from"]?.int, transfer["to"]?.int, transfer["amount"]?.int)
        #expect(from != to && [from, to].allSatisfy { (0..<5).contains($0 ?? -1) })
        #expect((1...3).contains(amount ?? 0))
      default: Issue.record("'\(event.function)' after the opening")
      }
    }
    let transfers = events.filter { $0.function == "transfer" && $0.type == .invoke }
    let pairs = Set(transfers.map { [$0.value.map?["from"], $0.value.map?["to"]] })
    #expect(pairs.count == 20, "from every account to every other")
  }

  /// A late write that sets a balance back would be money from nowhere.
  @Test func `accounts whose opening ended unknown are abandoned`() throws {
    let late = Database(seed: 1, first: [.info, .fail, .info])
    let events = Array(try history(late).history.events)
    let openings = events.filter { $0.function == "txn" && $0.type == .invoke }.map { event in
      event.transactionSteps.map(\.key)
    }
    #expect(openings == [0..<8, 8..<16, 8..<16, 16..<24].map(Array.init))
    let others = events.filter { $0.function != "txn" && $0.type == .invoke }
    #expect(others.first?.index ?? 0 > events.last { $0.function == "txn" }?.index ?? .max)
    #expect(others.allSatisfy { $0.function != "read" || $0.value == .list((16..<24).map { .int($0) }) })
    #expect(try verdict("total-conserved", late) == .valid)
  }

  @Test func `one opening is under way at a time`() throws {
    let load = try instance("bank").generator.limited(1)
    let (events, _) = Simulation(clients: 5).run(load, against: Database(seed: 1, first: [.fail, .fail, .fail]))
    #expect(events.map(\.type) == [.invoke, .fail])
  }

  @Test func `every thread reads all accounts at the end`() throws {
    let (history, loadEvents) = try history(Database(seed: 2))
    let reads = history.events.filter { $0.index >= loadEvents && $0.type == .ok }
    #expect(reads.count == 10 && Set(reads.map(\.process)).count == 10)
    #expect(reads.allSatisfy { $0.function == "read" && $0.value.map?.count == 8 })
    let (nothing, all) = run(
      try instance("bank"), against: Database(seed: 2, first: [.info]), operations: 1, keyed: false)
    #expect(nothing.count == all, "nobody knows which accounts there are")
  }

  @Test func `a correct bank passes, one that loses money or lends it does not`() throws {
    let lossy = Database(seed: 3, lost: 0.02)
    for claim in ["total-conserved", "total-conserved-with-debt"] {
      #expect(try verdict(claim, lossy) == .valid)
      #expect(try verdict(claim, Database(seed: 3, fault: .leak)) == .invalid)
    }
    #expect(try verdict("total-conserved", Database(seed: 3, fault: .debt)) == .invalid)
    #expect(try verdict("total-conserved-with-debt", Database(seed: 3, fault: .debt)) == .valid)
  }

  @Test func `the guard is put to the test`() throws {
    let events = try history(Database(seed: 1)).history.events
    let ended = events.filter { $0.function == "transfer" && $0.type != .invoke }
    let refused = Double(ended.count { $0.error == "insufficient" }) / Double(ended.count)
    #expect(refused > 0.03 && refused < 0.5)
  }
}
