import Checkers
import Histories
import Testing

/// Histories of something else are refused, with the event and what was expected.
@Suite struct MalformedReplicaTests {
  private static let malformed: [(type: ReplicatedType?, text: String, index: Int, message: String)] = [
    (
      .gCounter, "0 invoke decrement 5", 0,
      "a g-counter has the operations 'increment', 'read', 'local-read', not 'decrement'"
    ),
    (.gCounter, "0 invoke increment -1", 0, "a counter changes by an integer from 0, not by -1"),
    (.pnCounter, "0 invoke decrement null", 0, "a counter changes by an integer from 0, not by null"),
    (.gCounter, "0 invoke read null\n0 ok read [1]", 1, "a read of a g-counter returns an integer, not [1]"),
    (.gSet, "0 invoke local-read null", 0, "a local-read names the node whose replica it reads"),
    (.gSet, "0 invoke add [1]", 0, "an element is a number, a text or a truth value, not [1]"),
    (.gSet, "0 invoke add [1,2]", 0, "; of many objects, each [key, value]: --keyed yes"),
    (.gSet, "0 invoke add null", 0, "an element is"),
    (.gSet, "0 invoke read null\n0 ok read 5", 1, "a read of a g-set returns a list, not 5"),
    (
      .orSet, "0 invoke remove 1\n0 ok remove {\"context\":5}", 1,
      "what an update has observed is a list of operation ids"
    ),
    (
      .orSet, "0 invoke remove 1\n0 ok remove {\"context\":[[1]]}", 1,
      "an operation's id is a number, a text, or a dot [actor, n from 1], not [1]"
    ),
    (
      .orSet, #"0 invoke add {"value":1,"id":7}\#n1 invoke add {"value":2,"id":7}"#, 1,
      "the operation has the id 7 of that"
    ),
    (.lwwRegister, "0 invoke write 1\n0 ok write {\"timestamp\":\"x\"}", 1, "a timestamp is an integer, or a list"),
    (.lwwRegister, "0 invoke read null\n0 ok read [1]", 1, "an element is"),
    (.mvRegister, "0 invoke write 1\n1 invoke write 1", 1, "1 is written again (first at event 0)"),
    (.gSet, "0 invoke read null\n0 ok read {\"value\":[],\"visible\":3}", 1, "what a read names as visible is a list"),
    (.gSet, "0 invoke add 1\n0 ok add 2", 1, "'add' of 1 completes with 2: expected its own value, or null"),
    (.lwwRegister, "0 invoke write 1\n0 ok write {\"value\":2}", 1, "'write' of 1 completes with 2"),
    (.gCounter, "0 invoke increment 1\n0 ok increment {\"id\":[\"n1\",0]}", 1, "a dot [actor, n from 1], not"),
    (.gCounter, "0 invoke increment 1\n0 ok increment {\"id\":[1,1]}", 1, "a dot [actor, n from 1], not"),
    (.gSet, "0 invoke read null\n0 ok read {\"value\":[],\"visible\":{\"a\":-1}}", 1, "or a version vector"),
    (nil, "0 invoke put {\"value\":1}\n0 ok put {\"value\":2}", 1, "a put of 1 completes with 2"),
    (nil, "0 invoke read null", 0, "expected the operations 'get', 'local-get' and 'put', not 'read'"),
    (nil, "0 invoke put 5", 0, "a put is {\"value\": scalar, \"context\": text or null}, not 5"),
    (
      nil, "0 invoke put [\"k\",{\"value\":1,\"context\":null}]", 0,
      "of many objects, each [key, value]: --keyed yes"
    ),
    (nil, "0 invoke get null\n0 ok get [\"k\",{\"values\":[1]}]", 1, "--keyed yes"),
    (nil, "0 invoke get null\n0 ok get [5]", 1, "a get returns {\"values\""),
    (nil, "0 invoke put {\"value\":1}\n1 invoke put {\"value\":1}", 1, "1 is put again (first at event 0)"),
  ]

  @Test(arguments: malformed.indices) func refused(_ number: Int) throws {
    let (type, text, index, message) = Self.malformed[number]
    let history = try InvariantText.history(text)
    let error = #expect(throws: MalformedHistory.self) {
      if let type { _ = try ConvergenceChecker.report(history, type) } else { _ = try SiblingsChecker.report(history) }
    }
    #expect(error?.index == index)
    #expect(error?.message.contains(message) == true, "\(String(describing: error))")
  }

  @Test func `keys must be everywhere`() throws {
    let history = try InvariantText.history(
      "0 invoke increment [1,2]\n0 ok increment [1,2]\n0 invoke read null", keyed: true)
    #expect(throws: MalformedHistory.self) { try ConvergenceChecker.report(history, .gCounter) }
    #expect(throws: MalformedHistory.self) { try SiblingsChecker.report(history) }
  }

  @Test func `a completion without an invocation is no history`() throws {
    let history = try InvariantText.history("0 ok read null")
    for type in ReplicatedType.allCases {
      #expect(throws: PairingError.self) { try ConvergenceChecker.report(history, type) }
    }
    #expect(throws: PairingError.self) { try SiblingsChecker.report(history) }
  }
}
