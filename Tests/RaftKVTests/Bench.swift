import RaftKV

/// One server on the bench: time, disk and the other servers are in the test's hands.
struct Bench {
  private(set) var raft: Raft
  var now: Nanoseconds = 0
  /// Whether the disk is done as soon as it is asked. If not, ``finishDisk()`` ends the wait.
  var diskIsFast = true
  private(set) var batches: [PersistBatch] = []
  private(set) var answers: [RequestID: Outcome] = [:]
  private(set) var haltReason: String?
  /// Snapshots that it wanted saved; none of them is until the test says so.
  private(set) var snapshots: [SnapshotContents] = []
  private var sent: [(message: Message, to: NodeID)] = []
  private var lastPersisted: PersistSequence = 0

  static let electionTimeoutMax: Nanoseconds = 300_000_000
  static let heartbeatInterval: Nanoseconds = 50_000_000

  /// Server 1 of 1…`members`, started on a disk with a log of entries of the given terms.
  init(
    members: NodeID = 5, servers: NodeID? = nil, snapshot: SnapshotContents? = nil, term: Term = 0,
    votedFor: NodeID? = nil, log terms: [Term] = [], bug: RaftBug? = nil,
    diskIsFast: Bool = true, adjust: (inout Configuration) -> Void = { _ in }
  ) throws {
    var recovered = RecoveredState(snapshot: snapshot)
    let entries = terms.enumerated().map { Entry(term: $1, payload: .command(Self.put("old\($0)", "\($1)"))) }
    try recovered.replay(
      PersistBatch(
        sequence: 1, hardState: HardState(currentTerm: term, votedFor: votedFor, lives: 1),
        suffix: PersistBatch.Suffix(firstIndex: 1, entries: entries)))
    var configuration = Configuration(
      id: 1, members: Array(1...members), servers: servers.map { Array(1...$0) })
    configuration.bug = bug
    adjust(&configuration)
    raft = Raft(configuration, recovered: recovered, at: 0)
    self.diskIsFast = diskIsFast
    handle(.tick)
  }

  static func put(_ key: String, _ value: String) -> Command { .put(key: Bytes(key.utf8), value: Bytes(value.utf8)) }

  /// One event, and the end of its batch.
  mutating func handle(_ event: Event) {
    perform(raft.step(event, at: now))
    perform(raft.step(.endOfBatch, at: now))
  }

  mutating func receive(_ message: Message, from sender: NodeID) { handle(.received(message, from: sender)) }

  private mutating func perform(_ directives: [Directive]) {
    for directive in directives {
      switch directive {
      case .send(let message, let to): sent.append((message, to))
      case .persist(let batch): batches.append(batch)
      case .respond(let id, let outcome): answers[id] = outcome
      case .halt(let reason): haltReason = reason
      case .saveSnapshot(let contents): snapshots.append(contents)
      case .roleChanged: break
      }
    }
    if diskIsFast { finishDisk() }
  }

  /// The disk is done with everything.
  mutating func finishDisk() {
    guard let last = batches.last?.sequence, last > lastPersisted else { return }
    lastPersisted = last
    handle(.persisted(last))
  }

  /// A snapshot is on disk.
  mutating func saved(_ snapshot: Snapshot) { handle(.snapshotSaved(snapshot)) }

  /// Lets time pass in ticks.
  mutating func wait(_ duration: Nanoseconds) {
    let end = now + duration
    while now < end {
      now = min(end, now + 5_000_000)
      handle(.tick)
    }
  }

  /// What was sent since the last call.
  mutating func takeSent() -> [(message: Message, to: NodeID)] {
    defer { sent = [] }
    return sent
  }

  /// The messages sent to one server since the last call; those to others are dropped.
  mutating func takeSent(to node: NodeID) -> [Message] { takeSent().filter { $0.to == node }.map(\.message) }

  /// Lets the server win an election with the votes of a majority.
  mutating func becomeLeader() {
    while raft.role == .follower { wait(5_000_000) }
    let supporters = raft.configuration.members.dropFirst().prefix(raft.configuration.members.count / 2)
    let nextTerm = raft.currentTerm + 1
    for peer in supporters { receive(.preVoteReply(VoteReply(term: nextTerm, granted: true)), from: peer) }
    for peer in supporters { receive(.voteReply(VoteReply(term: nextTerm, granted: true)), from: peer) }
  }

  /// A follower has everything up to `index`.
  mutating func acknowledge(_ index: LogIndex, from peer: NodeID) {
    receive(.appendReply(AppendReply(term: raft.currentTerm, result: .matched(matchIndex: index))), from: peer)
  }

  /// A follower answers a heartbeat.
  mutating func confirm(round: UInt64, from peer: NodeID) {
    receive(.heartbeatReply(HeartbeatReply(term: raft.currentTerm, round: round)), from: peer)
  }

  /// A leader of `term` shows itself.
  mutating func hearFrom(leader: NodeID, term: Term, commit: LogIndex = 0) {
    receive(.heartbeat(Heartbeat(term: term, commit: commit, round: 0)), from: leader)
  }

  var terms: [Term] { (0..<raft.log.lastIndex).compactMap { raft.log.term(at: $0 + 1) } }
}

extension Message {
  var isRequestVote: Bool { if case .requestVote = self { true } else { false } }
  var isPreVote: Bool { if case .preVote = self { true } else { false } }
  var isAppend: Bool { append != nil }
  var append: AppendEntries? { if case .appendEntries(let append) = self { append } else { nil } }
  var appendReply: AppendReply? { if case .appendReply(let reply) = self { reply } else { nil } }
  var heartbeat: Heartbeat? { if case .heartbeat(let heartbeat) = self { heartbeat } else { nil } }
  var voteReply: VoteReply? { if case .voteReply(let reply) = self { reply } else { nil } }
  var preVoteReply: VoteReply? { if case .preVoteReply(let reply) = self { reply } else { nil } }
  var installSnapshot: InstallSnapshot? { if case .installSnapshot(let install) = self { install } else { nil } }
  var installSnapshotReply: InstallSnapshotReply? {
    if case .installSnapshotReply(let reply) = self { reply } else { nil }
  }
  var forward: Forward? { if case .forward(let forward) = self { forward } else { nil } }
  var forwardReply: ForwardReply? { if case .forwardReply(let reply) = self { reply } else { nil } }
}
