import ProtocolKit

/// One node of a cluster that agrees on a sequence of commands: a state machine without clock, socket, disk or global
/// randomness. ``step(_:at:)`` takes an event and returns directives for the shell.
///
/// Names, and the section numbers in the comments (§), are those of Lamport, "Paxos Made Simple", 2001. To read beside the
/// paper: PhaseOne, Acceptor, PhaseTwo (§2.2, §2.4, §3), Learner and CatchingUp (§2.3), Snapshots, Requests, Reads,
/// Durability (§2.5). The state machine is in StateMachine and Sessions.
///
/// What the paper leaves open, and where this deviates from it:
/// - **One phase 1 for all slots** from the first that the candidate does not know to be chosen, as §3 describes it. An
///   acceptor does not promise to a candidate that lacks many chosen values, but sends it to catch up.
/// - **The leader** is whoever completed phase 1 last (§2.4 asks for an election that need not be safe). A node that heard
///   no heartbeat for a random time tries a higher ballot; any higher ballot takes over. Until it hears of one, or has
///   waited very long for answers from a majority, a leader goes on: it can do no harm.
/// - **An acceptor that accepts a proposal also promises its ballot.** The paper does not ask for it; all that it prevents
///   is that votes go back.
/// - **All gaps are filled at takeover** with no-ops (§3), before new commands are proposed.
/// - **The disk is pipelined**: an answer whose truth depends on the disk leaves only after the disk confirmed; accept
///   requests leave in parallel with the leader's own writing, which counts when it is done.
/// - **One learner is distinguished**: the leader (§2.3). It tells how far all is chosen; whoever accepted a proposal of
///   the leader's ballot knows the value by that, others ask any node for it.
/// - **A value learnt is stored as if it had been accepted.** It is chosen, so by P2c no later ballot has another.
/// - **The log is truncated** behind a snapshot of the state machine (not in the paper), once the snapshot is on disk.
/// - **Reads** are not in the log. The node that was asked learns from the leader from which slot on it may answer, and
///   the leader grants that after a round of heartbeats to which a majority said that it promised nothing higher. Through
///   the log would be simpler and need no argument (§3), but each read would wait for a majority of disks.
public struct MultiPaxos: Sendable {
  /// What the node was told at its start; it never changes.
  public let configuration: Configuration
  /// All nodes, ascending. Sets of nodes are bits in this order.
  let members: [NodeID]
  /// This node's bit.
  let ownBit: UInt64

  // The acceptor. Persistent; changes are marked in `durability`.

  /// The highest ballot that this acceptor promised. "It must never accept a proposal numbered less" (§2.2).
  public internal(set) var promised: Ballot
  /// What it accepted. Up to `chosenThrough` it holds the chosen values.
  public internal(set) var log: SlotLog
  /// The number of this life of the node, counted on disk.
  let lives: UInt32

  // The learner.

  /// All slots up to here are chosen, known, and applied.
  public internal(set) var chosenThrough: Slot = 0
  /// The result of slots 1…`chosenThrough`.
  public internal(set) var machine: StateMachine
  /// What this learner lacks, and its requests for it.
  var catchingUp = CatchingUp()
  var snapshots = Snapshots()

  // The proposer.

  /// Changes are announced by ``Directive/roleChanged(_:ballot:)``.
  public internal(set) var role: Role = .follower
  /// The highest ballot that this node heard of. Its own next one is higher.
  var highestSeen: Ballot
  /// The ballot that this node follows, or leads; nil without a leader.
  public internal(set) var leaderBallot: Ballot?
  /// Meaningful to a candidate only.
  var phaseOne = PhaseOne()
  /// Meaningful to a leader only.
  var leading = Leadership()

  // Everything else.

  /// Whether the node stopped for good; see ``Directive/halt(reason:)``.
  public internal(set) var isHalted = false
  /// The latest time that ``step(_:at:)`` was told; it never goes back.
  var now: Nanoseconds
  /// Draws the election time-outs.
  var random: RandomSource
  /// When this node tries to become leader, unless it hears from one before.
  var electionDeadline: Nanoseconds = 0
  /// When the leader that is followed was last heard of.
  var lastLeaderContact: Nanoseconds = 0
  /// What is not yet on disk, and what waits for it.
  var durability = Durability()
  var updates = Updates()
  var reads = Reads()
  /// What the present step wants done so far, in order.
  var directives: [Directive] = []

  /// Starts a node on what its disk holds. The configuration must have no ``Configuration/problems()``.
  /// - Throws: ``RecoveredState/SnapshotMissing`` and ``MalformedBytes`` when the disk lost something: a node that forgot
  ///   what it promised must not take part.
  public init(_ configuration: Configuration, recovered: RecoveredState = RecoveredState(), at now: Nanoseconds) throws
  {
    try recovered.validate()
    self.configuration = configuration
    self.now = now
    members = configuration.members.sorted()
    ownBit = 1 << UInt64(members.firstIndex(of: configuration.id) ?? 0)
    promised = recovered.state.promised
    highestSeen = recovered.state.promised
    log = recovered.log
    lives = recovered.state.lives &+ (configuration.bug == .reusedClientID ? 0 : 1)
    machine = StateMachine(configuration.sessionLimits)
    random = RandomSource(seed: configuration.seed, stream: UInt64(configuration.id))
    durability.stateChanged = true
    if let snapshot = recovered.snapshot { try restore(snapshot) }
    applyRecovered(through: recovered.chosenThrough)
    resetElectionTimer()
    if promised == .zero {
      // There cannot be a leader yet, so there is nobody to wait for: a new cluster finds its first leader sooner.
      electionDeadline = now + (electionDeadline - now) / 4
    }
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
    case .snapshotSaved(let through): snapshotSaved(through: through)
    case .endOfBatch: flush()
    }
    defer { directives = [] }
    return directives
  }

  /// The node that leads, as far as this node knows.
  public var leader: NodeID? { leaderBallot?.node }

  /// Digest of the applied state; equal on nodes with equal `chosenThrough`.
  public var stateHash: UInt64 { machine.stateHash }

  /// Whether this node knows a leader that it heard from within the longest election time-out (or leads with a majority,
  /// and knows all that was chosen before).
  public func isHealthy(at now: Nanoseconds) -> Bool {
    guard !isHalted else { return false }
    let patience = configuration.electionTimeoutMax
    if role == .leader {
      return chosenThrough >= leading.recoveredThrough && hasMajorityContact(within: patience, at: now)
    }
    return leaderBallot != nil && now < lastLeaderContact + patience
  }

  /// Time-outs of the role, then those of the learner and of requests.
  private mutating func tick() {
    if role == .leader { leaderTick() } else { electionTick() }
    catchUpTick()
    requestTick()
  }

  /// One message, by kind. A sender that is no member is ignored: its answer must not count.
  private mutating func receive(_ message: Message, from sender: NodeID) {
    guard let position = members.firstIndex(of: sender), sender != configuration.id else { return }
    let bit: UInt64 = 1 << UInt64(position)
    switch message {
    case .prepare(let prepare): answer(prepare, from: sender)
    case .promise(let promise): receive(promise, from: bit)
    case .behind(let behind): receive(behind, from: sender)
    case .accept(let accept): answer(accept, from: sender)
    case .accepted(let accepted): receive(accepted, from: position)
    case .refused(let refused): receive(refused)
    case .heartbeat(let heartbeat): answer(heartbeat, from: sender)
    case .heartbeatReply(let reply): receive(reply, from: position)
    case .chosen(let chosen): if mayFollow(chosen.ballot, sender) { learn(chosen) }
    case .catchUp(let request): answer(request, from: sender)
    case .values(let values): receive(values, from: sender)
    case .snapshot(let chunk): receive(chunk, from: sender)
    case .forward(let commands): if role == .leader { for command in commands { propose(command) } }
    case .readRequest(let request): answer(request, from: sender)
    case .readGrant(let grant): receive(grant)
    }
  }

  /// Ends a candidacy or a leadership.
  mutating func becomeFollower() {
    guard role != .follower else { return }
    if leaderBallot?.node == configuration.id { leaderBallot = nil }
    role = .follower
    leading = Leadership()
    phaseOne = PhaseOne()
    resetElectionTimer()
    directives.append(.roleChanged(.follower, ballot: promised))
    askAgain()
  }

  /// Takes the sender of a ballot that is not below what was promised for the leader.
  /// - Returns: false when the ballot is refused, or not the sender's.
  mutating func mayFollow(_ ballot: Ballot, _ sender: NodeID) -> Bool {
    guard ballot.node == sender, ballot >= max(promised, leaderBallot ?? .zero) else { return false }
    highestSeen = max(highestSeen, ballot)
    becomeFollower()
    lastLeaderContact = now
    resetElectionTimer()
    if leaderBallot != ballot {
      leaderBallot = ballot
      askAgain()
    }
    return true
  }

  /// Tells a proposer that its ballot is over.
  mutating func refuse(_ ballot: Ballot, to sender: NodeID) {
    let higher = max(promised, leaderBallot ?? .zero)
    if higher > ballot { send(.refused(Refused(ballot: ballot, promised: higher)), to: sender) }
  }

  /// "Inform the proposer, who should then abandon its proposal" (§2.5).
  private mutating func receive(_ refused: Refused) {
    highestSeen = max(highestSeen, refused.promised)
    let ownBallot = role == .leader ? leaderBallot : phaseOne.ballot
    if role != .follower, refused.ballot == ownBallot, refused.promised > refused.ballot { becomeFollower() }
  }

  /// Stops the node for good.
  mutating func halt(_ reason: String) {
    isHalted = true
    directives.append(.halt(reason: reason))
  }

  /// Sends at once: for messages that promise nothing about this node's disk.
  mutating func send(_ message: Message, to node: NodeID) { directives.append(.send(message, to: node)) }

  /// To all others.
  mutating func broadcast(_ message: Message) {
    for node in members where node != configuration.id { send(message, to: node) }
  }
}
