import Checkers
import Histories
import Testing

/// Which models a history is taken for.
@Suite struct ModelDetectionTests {
  /// Operations one after another, by process 0.
  private func names(
    _ operations: [(function: String, invoked: Value, answered: Value)], claim: String? = nil
  ) -> [String] {
    let events = operations.flatMap { operation in
      [(EventType.invoke, operation.invoked), (.ok, operation.answered)].map { type, value in
        Event(index: 0, time: 0, process: ProcessID(0), type: type, function: operation.function, value: value)
      }
    }
    return HistoryModel.candidates(for: History(events), claim: claim).map(\.name)
  }

  private func transaction(_ parts: [Value]...) -> Value { .list(parts.map(Value.list)) }

  @Test func `a register that is read as lists is none`() {
    #expect(names([("write", 1, 1), ("read", .null, .list([1]))]) == ["causal-reverse"])
    #expect(names([("write", .list([1, 2]), .list([1, 2])), ("read", .null, .list([1, 2]))]) == ["register"])
    #expect(names([("write", 1, 1), ("read", .null, 1)]) == ["register"])
    let keyed: [(String, Value, Value)] = [
      ("write", .list(["x", 1]), .list(["x", 1])), ("read", .list(["x", .null]), .list(["x", 1])),
    ]
    #expect(names(keyed) == ["register"])
  }

  @Test func `what is added to is a counter or a set by what reads show`() {
    #expect(names([("add", 1, 1), ("read", .null, .list([1]))]) == ["grow-set", "set-full", "set"])
    #expect(names([("add", 1, 1), ("read", .null, 1)]) == ["counter"])
    #expect(names([("add", 1, 1), ("read", .null, .list([1]))], claim: "linearizable") == ["grow-set"])
    #expect(names([("add", 1, 1), ("read", .null, .list([1]))], claim: "no-stale-reads") == ["set-full"])
  }

  @Test func `inserts of pairs are no numbers of a priority queue`() {
    let pair: Value = .list([1, .list([2, .null])])
    #expect(names([("insert", pair, pair)]) == ["adya-g2"])
    #expect(names([("insert", 3, 3), ("delete-min", .null, 3)]) == ["priority-queue"])
  }

  @Test func `transactions by their micro-operations and by what reads show`() {
    let append = transaction(["append", 1, 1])
    let write = transaction(["w", 1, 1])
    let (read, list, value) = (
      transaction(["r", 1, .null]), transaction(["r", 1, .list([7])]), transaction(["r", 1, 7])
    )
    #expect(names([("txn", append, append)]) == ["list-append"])
    #expect(names([("txn", write, write)]) == ["rw-register"])
    #expect(names([("txn", write, write)], claim: "linearizable") == ["multi-register"])
    #expect(names([("txn", write, write)], claim: "no-long-fork") == ["long-fork"])
    #expect(names([("txn", read, list)]) == ["list-append"])
    #expect(names([("txn", read, value)]) == ["rw-register"])
    #expect(names([("txn", read, read)]) == ["list-append", "rw-register"])
    #expect(names([("write", write, write), ("read", read, value)]) == ["long-fork"])
  }

  @Test func `logs by their functions, or by what their transactions are made of`() {
    let send = transaction(["send", 0, 1])
    let sent = transaction(["send", 0, .list([0, 1])])
    #expect(names([("send", .list([0, 1]), .list([0, .list([0, 1])]))]) == ["partitioned-log"])
    #expect(
      names([("txn", send, sent), ("txn", transaction(["poll"]), transaction(["poll", [:]]))]) == ["partitioned-log"])
    #expect(names([("txn", send, sent)], claim: "read-committed") == ["partitioned-log"])
    #expect(names([("txn", send, sent), ("assign", .list([0]), .list([0]))]) == ["partitioned-log"])
    let append = transaction(["append", 1, 1])
    #expect(names([("txn", append, append)], claim: "read-committed") == ["list-append"])
    #expect(names([("read-all", .null, .list([]))]) == ["replicated-log"])
    #expect(!names([("read", .null, ["0": 10])]).contains("replicated-log"))
    #expect(names([("append", 1, .list([0, 1])), ("read", .null, .list([]))]) == ["log"])
    #expect(names([("generate", .null, 7)]) == ["unique-ids"])
  }

  @Test func `queues by what takes messages out, and by the claim`() {
    let put: (String, Value, Value) = ("enqueue", 1, 1)
    #expect(names([put, ("dequeue", .null, 1), ("drain", .null, .list([]))]) == ["total-queue"])
    #expect(names([put, ("receive", .null, ["id": 1, "value": 1])]) == ["work-queue"])
    #expect(names([put, ("drain", .null, .list([]))]) == ["total-queue", "work-queue"])
    let bare = [put, ("dequeue", Value.null, Value.int(1))]
    #expect(names(bare) == ["fifo-queue", "unordered-queue", "total-queue"])
    #expect(names(bare, claim: "linearizable") == ["fifo-queue", "unordered-queue"])
    #expect(names(bare, claim: "exactly-once") == ["total-queue"])
  }

  @Test func `replicated objects by what reads of replicas show`() {
    let one: (String, Value, Value) = ("local-read", .null, 1)
    let list: (String, Value, Value) = ("local-read", .null, .list([1]))
    let (add, write, remove): ((String, Value, Value), (String, Value, Value), (String, Value, Value)) = (
      ("add", 1, 1), ("write", 1, 1), ("remove", 1, 1)
    )
    #expect(names([("increment", 1, 1), one]) == ["crdt-g-counter"])
    #expect(names([("increment", 1, 1), ("decrement", 1, 1), one]) == ["crdt-pn-counter"])
    #expect(names([("increment", 1, 1), ("read", .null, 1)]) == ["crdt-g-counter"])
    #expect(names([add, list]) == ["crdt-g-set"])
    #expect(names([add, remove, list]) == ["crdt-2p-set", "crdt-or-set"])
    #expect(names([add, ("remove", 1, ["value": 1, "context": [7]]), list]) == ["crdt-or-set"])
    #expect(names([write, one]) == ["crdt-lww-register"])
    #expect(names([write, list]) == ["crdt-mv-register"])
    #expect(
      names([write, ("local-read", .null, ["value": .list([1]), "visible": .list([1])])]) == ["crdt-mv-register"])
    #expect(names([write, ("local-read", .null, .null)]) == ["crdt-lww-register", "crdt-mv-register"])
    #expect(names([("increment", ["k", 1], ["k", 1]), ("local-read", .null, ["k": 1])]) == ["crdt-map"])
    #expect(names([("add", ["k", 1], ["k", 1]), ("write", ["l", 1], ["l", 1]), list]) == ["crdt-map"])
  }

  /// What is read through a coordinator only is a register, or a set, unless its replicas are what is claimed to agree.
  @Test func `replicated objects only where nothing else fits, or by the claim`() {
    let history: [(String, Value, Value)] = [("add", 1, 1), ("read", .null, .list([1]))]
    #expect(names(history) == ["grow-set", "set-full", "set"])
    #expect(names(history, claim: "converges") == ["crdt-g-set"])
    #expect(names([("write", 1, 1), ("read", .null, 1)]) == ["register"])
    #expect(names([("write", 1, 1), ("read", .null, 1)], claim: "converges") == ["crdt-lww-register"])
  }

  @Test func `values that are put with contexts have siblings`() {
    let put: Value = ["value": 1, "context": .null]
    let got: Value = ["values": .list([1]), "context": "c"]
    #expect(names([("put", put, put), ("get", .null, got)]) == ["siblings"])
    let keyed: Value = .list(["k", put])
    #expect(names([("put", keyed, keyed), ("get", .list(["k", .null]), .list(["k", got]))]) == ["siblings"])
    #expect(names([("put", .list(["k", "v"]), .null), ("get", .list(["k", .null]), .list(["k", "v"]))]) == ["kv"])
  }

  @Test func `micro-operations that no model knows are named`() {
    let transactions = transaction(["rp", 1, .null], ["w", 1, 1])
    let history = History([
      Event(index: 0, time: 0, process: ProcessID(0), type: .invoke, function: "txn", value: transactions)
    ])
    #expect(HistoryModel.candidates(for: history, claim: nil).isEmpty)
    #expect(HistoryModel.unknownMicroOperations(of: history) == ["rp"])
  }
}
