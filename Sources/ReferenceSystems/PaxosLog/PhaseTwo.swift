import ProtocolKit

/// What only a leader has; a fresh one replaces it at each takeover.
struct Leadership: Sendable {
  /// A slot that was proposed in this leadership and is not known to be chosen, together with all before it.
  struct Open: Sendable {
    /// The acceptors that accepted, as bits: an answer may come twice.
    var acceptors: UInt64 = 0
    /// The name of the command; nil for a no-op.
    var command: CommandID?
    /// Bytes of the value.
    var byteCount: Int
  }

  /// Proposed and not chosen, from slot `chosenThrough + 1` on.
  var open = FIFO<Open>()
  /// Bytes of the values in `open`.
  var openBytes = 0
  /// Names of the commands in `open`, which need not be proposed again.
  var commands: Set<CommandID> = []
  /// The slot of the next proposal.
  var nextSlot: Slot = 1
  /// What was proposed by predecessors ends here. Before all of it is chosen, the leader does not know what is.
  var recoveredThrough: Slot = 0
  /// Slots from here on were not sent yet.
  var unsentFrom: Slot = 1
  /// `chosenThrough` as the others were last told.
  var announcedThrough: Slot = 0
  /// The last slot of each batch handed to the disk in this leadership.
  var batchesOnTheirWay = FIFO<(sequence: PersistSequence, lastSlot: Slot)>()
  /// The leader's own acceptor has everything on disk before this slot.
  var ownUndurableFrom: Slot = 1
  var heartbeatDeadline: Nanoseconds = 0
  /// When open slots are sent again to whom they lack.
  var retryDeadline: Nanoseconds = 0
  /// By member: when it last confirmed this leadership.
  var lastContact: [Nanoseconds] = []

  /// The latest round of heartbeats that was begun for reads.
  var round: UInt64 = 0
  /// By member: the latest round that it confirmed.
  var confirmedRound: [UInt64] = []
  /// Read requests that no round covers yet.
  var readRequests = FIFO<(id: UInt64, from: NodeID)>()
  /// Read requests whose round is under way, and what they will be granted.
  var readRounds = FIFO<(round: UInt64, slot: Slot, id: UInt64, from: NodeID)>()

  init() {}

  init(members: Int, firstSlot: Slot, now: Nanoseconds) {
    nextSlot = firstSlot
    unsentFrom = firstSlot
    ownUndurableFrom = firstSlot
    recoveredThrough = firstSlot - 1
    announcedThrough = firstSlot - 1
    retryDeadline = now
    lastContact = Array(repeating: now, count: members)
    confirmedRound = Array(repeating: 0, count: members)
  }
}

/// The distinguished proposer in phase 2 (§2.2, §3): one round trip for a command, however many are under way.
extension MultiPaxos {
  /// Gives a command the next slot, unless it stands in one already. Beyond the limits it is dropped, as if the network had
  /// lost it: whoever asked will ask again.
  mutating func propose(_ command: Command) {
    guard mayPropose, !leading.commands.contains(command.id) else { return }
    leading.commands.insert(command.id)
    propose(.command(command))
  }

  /// Whether the limits allow one more open slot.
  var mayPropose: Bool {
    leading.open.count < configuration.limits.slotsInFlightMax
      && leading.openBytes < configuration.limits.bytesInFlightMax
  }

  /// Puts a value into the next slot. The leader's own acceptor accepts it at once; it counts when it is on disk.
  mutating func propose(_ value: Value) {
    guard let ballot = leaderBallot else { return }
    var open = Leadership.Open(byteCount: value.byteCount)
    if case .command(let command) = value { open.command = command.id }
    store(Vote(slot: leading.nextSlot, proposal: Proposal(ballot: ballot, value: value)))
    leading.open.append(open)
    leading.openBytes += open.byteCount
    leading.nextSlot += 1
  }

  /// Phase 2(a) for what was proposed since the last batch, and news of what is chosen.
  mutating func sendProposals() {
    guard let ballot = leaderBallot else { return }
    if leading.unsentFrom < leading.nextSlot {
      for message in accepts(ballot, from: leading.unsentFrom) { broadcast(message) }
      leading.unsentFrom = leading.nextSlot
    } else if leading.announcedThrough < chosenThrough {
      broadcast(.chosen(Chosen(ballot: ballot, chosenThrough: chosenThrough)))
    }
    leading.announcedThrough = chosenThrough
  }

  /// Everything from a slot on, in as many messages as the limits ask for.
  private func accepts(_ ballot: Ballot, from first: Slot) -> [Message] {
    var messages: [Message] = []
    var slot = first
    while let message = accept(ballot, from: slot) {
      messages.append(.accept(message))
      slot += Slot(message.values.count)
    }
    return messages
  }

  /// One message with values from a slot on; nil when there is none. Only what was proposed in this ballot.
  private func accept(_ ballot: Ballot, from slot: Slot) -> Accept? {
    guard slot < leading.nextSlot else { return nil }
    let run = log.run(from: slot, through: leading.nextSlot - 1, configuration.limits)
    guard !run.isEmpty else { return nil }
    return Accept(ballot: ballot, firstSlot: slot, values: run.map(\.value), chosenThrough: chosenThrough)
  }

  /// An acceptor has the proposals on disk.
  mutating func receive(_ accepted: Accepted, from position: Int) {
    guard role == .leader, accepted.ballot == leaderBallot else { return }
    leading.lastContact[position] = now
    countAcceptance(of: accepted.firstSlot, accepted.count, by: 1 << UInt64(position))
  }

  /// Counts acceptors slot by slot. "A value is chosen when a single proposal with that value has been accepted by a
  /// majority of the acceptors" (§2.2, P2).
  func isChosen(_ open: Leadership.Open) -> Bool {
    open.acceptors.nonzeroBitCount >= configuration.acceptorsToChoose
  }

  /// Slots that are chosen already, or not proposed in this leadership, do not count.
  mutating func countAcceptance(of first: Slot, _ count: UInt64, by acceptor: UInt64) {
    let firstOpen = chosenThrough + 1
    let from = max(first, firstOpen)
    let end = min(first &+ count, leading.nextSlot)
    guard from < end else { return }
    for slot in from..<end { leading.open[Int(slot - firstOpen)].acceptors |= acceptor }
    while let open = leading.open.first, isChosen(open) { closeFirst(open) }
    serveReads()
  }

  /// The first open slot is chosen.
  private mutating func closeFirst(_ open: Leadership.Open) {
    leading.open.popFirst()
    leading.openBytes -= open.byteCount
    if let command = open.command { leading.commands.remove(command) }
    applyNext()
  }

  /// What a leader does as time passes: gives up without a majority, keeps followers quiet, repeats.
  mutating func leaderTick() {
    guard hasMajorityContact(within: configuration.leadershipTimeout, at: now) else {
      becomeFollower()
      return
    }
    if now >= leading.heartbeatDeadline { broadcastHeartbeat() }
    if now >= leading.retryDeadline { retransmit() }
  }

  /// Whether a majority, this node among it, confirmed the leadership within a time.
  func hasMajorityContact(within time: Nanoseconds, at now: Nanoseconds) -> Bool {
    let others = zip(members, leading.lastContact).count { node, contact in
      node != configuration.id && now < contact + time
    }
    return others + 1 >= configuration.majority
  }

  /// To all others at once.
  mutating func broadcastHeartbeat() {
    guard let ballot = leaderBallot else { return }
    leading.heartbeatDeadline = now + configuration.heartbeatInterval
    broadcast(.heartbeat(Heartbeat(ballot: ballot, chosenThrough: chosenThrough, round: leading.round)))
  }

  /// Waits for no disk: it promises only that nothing higher was promised until now.
  mutating func answer(_ heartbeat: Heartbeat, from sender: NodeID) {
    guard mayFollow(heartbeat.ballot, sender) else {
      refuse(heartbeat.ballot, to: sender)
      return
    }
    learn(Chosen(ballot: heartbeat.ballot, chosenThrough: heartbeat.chosenThrough))
    send(.heartbeatReply(HeartbeatReply(ballot: heartbeat.ballot, round: heartbeat.round)), to: sender)
  }

  /// Sends open slots again to whom has not accepted the first of them: one message each, as it may be down for long.
  private mutating func retransmit() {
    leading.retryDeadline = now + configuration.heartbeatInterval
    guard let ballot = leaderBallot else { return }
    for (position, node) in members.enumerated() where node != configuration.id {
      let bit: UInt64 = 1 << UInt64(position)
      guard let missing = leading.open.firstIndex(where: { $0.acceptors & bit == 0 }),
        let message = accept(ballot, from: chosenThrough + 1 + Slot(missing))
      else { continue }
      send(.accept(message), to: node)
    }
  }
}
