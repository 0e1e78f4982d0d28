import Testing

@testable import RaftKV

/// Shorthand for tests: keys and values as texts.
extension MicroOperation {
  static func r(_ key: String) -> MicroOperation { .read(key: Bytes(key.utf8)) }
  static func w(_ key: String, _ value: Int) -> MicroOperation { .write(key: Bytes(key.utf8), value: text(value)) }
  static func append(_ key: String, _ element: Int) -> MicroOperation {
    .append(key: Bytes(key.utf8), element: text(element))
  }
  static func add(_ key: String, _ amount: Int64) -> MicroOperation { .add(key: Bytes(key.utf8), amount: amount) }
  static func atLeast(_ key: String, _ amount: Int64) -> MicroOperation {
    .atLeast(key: Bytes(key.utf8), amount: amount)
  }
  private static func text(_ number: Int) -> Bytes { Bytes("\(number)".utf8) }
}

extension StoredValue {
  static func register(_ number: Int) -> StoredValue { .register(Bytes("\(number)".utf8)) }
  static func list(_ numbers: Int...) -> StoredValue { .list(numbers.map { Bytes("\($0)".utf8) }) }
}

/// What transactions do to the map.
@Suite struct TransactionTests {
  /// A map on which these transactions were carried out, one entry after the other.
  private func machine(after transactions: [MicroOperation]...) -> StateMachine {
    var machine = StateMachine()
    for (index, operations) in transactions.enumerated() {
      _ = machine.apply(.transaction(Transaction(operations)), at: LogIndex(index + 1))
    }
    return machine
  }

  @Test func readsSeeEarlierEffectsOfTheSameTransactionInOrder() {
    var machine = machine(after: [.append("l", 1), .w("x", 7)])
    let outcome = machine.apply(
      .transaction(
        Transaction([.r("l"), .append("l", 2), .r("l"), .append("l", 3), .r("x"), .w("x", 8), .r("x"), .r("none")])),
      at: 2)
    #expect(outcome == .committed([.list(1), .list(1, 2), .register(7), .register(8), nil]))
    #expect(machine.value(of: Bytes("l".utf8)) == .list(1, 2, 3))
    #expect(machine.read(Bytes("l".utf8)) == .list([Bytes("1".utf8), Bytes("2".utf8), Bytes("3".utf8)]))
    #expect(machine.read(Bytes("x".utf8)) == .value(Bytes("8".utf8)))
  }

  @Test(
    arguments: [
      ([.atLeast("b", 1)], .insufficient), ([.append("x", 1)], .wrongType), ([.add("l", 1)], .wrongType),
      ([.atLeast("l", 1)], .wrongType), ([.add("x", .max)], .tooLarge),
    ] as [([MicroOperation], AbortReason)])
  func anAbortLeavesNothing(last: [MicroOperation], reason: AbortReason) {
    var machine = machine(after: [.append("l", 1), .w("x", 7)])
    let before = machine.stateHash
    let steps = [.append("l", 2), .w("x", 8), .add("new", 3)] + last
    #expect(machine.apply(.transaction(Transaction(steps)), at: 2) == .aborted(reason))
    #expect(machine.stateHash == before)
    #expect(machine.count == 2)
    #expect(machine.value(of: Bytes("l".utf8)) == .list(1))
  }

  @Test func sumsStartAtNothingAndGuardsAreInclusive() {
    var machine = machine(after: [.add("a", 5)])
    let transfer = Transaction([.atLeast("a", 5), .add("a", -5), .add("b", 5), .r("a"), .r("b")])
    #expect(machine.apply(.transaction(transfer), at: 2) == .committed([.register(0), .register(5)]))
    #expect(machine.apply(.transaction(transfer), at: 3) == .aborted(.insufficient))
    #expect(machine.value(of: Bytes("b".utf8)) == .register(5))
  }

  @Test func aConflictIsAChangeBehindTheSnapshotOfAKeyThatIsWritten() {
    var machine = machine(after: [.w("x", 1)], [.w("y", 1)])
    func outcome(_ operations: [MicroOperation], _ snapshot: LogIndex) -> Outcome {
      machine.apply(.transaction(Transaction(operations, unchangedSince: snapshot)), at: 3)
    }
    #expect(outcome([.r("y"), .w("x", 2)], 0) == .aborted(.conflict))
    #expect(outcome([.r("y"), .w("z", 2)], 0) == .committed([.register(1)]), "what is only read is not validated")
    #expect(outcome([.w("x", 2)], 1) == .committed([]))
    #expect(outcome([.w("x", 3)], 2) == .aborted(.conflict))
  }

  @Test func theHashTellsListsApartAndDependsOnTheMapAlone() {
    let together = machine(after: [.append("l", 1), .append("l", 2), .w("x", 3)])
    let apart = machine(after: [.w("x", 9)], [.append("l", 1)], [.w("x", 3), .append("l", 2)])
    #expect(together.stateHash == apart.stateHash)
    let different: [[MicroOperation]] = [
      [.append("l", 2), .append("l", 1), .w("x", 3)], [.append("l", 12), .w("x", 3)], [.append("l", 1), .w("x", 3)],
      [.w("l", 12), .w("x", 3)],
    ]
    let hashes = different.map { machine(after: $0).stateHash } + [together.stateHash]
    #expect(Set(hashes).count == 5)
  }

  @Test func listsAndAnswersAreBounded() {
    var machine = StateMachine()
    let key = Bytes("l".utf8)
    let big = Bytes(repeating: 7, count: ListLimits.bytesMax)
    #expect(machine.apply(.transaction(Transaction([.append(key: key, element: big)])), at: 1) == .committed([]))
    #expect(machine.apply(.transaction(Transaction([.append(key: key, element: [1])])), at: 2) == .aborted(.tooLarge))
    let reads = Array(repeating: MicroOperation.read(key: key), count: Transaction.readBytesMax / ListLimits.bytesMax)
    #expect(machine.apply(.transaction(Transaction(reads)), at: 3) != .aborted(.tooLarge))
    #expect(machine.apply(.transaction(Transaction(reads + [.read(key: key)])), at: 4) == .aborted(.tooLarge))
    let many = Array(repeating: MicroOperation.append("m", 1), count: ListLimits.elementsMax)
    #expect(machine.apply(.transaction(Transaction(many)), at: 5) == .committed([]))
    #expect(machine.apply(.transaction(Transaction([.append("m", 1)])), at: 6) == .aborted(.tooLarge))
  }

  @Test func singleOperationsMeetLists() {
    var machine = machine(after: [.append("l", 1)])
    let key = Bytes("l".utf8)
    #expect(machine.apply(.cas(key: key, from: Bytes("1".utf8), to: [2]), at: 2) == .compareFailed)
    #expect(machine.apply(.cas(key: key, from: nil, to: [2]), at: 3) == .compareFailed)
    #expect(machine.apply(.put(key: key, value: [2]), at: 4) == .written)
    #expect(machine.read(key) == .value([2]))
  }
}
