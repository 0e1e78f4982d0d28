import ProtocolKit
import Testing

@testable import RaftKV

/// Log compaction and InstallSnapshot (§7).
@Suite struct SnapshotTests {
  private static let machine: StateMachine = {
    var machine = StateMachine()
    _ = machine.apply(Bench.put("a", "1"), id: CommandID(client: 7, sequence: 3), at: 1)
    _ = machine.apply(.transaction(Transaction([.append("l", 1), .append("l", 2), .r("l")])), at: 2)
    _ = machine.apply(
      .transaction(Transaction([.r("l"), .append("m", 2)])), id: CommandID(client: 9, sequence: 1), at: 3)
    return machine
  }()

  private static let contents = SnapshotContents(
    lastIncludedIndex: 3, lastIncludedTerm: 2, membership: Membership([1, 2, 3]), machine: machine)

  // MARK: Bytes

  @Test func aSnapshotKeepsTheStateSessionsIncluded() throws {
    let read = try SnapshotContents(decoding: Self.contents.encoded().bytes)
    #expect(read.lastIncludedIndex == 3)
    #expect(read.lastIncludedTerm == 2)
    #expect(read.membership == Membership([3, 2, 1]))
    #expect(read.machine.stateHash == Self.machine.stateHash)
    #expect(read.machine.value(of: Bytes("l".utf8)) == Self.machine.value(of: Bytes("l".utf8)))
    #expect(read.encoded() == Self.contents.encoded())
    var machine = read.machine
    #expect(machine.apply(Bench.put("a", "2"), id: CommandID(client: 7, sequence: 3), at: 9) == .written)
    #expect(machine.stateHash == Self.machine.stateHash, "a repetition after the snapshot is one still")
    var original = Self.machine
    let append = Command.transaction(Transaction([.append("l", 3)]))
    _ = (machine.apply(append, at: 10), original.apply(append, at: 10))
    #expect(machine.stateHash == original.stateHash, "digests of lists go on as before")
  }

  @Test func equalStatesHaveEqualBytes() {
    var other = StateMachine()
    _ = other.apply(.put(key: [9], value: [9]), at: 1)
    for key in (0..<50 as Range<UInt8>).reversed() { _ = other.apply(.put(key: [key], value: []), at: 2) }
    var same = StateMachine()
    _ = same.apply(.put(key: [9], value: [9]), at: 1)
    for key in 0..<50 as Range<UInt8> { _ = same.apply(.put(key: [key], value: []), at: 2) }
    func bytes(_ machine: StateMachine) -> [UInt8] {
      SnapshotContents(lastIncludedIndex: 2, lastIncludedTerm: 1, membership: Membership([1]), machine: machine)
        .encoded()
        .bytes
    }
    #expect(bytes(other) == bytes(same))
  }

  @Test func damagedSnapshotsAreRefused() {
    let bytes = Self.contents.encoded().bytes
    for length in bytes.indices {
      #expect(throws: MalformedBytes.self) { try SnapshotContents(decoding: Array(bytes.prefix(length))) }
    }
    for position in bytes.indices {
      for bit in 0..<8 {
        var damaged = bytes
        damaged[position] ^= 1 << bit
        #expect(throws: MalformedBytes.self) { try SnapshotContents(decoding: damaged) }
      }
    }
  }

  // MARK: Compaction

  /// A leader of three that commits `count` writes behind its no-op.
  private func leader(_ count: Int, bug: RaftBug? = nil) throws -> Bench {
    var bench = try Bench(members: 3, bug: bug) {
      $0.snapshotEntries = 5
      $0.logTailEntries = 2
    }
    bench.becomeLeader()
    for id in 0..<RequestID(count) {
      bench.handle(.request(.write(Bench.put("k\(id)", "v")), id: id))
      bench.acknowledge(bench.raft.log.lastIndex, from: 2)
    }
    return bench
  }

  @Test func theLogIsCompactedWhenTheSnapshotIsOnDisk() throws {
    var bench = try leader(4)
    let contents = try #require(bench.snapshots.first)
    #expect(contents.lastIncludedIndex == 5)
    #expect(bench.raft.log.base == 0)
    bench.saved(contents.encoded())
    #expect(bench.raft.log.base == 3, "two entries stay for followers that lag a little")
    #expect(bench.raft.snapshotIndex == 5)
    let batch = try #require(bench.batches.last)
    #expect(batch.base == PersistBatch.Base(index: 3, term: 1))
    #expect(batch.hardState?.currentTerm == 1)
    #expect(batch.suffix?.firstIndex == 4)
    #expect(batch.suffix?.entries.count == 2)
  }

  @Test func onlyOneSnapshotIsOnItsWay() throws {
    var bench = try leader(20)
    #expect(bench.snapshots.count == 1)
    bench.saved(bench.snapshots[0].encoded())
    #expect(bench.snapshots.map(\.lastIncludedIndex) == [5, 21])
  }

  @Test func aSnapshotIsTakenByBytesButNotMoreOftenThanItsOwnSize() throws {
    var bench = try Bench(members: 1) { $0.snapshotLogBytes = 200 }
    bench.becomeLeader()
    bench.handle(.request(.write(.put(key: [1], value: Array(repeating: 7, count: 2_000))), id: 1))
    bench.saved(try #require(bench.snapshots.first).encoded())
    for id in 2...20 as ClosedRange<RequestID> { bench.handle(.request(.write(.put(key: [2], value: [0])), id: id)) }
    #expect(bench.snapshots.count == 1, "600 bytes of log do not pay for another snapshot of 2,000")
    bench.handle(.request(.write(.put(key: [1], value: Array(repeating: 7, count: 2_000))), id: 21))
    #expect(bench.snapshots.count == 2)
  }

  @Test func aRestartGoesOnFromSnapshotAndLog() throws {
    var bench = try leader(7)
    let snapshot = try #require(bench.snapshots.first).encoded()
    bench.saved(snapshot)
    var recovered = RecoveredState(snapshot: try SnapshotContents(decoding: snapshot.bytes))
    for batch in bench.batches { try recovered.replay(PersistBatch(decoding: batch.encoded())) }
    try recovered.validate()
    let raft = Raft(bench.raft.configuration, recovered: recovered, at: 0)
    #expect(raft.commitIndex == 5)
    #expect(raft.log.base == bench.raft.log.base)
    #expect(raft.log.lastIndex == 8)
    #expect(raft.machine.count == 4)
    #expect(raft.members == [1, 2, 3])
  }

  /// The crash came between the snapshot of a leader and the record that begins the log anew.
  @Test func aLogThatTheSnapshotLeftBehindIsDropped() throws {
    var bench = try Bench(members: 3, snapshot: Self.contents, term: 2, log: [1, 1])
    #expect(bench.raft.log.base == 3)
    #expect(bench.raft.log.lastIndex == 3)
    #expect(bench.batches.first?.base == PersistBatch.Base(index: 3, term: 2))
    bench = try Bench(members: 3, snapshot: Self.contents, term: 2, log: [1, 1, 1, 1])
    #expect(bench.raft.log.lastIndex == 3, "what follows an entry of another term is none of the leader's")
    bench = try Bench(members: 3, snapshot: Self.contents, term: 2, log: [1, 1, 2, 2])
    #expect(bench.raft.log.lastIndex == 4, "entries that follow the snapshot stay")
  }

  @Test func aLogWithoutItsSnapshotIsARefusalToStart() throws {
    var recovered = RecoveredState()
    try recovered.replay(
      PersistBatch(sequence: 1, hardState: HardState(), base: PersistBatch.Base(index: 9, term: 1), suffix: nil))
    #expect(throws: RecoveredState.SnapshotMissing.self) { try recovered.validate() }
  }

  // MARK: InstallSnapshot

  @Test func aFollowerThatLagsTooFarIsSentTheSnapshotInParts() throws {
    var bench = try Bench(members: 3) {
      $0.snapshotEntries = 5
      $0.logTailEntries = 0
      $0.limits.snapshotChunkBytesMax = 100
    }
    bench.becomeLeader()
    for id in 0..<9 as Range<RequestID> {
      bench.handle(.request(.write(Bench.put("k\(id)", "value")), id: id))
      bench.acknowledge(bench.raft.log.lastIndex, from: 2)
    }
    let snapshot = try #require(bench.snapshots.first).encoded()
    bench.saved(snapshot)
    bench.receive(
      .appendReply(AppendReply(term: 1, result: .conflict(prevLogIndex: 1, conflictTerm: 0, conflictIndex: 1))), from: 3
    )
    bench.wait(Bench.heartbeatInterval)
    bench.receive(
      .appendReply(AppendReply(term: 1, result: .conflict(prevLogIndex: 1, conflictTerm: 0, conflictIndex: 1))), from: 3
    )
    var bytes: [UInt8] = []
    _ = bench.takeSent()
    for _ in 0..<100 where bytes.count < snapshot.bytes.count {
      bench.receive(
        .installSnapshotReply(
          InstallSnapshotReply(term: 1, lastIncludedIndex: 5, offset: UInt64(bytes.count))), from: 3)
      let part = try #require(bench.takeSent(to: 3).compactMap(\.installSnapshot).last)
      #expect(part.offset == UInt64(bytes.count))
      #expect(part.data.count <= 100)
      bytes += part.data
      #expect(part.done == (bytes.count == snapshot.bytes.count))
    }
    #expect(bytes == snapshot.bytes)
    bench.acknowledge(5, from: 3)
    let append = try #require(bench.takeSent(to: 3).compactMap(\.append).first)
    #expect(append.prevLogIndex == 5)
    #expect(append.entries.count == 5)
  }

  /// Gives a follower a snapshot in two parts.
  private func install(_ snapshot: Snapshot, at bench: inout Bench, term: Term = 3) {
    let half = snapshot.bytes.count / 2
    for (offset, end) in [(0, half), (half, snapshot.bytes.count)] {
      bench.receive(
        .installSnapshot(
          InstallSnapshot(
            term: term, lastIncludedIndex: snapshot.lastIncludedIndex, lastIncludedTerm: snapshot.lastIncludedTerm,
            offset: UInt64(offset), data: Array(snapshot.bytes[offset..<end]), done: end == snapshot.bytes.count)),
        from: 2)
    }
  }

  @Test func aSnapshotTakesEffectWhenItIsOnDisk() throws {
    var bench = try Bench(members: 3, term: 1, log: [1])
    let snapshot = Self.contents.encoded()
    install(snapshot, at: &bench)
    #expect(bench.takeSent(to: 2).compactMap(\.installSnapshotReply?.offset).last == UInt64(snapshot.bytes.count))
    #expect(bench.raft.lastApplied == 0)
    #expect(bench.snapshots.map(\.lastIncludedIndex) == [3])
    bench.saved(snapshot)
    #expect(bench.raft.lastApplied == 3)
    #expect(bench.raft.commitIndex == 3)
    #expect(bench.raft.stateHash == Self.machine.stateHash)
    #expect(bench.raft.log.lastIndex == 3)
    #expect(bench.takeSent(to: 2).compactMap(\.appendReply?.result) == [.matched(matchIndex: 3)])
    #expect(bench.batches.last?.base == PersistBatch.Base(index: 3, term: 2))
  }

  @Test func entriesThatFollowTheSnapshotStay() throws {
    var bench = try Bench(members: 3, term: 2, log: [1, 1, 2, 2])
    install(Self.contents.encoded(), at: &bench)
    bench.saved(Self.contents.encoded())
    #expect(bench.raft.log.base == 3)
    #expect(bench.raft.log.lastIndex == 4)
  }

  @Test func aSnapshotOfWhatIsCommittedHereIsNotNeeded() throws {
    var bench = try Bench(members: 3, term: 2, log: [1, 1, 2, 2])
    bench.hearFrom(leader: 2, term: 3, commit: 4)
    install(Self.contents.encoded(), at: &bench)
    #expect(bench.snapshots.isEmpty)
    #expect(bench.takeSent(to: 2).compactMap(\.appendReply?.result).last == .matched(matchIndex: 3))
    #expect(bench.raft.lastApplied == 4)
  }

  @Test func installingOverANewerLogIsTheBug() throws {
    var bench = try Bench(members: 3, term: 2, log: [1, 1, 2, 2], bug: .snapshotInstalledOverNewerLog)
    bench.hearFrom(leader: 2, term: 3, commit: 4)
    install(Self.contents.encoded(), at: &bench)
    bench.saved(Self.contents.encoded())
    #expect(bench.raft.lastApplied == 3)
    #expect(bench.raft.log.lastIndex == 3)
  }

  @Test func partsOutOfOrderAreAskedForAgainAndDamagedOnesToo() throws {
    var bench = try Bench(members: 3, term: 1, log: [1])
    var snapshot = Self.contents.encoded()
    bench.receive(
      .installSnapshot(
        InstallSnapshot(term: 3, lastIncludedIndex: 3, lastIncludedTerm: 2, offset: 9, data: [1], done: true)), from: 2)
    #expect(bench.takeSent(to: 2).compactMap(\.installSnapshotReply?.offset) == [0])
    var bytes = snapshot.bytes
    bytes[20] ^= 1
    snapshot = Snapshot(lastIncludedIndex: 3, lastIncludedTerm: 2, bytes: bytes)
    install(snapshot, at: &bench)
    #expect(bench.takeSent(to: 2).compactMap(\.installSnapshotReply?.offset).last == 0)
    #expect(bench.snapshots.isEmpty)
  }

  @Test func entriesThatTheSnapshotCoversAreConfirmed() throws {
    var bench = try Bench(members: 3, snapshot: Self.contents, term: 2)
    let entries = (1...5).map { Entry(term: $0 < 3 ? 1 : 2, payload: .noop) }
    bench.receive(
      .appendEntries(AppendEntries(term: 2, prevLogIndex: 0, prevLogTerm: 0, entries: entries, leaderCommit: 0)),
      from: 2)
    #expect(bench.takeSent(to: 2).compactMap(\.appendReply?.result) == [.matched(matchIndex: 5)])
    #expect(bench.raft.log.lastIndex == 5)
    #expect(bench.raft.log.base == 3)
  }

  @Test func losingTheSessionsIsTheBug() throws {
    var bench = try Bench(members: 3, bug: .snapshotLosesSessions)
    install(Self.contents.encoded(), at: &bench)
    bench.saved(Self.contents.encoded())
    #expect(bench.raft.machine.count == Self.machine.count)
    #expect(bench.raft.machine.sessions.byClient.isEmpty)
  }

  @Test func compactingBeforeTheSnapshotIsDurableIsTheBug() throws {
    let bench = try leader(4, bug: .compactsBeforeSnapshotDurable)
    #expect(bench.raft.log.base == 3)
    #expect(bench.raft.snapshotIndex == 0)
  }
}
