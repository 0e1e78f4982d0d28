import Checkers
import Histories
import Testing

/// Histories of other workloads are refused, with the event and what was expected.
@Suite struct MalformedInvariantTests {
  private enum Checker { case bank, longFork, causalReverse, setFull, insertPairs }

  private static let malformed: [(checker: Checker, text: String, index: Int, message: String)] = [
    (.bank, "0 invoke deposit 5", 0, "a bank has the operations 'read', 'transfer' and 'txn'"),
    (.bank, "0 invoke transfer 5", 0, "expected {\"from\": account, \"to\": account, \"amount\": integer}, not 5"),
    (.bank, "0 invoke transfer {\"from\":0,\"to\":1}", 0, "expected {\"from\""),
    (.bank, "0 invoke transfer {\"from\":0,\"to\":1,\"amount\":\"2\"}", 0, "expected {\"from\""),
    (.bank, "0 invoke transfer {\"from\":[0],\"to\":1,\"amount\":2}", 0, "expected {\"from\""),
    (.bank, "0 invoke transfer {\"from\":0,\"to\":null,\"amount\":2}", 0, "expected {\"from\""),
    (.bank, "0 invoke read null\n0 ok read 5", 1, "a read of a bank is a map from accounts to balances"),
    (.longFork, "0 invoke txn 5", 0, "a transaction is a list of micro-operations"),
    (.longFork, "0 invoke txn []", 0, "one write, [[\"w\", key, value]], or reads of different keys"),
    (.longFork, "0 invoke txn [[\"w\",1,1],[\"w\",2,1]]", 0, "one write"),
    (.longFork, "0 invoke txn [[\"r\",1,null],[\"w\",2,1]]", 0, "one write"),
    (.longFork, "0 invoke txn [[\"r\",1,null],[\"r\",1,null]]", 0, "reads of different keys"),
    (.longFork, "0 invoke txn [[\"append\",1,1]]", 0, "expected [\"w\", key, value]"),
    (.longFork, "0 invoke txn [[\"r\",1,null]]\n0 ok txn [[\"r\",2,1]]", 1, "other micro-operations"),
    (.causalReverse, "0 invoke add 5", 0, "expected the operations 'write' and 'read', not 'add'"),
    (.causalReverse, "0 invoke write null", 0, "an element is a number, a text or a truth value, not null"),
    (.causalReverse, "0 invoke read null\n0 ok read 5", 1, "a read returns the list of all elements, not 5"),
    (.causalReverse, "0 invoke write 5\n1 invoke write 5", 1, "5 is written again (first at event 0)"),
    (.setFull, "0 invoke write 5", 0, "expected the operations 'add' and 'read', not 'write'"),
    (.setFull, "0 invoke add [5]", 0, "an element is a number, a text or a truth value, not [5]"),
    (.setFull, "0 invoke read null\n0 ok read [[1]]", 1, "an element is"),
    (.setFull, "0 invoke read null\n0 ok read {\"a\":1}", 1, "a read returns the list of all elements"),
    (.insertPairs, "0 invoke read [1,[1,null]]", 0, "expected 'insert' of [key, [a, null]] or [key, [null, b]]"),
    (.insertPairs, "0 invoke insert 5", 0, "expected 'insert'"),
    (.insertPairs, "0 invoke insert [1,[null,null]]", 0, "expected 'insert'"),
    (.insertPairs, "0 invoke insert [1,[1,2]]", 0, "expected 'insert'"),
    (.insertPairs, "0 invoke insert [[1],[1,null]]", 0, "expected 'insert'"),
    (
      .causalReverse, "0 invoke write 5\n0 ok write 6", 1,
      "'write' of 5 completes with 6: expected its own value, or null"
    ),
    (.setFull, "0 invoke add 1\n0 ok add 2", 1, "'add' of 1 completes with 2: expected its own value, or null"),
    (.bank, transfer(2) + "\n" + transfer(3, "ok"), 1, "'transfer' of {"),
    (.bank, "0 invoke txn [[\"w\",0,1]]\n0 ok txn [[\"w\",0,2]]", 1, "'txn' of [[\"w\",0,1]] completes with"),
    (
      .insertPairs, "0 invoke insert [1,[1,null]]\n0 ok insert [1,[2,null]]", 1,
      "'insert' of [1,[1,null]] completes with"
    ),
    (.insertPairs, "0 invoke insert [1,[1,null]]\n0 ok insert [2,[1,null]]", 1, "expected its own value, or null"),
  ]

  private static func transfer(_ amount: Int, _ type: String = "invoke") -> String {
    "0 \(type) transfer {\"from\":0,\"to\":1,\"amount\":\(amount)}"
  }

  private static func report(_ checker: Checker, _ history: History) throws -> InvariantReport {
    switch checker {
    case .bank: try BankChecker.report(history)
    case .longFork: try LongForkChecker.report(history)
    case .causalReverse: try CausalReverseChecker.report(history)
    case .setFull: try SetFullChecker.report(history)
    case .insertPairs: try InsertPairChecker.report(history)
    }
  }

  @Test(arguments: malformed.indices) func refused(_ number: Int) throws {
    let (checker, text, index, message) = Self.malformed[number]
    let history = try InvariantText.history(text)
    let error = #expect(throws: MalformedHistory.self) { try Self.report(checker, history) }
    #expect(error?.index == index)
    #expect(error?.message.contains(message) == true, "\(String(describing: error))")
  }

  @Test func `keys must be everywhere, and stay`() throws {
    let without = try InvariantText.history("0 invoke add [1,2]\n0 ok add [1,2]\n0 invoke read null", keyed: true)
    let missing = #expect(throws: MalformedHistory.self) { try SetFullChecker.report(without) }
    #expect(missing?.index == 2)
    let moved = try InvariantText.history("0 invoke add [1,2]\n0 ok add [2,2]", keyed: true)
    let change = #expect(throws: MalformedHistory.self) { try SetFullChecker.report(moved) }
    #expect(change?.index == 1)
    let other = try InvariantText.history("0 invoke insert [1,[1,null]]\n0 ok insert [2,[1,null]]", keyed: true)
    let insert = #expect(throws: MalformedHistory.self) { try InsertPairChecker.report(other) }
    #expect(insert?.index == 1)
  }

  /// An `ok` repeats its value or is null; only an `ok` says that the operation took place as it was invoked.
  @Test func `a completion repeats its value or is null`() throws {
    for (end, value) in [("ok", "null"), ("ok", "5"), ("fail", "6"), ("info", "6")] {
      let write = try InvariantText.history("0 invoke write 5\n0 \(end) write \(value)")
      #expect(try CausalReverseChecker.report(write).verdict == .unknown)
      let add = try InvariantText.history("0 invoke add 5\n0 \(end) add \(value)")
      #expect(try SetFullChecker.report(add).verdict == .unknown)
    }
    for value in ["null", "{\"to\":1,\"amount\":2,\"from\":0}"] {
      let transfer = try InvariantText.history(Self.transfer(2) + "\n0 ok transfer \(value)")
      #expect(try BankChecker.report(transfer).verdict == .unknown)
    }
    for value in ["null", "[1,[1,null]]"] {
      let insert = try InvariantText.history("0 invoke insert [1,[1,null]]\n0 ok insert \(value)")
      #expect(try InsertPairChecker.report(insert).verdict == .valid)
    }
  }

  @Test func `one object is not split by keys`() throws {
    let history = try InvariantText.history("0 invoke read null\n0 ok read [1,2]", keyed: true)
    for checker in [Checker.bank, .longFork] {
      #expect(throws: MalformedHistory.self) { try Self.report(checker, history) }
    }
  }

  @Test func `a completion without an invocation is no history`() throws {
    let history = try InvariantText.history("0 ok read null")
    for checker in [Checker.bank, .longFork, .causalReverse, .setFull, .insertPairs] {
      #expect(throws: PairingError.self) { try Self.report(checker, history) }
    }
  }
}
