import Testing

@testable import DynamoRing

/// Hinted handoff (§4.6), anti-entropy (§4.7), and what a restart leaves.
@Suite struct RepairTests {
  private let key = Key(.siblings, [7])
  private func put(_ value: UInt8, _ context: CausalContext = CausalContext()) -> Operation {
    .update(name: [7], .put([value], context))
  }

  @Test func aNodeBehindThePreferenceListStandsInAndHandsOver() throws {
    var cluster = try Cluster { $0.antiEntropyInterval = .max >> 1 }
    let walk = cluster.walk(key)
    cluster.isolate(walk[1])
    cluster.pass(milliseconds: 5_000)
    cluster.ask(walk[0], put(1))
    #expect(cluster.cores[walk[3]]?.hintCount == 1)
    #expect(cluster.object(key, at: walk[3]) == nil)
    cluster.delivers = { _, _, _ in true }
    cluster.pass(milliseconds: 3_000)
    #expect(cluster.cores[walk[3]]?.hintCount == 0)
    #expect(cluster.object(key, at: walk[1]) == cluster.object(key, at: walk[0]))
  }

  @Test func aHintOutlivesARestartAndIsKeptUntilItIsDelivered() throws {
    var cluster = try Cluster { $0.antiEntropyInterval = .max >> 1 }
    let walk = cluster.walk(key)
    cluster.isolate(walk[1])
    cluster.pass(milliseconds: 5_000)
    cluster.ask(walk[0], put(1))
    try cluster.start(walk[3])
    #expect(cluster.cores[walk[3]]?.hintCount == 1)
    cluster.delivers = { message, _, _ in if case .handedOff = message { false } else { true } }
    cluster.pass(milliseconds: 3_000)
    #expect(cluster.cores[walk[3]]?.hintCount == 1)
    #expect(cluster.object(key, at: walk[1]) == cluster.object(key, at: walk[0]))
  }

  @Test func aSloppyQuorumGoesOnWithStandIns() throws {
    var cluster = try Cluster()
    let walk = cluster.walk(key)
    // One replica and the two nodes behind the preference list on one side.
    let side = Set([walk[0], walk[3], walk[4]])
    cluster.delivers = { _, from, to in side.contains(from) == side.contains(to) }
    cluster.pass(milliseconds: 5_000)
    guard case .put(let context)? = cluster.ask(walk[0], put(1)) else {
      Issue.record("the put was not acknowledged")
      return
    }
    #expect(cluster.ask(walk[3], .read(key)) == .reading(.siblings(values: [[1]], context: context)))
    #expect(cluster.ask(walk[1], put(2)) != .noQuorum)
    cluster.delivers = { _, _, _ in true }
    cluster.pass(milliseconds: 3_000)
    let held = walk[..<3].map { cluster.object(key, at: $0) }
    #expect(Set(held).count == 1)
    #expect(held[0]?.reading == .siblings(values: [[1], [2]].sorted { $0[0] < $1[0] }, context: cluster.context(key)))
  }

  @Test func withStrictQuorumsAStandInKeepsTheWriteAndDoesNotCount() throws {
    var cluster = try Cluster { $0.isSloppy = false }
    let walk = cluster.walk(key)
    // All believe that all are there: what is sent to two of the replicas is lost.
    cluster.delivers = { _, _, to in to != walk[1] && to != walk[2] }
    cluster.step(walk[0], .request(put(1), id: 77))
    cluster.pass(milliseconds: 900)
    #expect(cluster.answers[77] == nil)
    #expect(walk[3...].allSatisfy { cluster.cores[$0]?.hintCount == 1 })
    cluster.pass(milliseconds: 200)
    #expect(cluster.answers[77] == .unknown)
  }

  @Test func antiEntropyFindsWhatEverythingElseMissed() throws {
    var cluster = try Cluster { $0.limits.hintsMax = 0 }
    let walk = cluster.walk(key)
    cluster.delivers = { message, _, to in if case .store = message { to != walk[1] } else { true } }
    for name in 0..<40 as Range<UInt8> { cluster.ask(walk[0], .update(name: [name], .write([name]))) }
    cluster.ask(walk[0], put(1))
    #expect(cluster.object(key, at: walk[1]) == nil)
    cluster.delivers = { _, _, _ in true }
    cluster.pass(milliseconds: 20_000)
    #expect(cluster.object(key, at: walk[1]) == cluster.object(key, at: walk[0]))
    for name in 0..<40 as Range<UInt8> {
      let other = Key(.lastWriter, [name])
      #expect(Set(cluster.walk(other)[..<3].map { cluster.object(other, at: $0) }).count == 1)
    }
  }

  @Test func aDeletedValueDoesNotComeBack() throws {
    var cluster = try Cluster { $0.limits.hintsMax = 0 }
    let walk = cluster.walk(key)
    guard case .put(let context)? = cluster.ask(walk[0], put(1)) else {
      Issue.record("the put was not acknowledged")
      return
    }
    cluster.delivers = { message, _, to in if case .store = message { to != walk[2] } else { true } }
    cluster.ask(walk[0], .update(name: [7], .put(nil, context)))
    cluster.delivers = { _, _, _ in true }
    cluster.pass(milliseconds: 20_000)
    for node in walk[..<3] {
      #expect(cluster.object(key, at: node)?.reading == .siblings(values: [], context: context))
    }
  }

  @Test func aRestartContinuesFromLogAndSnapshot() throws {
    var cluster = try Cluster(3) { $0.snapshotBytes = 400 }
    for name in 0..<30 as Range<UInt8> { cluster.ask(1, .update(name: [name % 5], .insert([name]))) }
    #expect(cluster.snapshots[1] != nil)
    #expect(cluster.batches[1]?.contains { $0.isWhole } == true)
    let before = cluster.cores[1]?.stateHash
    try cluster.start(1)
    #expect(cluster.cores[1]?.stateHash == before)
    #expect(cluster.cores[1]?.life == 2)
    // Its count goes on: no name is used twice.
    let first = Key(.set, [0])
    guard case .set(let old)? = cluster.object(first, at: 1),
      case .inserted(let dot)? = cluster.ask(1, .update(name: [0], .insert([99])))
    else {
      Issue.record("the element was not added")
      return
    }
    #expect(!old.seen.contains(dot))
  }

  @Test func aLogThatGoesOnFromAMissingSnapshotIsRefused() throws {
    var recovered = RecoveredState()
    recovered.replay(PersistBatch(sequence: 1, life: 3, isWhole: true))
    #expect(throws: RecoveredState.SnapshotMissing.self) {
      try DynamoNode(Configuration(id: 1, members: [1]), recovered: recovered, at: 0)
    }
  }
}

extension Cluster {
  fileprivate func context(_ key: Key) -> CausalContext {
    guard case .siblings(let register)? = object(key, at: walk(key)[0]) else { return CausalContext() }
    return register.seen
  }
}
