import Testing

@testable import DynamoRing

/// Reads and writes (§4.5), with all replicas there or some of them.
@Suite struct QuorumTests {
  private let key = Key(.siblings, [7])
  private func put(_ value: UInt8, _ context: CausalContext = CausalContext()) -> Operation {
    .update(name: [7], .put([value], context))
  }

  @Test(arguments: [0, 1, 2, 3, 4]) func anyNodeTakesRequests(position: Int) throws {
    var cluster = try Cluster()
    let node = cluster.walk(key)[position]
    guard case .put(let context)? = cluster.ask(node, put(1)) else {
      Issue.record("the put was not acknowledged")
      return
    }
    let reading = Outcome.reading(.siblings(values: [[1]], context: context))
    for other in cluster.walk(key) { #expect(cluster.ask(other, .read(key)) == reading) }
    for (index, other) in cluster.walk(key).enumerated() {
      #expect(cluster.ask(other, .readLocal(key)) == (index < 3 ? reading : .notReplica))
    }
  }

  @Test func nothingLeavesTheCoordinatorBeforeItsDiskHasIt() throws {
    var cluster = try Cluster()
    let node = cluster.walk(key)[0]
    _ = cluster.takeSent()
    cluster.disksAreFast = false
    #expect(cluster.ask(node, put(1)) == nil)
    #expect(cluster.takeSent().isEmpty)
    cluster.sync(node)
    #expect(cluster.takeSent().count == 2)
  }

  @Test func aWriteIsAcknowledgedWhenSoManyDisksHaveIt() throws {
    var cluster = try Cluster()
    let walk = cluster.walk(key)
    cluster.disksAreFast = false
    cluster.step(walk[0], .request(put(1), id: 77))
    cluster.sync(walk[0])
    cluster.settle()
    #expect(cluster.answers[77] == nil)
    cluster.sync(walk[2])
    cluster.settle()
    #expect(cluster.answers[77] != nil)
  }

  @Test func oneNodeThatConfirmsTwiceCountsOnce() throws {
    var cluster = try Cluster { $0.writeQuorum = 3 }
    let walk = cluster.walk(key)
    cluster.delivers = { _, _, to in to != walk[2] }
    cluster.step(walk[0], .request(put(1), id: 77))
    for (message, _, to) in cluster.takeSent() where to == walk[1] {
      for _ in 0..<3 { cluster.step(to, .received(message, from: walk[0])) }
    }
    cluster.settle()
    #expect(cluster.answers[77] == nil)
  }

  @Test func withoutEnoughReplicasStrictQuorumsRefuse() throws {
    var cluster = try Cluster { $0.isSloppy = false }
    let walk = cluster.walk(key)
    cluster.isolate(walk[0])
    cluster.pass(milliseconds: 5_000)
    #expect(cluster.ask(walk[0], put(1)) == .noQuorum)
    #expect(cluster.ask(walk[0], .read(key)) == .noQuorum)
    #expect(cluster.object(key, at: walk[0]) == nil)
    #expect(cluster.ask(walk[1], put(2)) != .noQuorum)
  }

  @Test func aWriteThatNobodyConfirmsIsUnknown() throws {
    var cluster = try Cluster { $0.isSloppy = false }
    let walk = cluster.walk(key)
    cluster.isolate(walk[0])
    cluster.step(walk[0], .request(put(1), id: 77))
    cluster.pass(milliseconds: 900)
    #expect(cluster.answers[77] == nil)
    cluster.pass(milliseconds: 200)
    #expect(cluster.answers[77] == .unknown)
  }

  @Test func aReadRepairsWhoeverIsBehindBeforeItIsAnswered() throws {
    var cluster = try Cluster()
    let walk = cluster.walk(key)
    cluster.delivers = { message, _, _ in if case .store = message { false } else { true } }
    cluster.ask(walk[0], put(1))
    #expect(cluster.object(key, at: walk[1]) == nil)
    guard case .reading(.siblings(let values, _))? = cluster.ask(walk[0], .read(key)) else {
      Issue.record("the read was not answered")
      return
    }
    #expect(values == [[1]])
    #expect(walk[..<3].allSatisfy { cluster.object(key, at: $0) == cluster.object(key, at: walk[0]) })
  }

  @Test func aReadIsNotAnsweredWhileOneReplicaAloneHoldsWhatItShows() throws {
    var cluster = try Cluster()
    let walk = cluster.walk(key)
    cluster.delivers = { message, _, _ in
      switch message {
      case .store, .repair: false
      default: true
      }
    }
    cluster.ask(walk[0], put(1))
    #expect(cluster.ask(walk[0], .read(key)) == nil)
  }

  @Test func aForwardedUpdateThatIsRepeatedTakesEffectOnce() throws {
    var cluster = try Cluster()
    let counter = Key(.counter, [7])
    let outsider = cluster.walk(counter)[4]
    cluster.step(outsider, .request(.update(name: [7], .add(5)), id: 77))
    for (message, from, to) in cluster.takeSent() {
      for _ in 0..<3 { cluster.step(to, .received(message, from: from)) }
    }
    cluster.settle()
    #expect(cluster.answers[77] == .counted)
    #expect(cluster.ask(outsider, .read(counter)) == .reading(.counter(5)))
  }

  @Test func aForwardToAnEarlierLifeIsIgnored() throws {
    var cluster = try Cluster()
    let counter = Key(.counter, [7])
    let walk = cluster.walk(counter)
    cluster.step(walk[4], .request(.update(name: [7], .add(5)), id: 77))
    let forwards = cluster.takeSent()
    try cluster.start(walk[0])
    for (message, from, to) in forwards { cluster.step(to, .received(message, from: from)) }
    cluster.settle()
    #expect(cluster.answers[77] == nil)
    #expect(cluster.object(counter, at: walk[0]) == nil)
  }

  @Test func whatIsTooLargeIsRefused() throws {
    var cluster = try Cluster { $0.limits.objectBytesMax = 100 }
    #expect(cluster.ask(1, .update(name: [7], .put(Array(repeating: 0, count: 100), CausalContext()))) == .tooLarge)
    #expect(cluster.ask(1, .update(name: [7], .add(PNCounter.sumMax))) == .counted)
  }
}
