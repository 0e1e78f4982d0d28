import ProtocolKit

/// Snapshots of this server: the one on disk, the one on its way there, and the one that a leader is sending.
struct Snapshots: Sendable {
  /// What the disk has, and followers are served.
  var durable: Snapshot?
  /// Handed to the shell; one at a time.
  var saving: SnapshotContents?
  /// With ``RaftBug/compactsBeforeSnapshotDurable`` only: batches of events until `saving` is handed to the shell.
  var batchesHeld: Int?
  /// Parts of a leader's snapshot that came so far.
  var incoming: IncomingSnapshot?
  /// Size of the entries that were applied since the last snapshot was taken.
  var appliedBytes = 0
  /// The last entry that the latest snapshot covers, on disk or on its way there.
  var lastTakenIndex: LogIndex = 0
}

/// A snapshot that arrives in parts, in order.
struct IncomingSnapshot: Sendable {
  /// The leader's term: another leader begins anew.
  var term: Term
  var lastIncludedIndex: LogIndex
  var bytes: [UInt8] = []
  var isWhole = false
}

/// Log compaction (§7): snapshots of this server's own state, and what becomes of the log.
extension Raft {
  /// "Each server takes snapshots independently, covering just the committed entries in its log" (§7): when the log has
  /// grown enough since the last. It has in bytes when it is also larger than the last snapshot, so that writing those
  /// snapshots costs no more than writing the log (thesis §5.1.2).
  mutating func takeSnapshotIfDue() {
    releaseHeldSnapshot()
    guard snapshots.saving == nil, lastApplied > snapshots.lastTakenIndex, isSnapshotDue,
      let term = log.term(at: lastApplied)
    else { return }
    snapshots.appliedBytes = 0
    let contents = SnapshotContents(
      lastIncludedIndex: lastApplied, lastIncludedTerm: term, membership: memberships.latest(through: lastApplied),
      machine: machine)
    if configuration.bug == .compactsBeforeSnapshotDurable {
      compactLog(behind: lastApplied)
      hold(contents)
    } else {
      save(contents)
    }
  }

  private var isSnapshotDue: Bool {
    lastApplied - snapshots.lastTakenIndex >= configuration.snapshotEntries
      || snapshots.appliedBytes >= max(configuration.snapshotLogBytes, snapshots.durable?.bytes.count ?? 0)
  }

  private mutating func save(_ contents: SnapshotContents) {
    snapshots.saving = contents
    snapshots.lastTakenIndex = contents.lastIncludedIndex
    directives.append(.saveSnapshot(contents))
  }

  /// With ``RaftBug/compactsBeforeSnapshotDurable`` only: the snapshot is written when the server has done other work.
  private mutating func hold(_ contents: SnapshotContents) {
    snapshots.saving = contents
    snapshots.lastTakenIndex = contents.lastIncludedIndex
    snapshots.batchesHeld = RaftBug.batchesBeforeSnapshot
  }

  /// The end of a batch, with ``RaftBug/compactsBeforeSnapshotDurable`` only.
  private mutating func releaseHeldSnapshot() {
    guard let left = snapshots.batchesHeld, let contents = snapshots.saving else { return }
    snapshots.batchesHeld = left > 1 ? left - 1 : nil
    if left <= 1 { directives.append(.saveSnapshot(contents)) }
  }

  /// "Once a server completes writing a snapshot, it may delete all log entries up through the last included index" (§7).
  mutating func snapshotSaved(_ snapshot: Snapshot) {
    guard let contents = snapshots.saving, contents.lastIncludedIndex == snapshot.lastIncludedIndex else { return }
    snapshots.saving = nil
    snapshots.durable = snapshot
    if contents.lastIncludedIndex > lastApplied || isInstalledRegardless(contents) { install(contents) }
    if snapshots.incoming?.lastIncludedIndex == contents.lastIncludedIndex { snapshots.incoming = nil }
    if !isHalted { compactLog(behind: min(contents.lastIncludedIndex, lastApplied)) }
    saveIncomingIfWhole()
  }

  /// Forgets the entries that the snapshot covers, but for a tail that slow followers may still need: to send them
  /// entries costs less than to send them the state.
  private mutating func compactLog(behind index: LogIndex) {
    let base = log.startOfTail(
      before: index, entriesMax: configuration.logTailEntries, bytesMax: configuration.limits.logTailBytesMax)
    guard base > log.base else { return }
    log.compact(through: base)
    memberships.compact(through: base)
    durability.beginsLogAnew = true
  }

  /// Takes a leader's state in the place of this server's own, which lacks some of what it covers. "If instead the
  /// follower receives a snapshot that describes a prefix of its log, then log entries covered by the snapshot are
  /// deleted but entries following the snapshot are still valid and must be retained" (§7).
  private mutating func install(_ contents: SnapshotContents) {
    let index = contents.lastIncludedIndex
    if log.term(at: index) == contents.lastIncludedTerm, !isInstalledRegardless(contents) {
      log.compact(through: index)
      memberships.compact(through: index)
    } else if role == .leader {
      return halt("the log of this leader of term \(currentTerm) lacks entry \(index), which a snapshot covers")
    } else {
      log = Log(base: index, term: contents.lastIncludedTerm)
      memberships = Memberships(contents.membership, at: index)
    }
    membershipChanged()
    machine = restored(contents.machine)
    commitIndex = index
    lastApplied = index
    snapshots.appliedBytes = 0
    durability.beginsLogAnew = true
    if let leader = leaderID, role == .follower { confirm(index, to: leader) }
  }

  /// With ``RaftBug/snapshotInstalledOverNewerLog`` only: whatever the log has already.
  private func isInstalledRegardless(_ contents: SnapshotContents) -> Bool {
    configuration.bug == .snapshotInstalledOverNewerLog
      && snapshots.incoming?.lastIncludedIndex == contents.lastIncludedIndex && snapshots.incoming?.isWhole == true
  }

  /// The state of a snapshot, as this server goes on with it.
  func restored(_ machine: StateMachine) -> StateMachine {
    configuration.bug == .snapshotLosesSessions ? machine.withoutSessions : machine
  }

  private mutating func confirm(_ matchIndex: LogIndex, to leader: NodeID) {
    sendWhenDurable(
      .appendReply(AppendReply(term: currentTerm, result: .matched(matchIndex: matchIndex))), to: leader)
  }
}

/// The follower's side of InstallSnapshot (figure 13).
extension Raft {
  /// Receiver implementation of InstallSnapshot (figure 13). A deviation: the snapshot takes effect when it is on disk.
  /// Until then the log goes on as it was, on disk too, so that no crash finds a log without its beginning.
  mutating func answer(_ install: InstallSnapshot, from sender: NodeID) {
    guard follow(sender, term: install.term) else { return reply(to: install, offset: 0, sender) }
    if install.lastIncludedIndex <= commitIndex, configuration.bug != .snapshotInstalledOverNewerLog {
      return confirm(install.lastIncludedIndex, to: sender)
    }
    if snapshots.incoming?.term != install.term || snapshots.incoming?.lastIncludedIndex != install.lastIncludedIndex {
      snapshots.incoming = IncomingSnapshot(term: install.term, lastIncludedIndex: install.lastIncludedIndex)
    }
    gather(install)
    saveIncomingIfWhole()
    reply(to: install, offset: UInt64(snapshots.incoming?.bytes.count ?? 0), sender)
  }

  /// "Write data into snapshot file at given offset" (figure 13): only in order; the reply says what is wanted next.
  private mutating func gather(_ install: InstallSnapshot) {
    guard let incoming = snapshots.incoming, !incoming.isWhole, install.offset == UInt64(incoming.bytes.count),
      incoming.bytes.count + install.data.count <= configuration.limits.snapshotBytesMax
    else { return }
    snapshots.incoming?.bytes.append(contentsOf: install.data)
    snapshots.incoming?.isWhole = install.done
  }

  /// "Save snapshot file" (figure 13), after that of this server itself if one is on its way. Damaged bytes are asked for
  /// again.
  private mutating func saveIncomingIfWhole() {
    guard snapshots.saving == nil, let incoming = snapshots.incoming, incoming.isWhole else { return }
    guard let contents = try? SnapshotContents(decoding: incoming.bytes, configuration.sessionLimits),
      contents.lastIncludedIndex == incoming.lastIncludedIndex,
      contents.lastIncludedIndex > commitIndex || isInstalledRegardless(contents)
    else {
      snapshots.incoming = nil
      return
    }
    save(contents)
  }

  private mutating func reply(to install: InstallSnapshot, offset: UInt64, _ sender: NodeID) {
    sendWhenDurable(
      .installSnapshotReply(
        InstallSnapshotReply(term: currentTerm, lastIncludedIndex: install.lastIncludedIndex, offset: offset)),
      to: sender)
  }
}

/// The leader's side of InstallSnapshot (figure 13): "when the leader has already discarded the next log entry that it
/// needs to send to a follower" (§7).
extension Raft {
  /// One part at a time, at once or as a question how much has arrived.
  /// - Parameter bytesMax: 0 only asks.
  mutating func sendSnapshot(to peer: Int, bytesMax: Int) {
    guard let snapshot = leading.progress[peer].transfer?.snapshot ?? snapshots.durable else { return }
    let offset = min(leading.progress[peer].transfer?.offset ?? 0, snapshot.bytes.count)
    leading.progress[peer].transfer = SnapshotTransfer(snapshot: snapshot, offset: offset)
    leading.progress[peer].inFlight = 1
    leading.progress[peer].waitingSince = now
    let data = Array(snapshot.bytes[offset...].prefix(bytesMax))
    send(
      .installSnapshot(
        InstallSnapshot(
          term: currentTerm, lastIncludedIndex: snapshot.lastIncludedIndex,
          lastIncludedTerm: snapshot.lastIncludedTerm, offset: UInt64(offset), data: data,
          done: offset + data.count == snapshot.bytes.count)), to: peers[peer])
  }

  /// The follower says what it wants next. When it has everything it saves it, and answers as to AppendEntries.
  mutating func receive(_ reply: InstallSnapshotReply, from peer: Int) {
    guard confirmsLeadership(term: reply.term, from: peer), let transfer = leading.progress[peer].transfer,
      transfer.snapshot.lastIncludedIndex == reply.lastIncludedIndex, reply.offset <= transfer.snapshot.bytes.count
    else { return }
    leading.progress[peer].transfer?.offset = Int(reply.offset)
    leading.progress[peer].waitingSince = now
    if reply.offset < transfer.snapshot.bytes.count {
      sendSnapshot(to: peer, bytesMax: configuration.limits.snapshotChunkBytesMax)
    }
  }
}
