import Testing

@testable import PaxosLog

/// Updates and reads as clients see them.
@Suite struct RequestTests {
  private let all = Operation.read(.entries(log: [0], from: 1, through: .max))

  @Test func anyNodeTakesUpdates() throws {
    var trio = try Trio()
    trio.elect(1)
    trio.append(1, at: 2, request: 1)
    trio.append(2, at: 3, request: 2)
    #expect(trio.answers == [1: .appended(index: 1), 2: .appended(index: 2)])
    for id in Trio.members { #expect(trio.log(id) == [[1], [2]]) }
  }

  @Test func aRepeatedCommandTakesEffectOnce() throws {
    var trio = try Trio()
    trio.elect(1)
    let name = CommandID(client: 5, sequence: 1)
    trio.append(1, at: 2, request: 1, name: name)
    trio.append(2, at: 3, request: 2)
    trio.append(1, at: 3, request: 3, name: name)
    #expect(trio.answers[1] == .appended(index: 1))
    #expect(trio.answers[3] == .appended(index: 1))
    #expect(trio.log(1) == [[1], [2]])
  }

  @Test func aForwardedCommandSurvivesItsLeader() throws {
    var trio = try Trio()
    trio.elect(1)
    trio.delivers = { _, from, to in from != 1 && to != 1 }
    trio.append(1, at: 2, request: 1)
    #expect(trio.answers[1] == nil)
    trio.elect(3)
    #expect(trio[3]?.role == .leader)
    #expect(trio.answers[1] == .appended(index: 1))
  }

  @Test func theFateOfACommandIsUnknownOnlyWhenItWasSent() throws {
    var trio = try Trio()
    trio.append(1, at: 2, request: 1)
    trio.elect(1)
    trio.delivers = { message, _, _ in if case .forward = message { false } else { true } }
    trio.append(2, at: 3, request: 2)
    trio.now += 2_000_000_000
    for id in [2, 3] as [NodeID] { trio.step(id, .tick) }
    #expect(trio.answers[2] == .unknown)

    var lonely = try Trio { $0.requestTimeout = 100_000_000 }
    lonely.append(1, at: 2, request: 1)
    lonely.now += 100_000_000
    lonely.step(2, .tick)
    #expect(lonely.answers[1] == .noLeader)
  }

  @Test func requestsAreBounded() throws {
    var trio = try Trio { $0.limits.requestsInFlightMax = 2 }
    for request in 1...3 as ClosedRange<RequestID> { trio.append(UInt8(request), at: 2, request: request) }
    for request in 4...6 as ClosedRange<RequestID> { trio.step(2, .request(all, id: request)) }
    #expect(trio.answers == [3: .overloaded, 6: .overloaded])
  }

  @Test func openSlotsAreBounded() throws {
    var trio = try Trio { $0.limits.slotsInFlightMax = 2 }
    trio.elect(1)
    trio.delivers = { _, _, _ in false }
    for request in 1...5 as ClosedRange<RequestID> { trio.append(UInt8(request), at: 1, request: request) }
    #expect(trio[1]?.log.lastSlot == 2)
    trio.delivers = { _, _, _ in true }
    trio.now += 60_000_000
    trio.step(1, .tick)
    trio.settle()
    #expect(trio.log(1) == [[1], [2], [3], [4], [5]])
  }

  @Test func readsShowWhatWasAcknowledgedBefore() throws {
    var trio = try Trio()
    trio.elect(1)
    trio.append(1, at: 1, request: 1)
    trio.step(3, .request(all, id: 2))
    trio.settle()
    #expect(trio.answers[2] == .entries(first: 1, [[1]]))
    trio.step(1, .request(.read(.register(key: [1])), id: 3))
    trio.settle()
    #expect(trio.answers[3] == .value(nil))
  }

  @Test func aDeposedLeaderAnswersNoReads() throws {
    var trio = try Trio()
    trio.elect(1)
    trio.delivers = { _, from, to in from != 1 && to != 1 }
    trio.elect(2)
    trio.append(1, at: 2, request: 1)
    #expect(trio.answers[1] == .appended(index: 1))
    #expect(trio[1]?.role == .leader)
    trio.step(1, .request(all, id: 2))
    trio.settle()
    #expect(trio.answers[2] == nil)
    // Told of the higher ballot, it passes the read on.
    trio.delivers = { _, _, _ in true }
    trio.now += 60_000_000
    for _ in 0..<30 {
      trio.now += 10_000_000
      for id in Trio.members { trio.step(id, .tick) }
      trio.settle()
    }
    #expect(trio.answers[2] == .entries(first: 1, [[1]]))
  }

  @Test func aNewLeaderGrantsReadsOnlyAfterWhatItTookOver() throws {
    var trio = try Trio()
    trio.elect(1)
    trio.delivers = { message, _, _ in if case .chosen = message { false } else { true } }
    trio.append(1, at: 1, request: 1)
    trio.delivers = { message, from, to in
      if case .accept = message { return false }
      return from != 1 && to != 1
    }
    trio.elect(2)
    #expect(trio[2]?.leading.recoveredThrough == 1)
    trio.step(3, .request(all, id: 2))
    trio.settle()
    #expect(trio.answers[2] == nil)
    trio.delivers = { _, from, to in from != 1 && to != 1 }
    for _ in 0..<10 {
      trio.now += 10_000_000
      for id in [2, 3] as [NodeID] { trio.step(id, .tick) }
      trio.settle()
    }
    #expect(trio.answers[2] == .entries(first: 1, [[1]]))
  }

  @Test func aLocalReadWaitsForNobody() throws {
    var trio = try Trio()
    trio.step(2, .request(.readLocal(.entries(log: [0], from: 1, through: .max)), id: 1))
    #expect(trio.answers[1] == .entries(first: 1, []))
  }

  @Test func aWrongConfigurationIsExplained() {
    #expect(Configuration(id: 1, members: [1, 2, 3]).problems() == [])
    #expect(Configuration(id: 4, members: [1, 1]).problems().count == 2)
    var configuration = Configuration(id: 1, members: [1])
    configuration.electionTimeoutMax = 1
    configuration.heartbeatInterval = 0
    configuration.snapshotInterval = 0
    #expect(configuration.problems().count == 3)
  }
}
