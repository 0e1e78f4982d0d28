import ProtocolKit

/// One server of a Raft cluster that replicates a key-value map: a state machine without clock, socket, disk or global
/// randomness. ``step(_:at:)`` takes an event and returns directives for the shell.
///
/// Names, and the section numbers in the comments (§), are those of Ongaro and Ousterhout, "In Search of an
/// Understandable Consensus Algorithm (Extended Version)", 2014; "thesis" is Ongaro's "Consensus: Bridging Theory and
/// Practice", 2014. To read beside the paper: Election, Replication, Following, Commitment, Snapshotting, Sessions,
/// Reconfiguration, Reads, Requests, Forwarding, Durability. The key-value store is in StateMachine and Transaction; PlantedTransactions serves named bugs only.
///
/// Deviations from figure 2, and why:
/// - **Heartbeats are messages of their own**, not empty AppendEntries. They carry no log position, so a follower can
///   answer while its disk is busy, and a ReadIndex round costs nothing on the log's path.
/// - **PreVote and CheckQuorum** (thesis §9.6, §6.2) are always on: a server that was cut off does not disturb the
///   others when it returns, and a leader that was cut off stops being one.
/// - **Servers with a live leader ignore vote requests** (§6, last paragraph; thesis §4.2.3).
/// - **The disk is pipelined**: a message whose truth depends on the disk leaves only after the disk confirmed, and the
///   leader writes its own log in parallel with its followers (thesis §10.2.1), counting itself when that is done.
/// - **AppendEntries are pipelined** (thesis §10.2.1): `nextIndex` moves on when a message is sent, and falls back to
///   `matchIndex + 1` when its answer does not come.
/// - **Any server takes requests** and passes them to the leader once. A request is never proposed a second time: when
///   its fate is not known, the answer says so.
/// - **Membership changes by one server** (thesis §4.1) in the place of joint consensus (§6).
/// - **A snapshot is installed when it is on disk**, and clients name themselves; see Snapshotting and ``CommandID``.
public struct Raft: Sendable {
  /// What the server was told at its start; it never changes.
  public let configuration: Configuration
  /// All servers but this one, ascending, members or not. Arrays "by peer" run parallel to it.
  let peers: [NodeID]

  // Persistent state on all servers (figure 2). Changes are marked in `durability`.

  /// "Latest term server has seen"; it never decreases.
  public internal(set) var currentTerm: Term
  /// "CandidateId that received vote in current term (or null if none)".
  public internal(set) var votedFor: NodeID?
  /// The entries. Positions above `commitIndex` may still be replaced by another leader's.
  public internal(set) var log: Log
  /// The number of this life of the server, counted on disk.
  let lives: UInt32
  /// The term in which this life began; what happened in it before is forgotten.
  let bootTerm: Term

  // Volatile state on all servers (figure 2).

  /// "Index of highest log entry known to be committed"; after a restart that of the snapshot, until a leader tells.
  public internal(set) var commitIndex: LogIndex = 0
  /// "Index of highest log entry applied to state machine". Equal to `commitIndex` after every step.
  public internal(set) var lastApplied: LogIndex = 0
  /// Changes are announced by ``Directive/roleChanged(_:term:)``.
  public internal(set) var role: Role = .follower
  /// The leader of `currentTerm`, as far as this server knows.
  public internal(set) var leaderID: NodeID?
  /// Whether the server stopped for good; see ``Directive/halt(reason:)``.
  public internal(set) var isHalted = false
  /// The result of entries 1…`lastApplied`. It is rebuilt from snapshot and log after a restart.
  public internal(set) var machine: StateMachine

  /// The configurations in the log, and what follows from the latest: see ``membershipChanged()``.
  var memberships: Memberships
  /// Whether this server is a member.
  var isVoter = false
  /// The peers that are members.
  var votingPeers: [Int] = []
  /// How many members make a quorum.
  var quorum = 1
  /// What takes the place of the log's beginning.
  var snapshots = Snapshots()

  /// The latest time that ``step(_:at:)`` was told; it never goes back.
  var now: Nanoseconds
  /// Draws the election time-outs.
  var random: RandomSource
  /// When this server asks for votes unless it hears from a leader or grants a vote before (§5.2).
  var electionDeadline: Nanoseconds = 0
  /// When unanswered vote requests are sent again.
  var canvassDeadline: Nanoseconds = 0
  /// When a leader of the current term was last heard of; says whether vote requests are ignored (§6).
  var lastLeaderContact: Nanoseconds = 0
  /// Meaningful to a candidate and a pre-candidate only.
  var ballot = Ballot()
  /// What only a leader has; a fresh one replaces it at each election won.
  var leading: Leadership
  /// What is not yet on disk, and what waits for it.
  var durability = Durability()
  /// Requests that this server passed on, or took from others.
  var forwarding = Forwarding()
  /// What the present step wants done so far, in order.
  var directives: [Directive] = []

  /// Starts a server on what its disk holds. The configuration must have no ``Configuration/problems()``, and the disk must
  /// have passed ``RecoveredState/validate()``.
  public init(_ configuration: Configuration, recovered: RecoveredState = RecoveredState(), at now: Nanoseconds) {
    self.configuration = configuration
    self.now = now
    peers = configuration.servers.filter { $0 != configuration.id }.sorted()
    currentTerm = recovered.hardState.currentTerm
    bootTerm = recovered.hardState.currentTerm
    votedFor = recovered.hardState.votedFor
    lives = recovered.hardState.lives &+ 1
    log = recovered.log
    machine = StateMachine(configuration.sessionLimits)
    memberships = Memberships(Membership(configuration.members), at: 0)
    random = RandomSource(seed: configuration.seed, stream: UInt64(configuration.id))
    leading = Leadership(peers: 0, lastIndex: 0, now: now)
    durability.hardStateChanged = true
    if let snapshot = recovered.snapshot { restore(snapshot) }
    for index in log.base..<log.lastIndex where index + 1 > memberships.latestIndex {
      if case .configuration(let membership)? = log[index + 1]?.payload {
        memberships.append(membership, at: index + 1)
      }
    }
    membershipChanged()
    resetElectionTimer()
    if currentTerm == 0 {
      // There cannot be a leader yet, so there is nobody to wait for: a new cluster elects its first leader sooner.
      electionDeadline = now + (electionDeadline - now) / 4
    }
  }

  /// Begins with the state of the snapshot. A log that does not go on from there was left behind by a leader's snapshot.
  private mutating func restore(_ snapshot: SnapshotContents) {
    machine = restored(snapshot.machine)
    memberships = Memberships(snapshot.membership, at: snapshot.lastIncludedIndex)
    commitIndex = snapshot.lastIncludedIndex
    lastApplied = snapshot.lastIncludedIndex
    snapshots.durable = snapshot.encoded()
    snapshots.lastTakenIndex = snapshot.lastIncludedIndex
    guard log.term(at: snapshot.lastIncludedIndex) != snapshot.lastIncludedTerm else { return }
    log = Log(base: snapshot.lastIncludedIndex, term: snapshot.lastIncludedTerm)
    durability.beginsLogAnew = true
  }

  /// Handles one event at time `now` of the shell's monotonic clock and returns what is to be done about it, in order.
  public mutating func step(_ event: Event, at now: Nanoseconds) -> [Directive] {
    guard !isHalted else { return [] }
    self.now = max(self.now, now)
    switch event {
    case .tick: tick()
    case .received(let message, let sender): receive(message, from: sender)
    case .request(let operation, let id): request(operation, id: id)
    case .persisted(let sequence): persisted(sequence)
    case .snapshotSaved(let snapshot): snapshotSaved(snapshot)
    case .endOfBatch: flush()
    }
    defer { directives = [] }
    return directives
  }

  /// Digest of the applied state; equal on servers with equal `lastApplied`.
  public var stateHash: UInt64 { machine.stateHash }

  /// The servers whose votes and logs count, ascending: the latest configuration in this server's log.
  public var members: [NodeID] { memberships.latest.voters }

  /// The members as of the last entry that this server knows to be committed.
  public var committedMembers: [NodeID] { memberships.latest(through: commitIndex).voters }

  /// The last entry that the snapshot on disk covers; 0 without one.
  public var snapshotIndex: LogIndex { snapshots.durable?.lastIncludedIndex ?? 0 }

  /// Whether this server knows a leader that it heard from within the longest election time-out (or leads with a
  /// quorum), and has applied all that it knows to be committed.
  public func isHealthy(at now: Nanoseconds) -> Bool {
    guard !isHalted, lastApplied == commitIndex else { return false }
    if role == .leader { return commitsOwnTerm && hasQuorumContact(at: now) }
    return leaderID != nil && now < lastLeaderContact + configuration.electionTimeoutMax
  }

  /// Time-outs of the role, then those of requests passed on.
  private mutating func tick() {
    if role == .leader { leaderTick() } else { electionTick() }
    expireForwards()
  }

  /// One message, by kind. Unknown senders are ignored; servers that are no members are heard, as they may be members in a
  /// configuration that this server does not know yet (thesis §4.1), but their votes and answers do not count.
  private mutating func receive(_ message: Message, from sender: NodeID) {
    guard let peer = peers.firstIndex(of: sender) else { return }
    switch message {
    case .preVote(let request): answer(preVote: request, from: sender)
    case .preVoteReply(let reply): receive(preVoteReply: reply, from: peer)
    case .requestVote(let request): answer(requestVote: request, from: sender)
    case .voteReply(let reply): receive(voteReply: reply, from: peer)
    case .appendEntries(let append): answer(append, from: sender)
    case .appendReply(let reply): receive(reply, from: peer)
    case .heartbeat(let heartbeat): answer(heartbeat, from: sender)
    case .heartbeatReply(let reply): receive(reply, from: peer)
    case .forward(let forward): answer(forward, from: sender)
    case .forwardReply(let reply): receive(reply)
    case .installSnapshot(let install): answer(install, from: sender)
    case .installSnapshotReply(let reply): receive(reply, from: peer)
    }
  }

  /// "If RPC request or response contains term T > currentTerm: set currentTerm = T, convert to follower" (figure 2).
  /// Also steps back from a candidacy when `leader` is known to have won the current term.
  mutating func becomeFollower(term: Term, leader: NodeID?) {
    let wasLeader = role == .leader
    if term > currentTerm {
      currentTerm = term
      votedFor = nil
      durability.hardStateChanged = true
    }
    if role != .follower {
      role = .follower
      resetElectionTimer()
      directives.append(.roleChanged(.follower, term: currentTerm))
    }
    if wasLeader { abandonRequests() }
    if leaderID != leader {
      leaderID = leader
      abandonForwards()
    }
  }

  /// Stops the server for good.
  mutating func halt(_ reason: String) {
    isHalted = true
    directives.append(.halt(reason: reason))
  }

  /// Sends at once: for messages that promise nothing about this server's disk.
  mutating func send(_ message: Message, to node: NodeID) { directives.append(.send(message, to: node)) }
}
