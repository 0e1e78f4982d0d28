import ProtocolKit
import Testing

@testable import RaftKV

@Suite struct StateMachineTests {
  private func bytes(_ text: String) -> Bytes { Bytes(text.utf8) }

  @Test func compareAndSetIsDecidedWhenApplied() {
    var machine = StateMachine()
    #expect(machine.apply(.cas(key: [1], from: [7], to: [8]), at: 1) == .notFound)
    #expect(machine.apply(.cas(key: [1], from: nil, to: [8]), at: 1) == .written)
    #expect(machine.apply(.cas(key: [1], from: nil, to: [9]), at: 1) == .compareFailed)
    #expect(machine.apply(.cas(key: [1], from: [7], to: [9]), at: 1) == .compareFailed)
    #expect(machine.apply(.cas(key: [1], from: [8], to: [9]), at: 1) == .written)
    #expect(machine.read([1]) == .value([9]))
    #expect(machine.read([2]) == .notFound)
  }

  @Test func keysAreBytesNotCharacters() {
    var machine = StateMachine()
    _ = machine.apply(.put(key: bytes("é"), value: [1]), at: 1)
    #expect(machine.read(bytes("e\u{301}")) == .notFound)
  }

  @Test func theHashDependsOnTheMapAlone() {
    var first = StateMachine()
    var second = StateMachine()
    let empty = first.stateHash
    _ = first.apply(.put(key: [1], value: [1]), at: 1)
    _ = first.apply(.put(key: [2], value: [2]), at: 1)
    _ = second.apply(.put(key: [2], value: [5]), at: 1)
    _ = second.apply(.put(key: [1], value: [1]), at: 1)
    #expect(first.stateHash != second.stateHash)
    _ = second.apply(.put(key: [2], value: [2]), at: 1)
    #expect(first.stateHash == second.stateHash)
    #expect(first.stateHash != empty)
  }
}

@Suite struct LogTests {
  private func log(_ terms: [Term]) -> Log {
    var log = Log()
    for term in terms { log.append(Entry(term: term, payload: .noop)) }
    return log
  }

  @Test func termsAreFoundByBinarySearch() {
    let log = log([1, 1, 3, 3, 3, 7])
    #expect((1...6).map { log.firstIndexOfTerm(at: $0) } == [1, 1, 3, 3, 3, 6])
    #expect((0...8).map { log.lastIndex(ofTerm: $0) } == [nil, 2, nil, 5, nil, nil, nil, 6, nil])
    #expect(log.term(at: 0) == 0)
    #expect(log.term(at: 7) == nil)
  }

  @Test func slicesRespectBothLimitsButNeverStall() {
    let log = log([1, 1, 1, 1])
    #expect(log.slice(from: 2).count == 3)
    #expect(log.slice(from: 2, entriesMax: 2).count == 2)
    #expect(log.slice(from: 2, bytesMax: 70).count == 2)
    #expect(log.slice(from: 2, bytesMax: 1).count == 1)
    #expect(log.slice(from: 2, entriesMax: 0).isEmpty)
    #expect(log.slice(from: 5).isEmpty)
  }

  @Test func queuesGiveBackTheirSpace() {
    var queue = FIFO<Int>()
    var expected = 0
    for number in 0..<10_000 {
      queue.append(number)
      if number % 3 != 0 {
        #expect(queue.popFirst() == expected)
        expected += 1
      }
    }
    #expect(queue.drain() == Array(expected..<10_000))
    #expect(queue.popFirst() == nil)
  }
}
