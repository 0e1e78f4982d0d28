/// The state machine after a slot, as bytes with a checksum.
public struct Snapshot: Hashable, Sendable {
  /// The last slot that it covers.
  public var through: Slot
  /// Decoded by ``contents()``.
  public var bytes: [UInt8]

  /// Takes the bytes as they are; ``contents()`` finds out what they are worth.
  public init(through: Slot, bytes: [UInt8]) {
    self.through = through
    self.bytes = bytes
  }
}

/// Snapshots of this node: the one on disk, and those on their way there.
struct Snapshots: Sendable {
  /// What other nodes are served; the log may be truncated up to its end.
  var durable: Snapshot?
  /// Handed to the shell, oldest first; two at most.
  var saving: [Snapshot] = []
  /// While a snapshot of another node is on its way to the disk, the log there goes on only from here, with proposals that
  /// may have lost: the disk must not take them for chosen.
  var frozenChosenThrough: Slot?
  /// With ``PaxosBug/truncatesBeforeSnapshotDurable`` only: a snapshot that is in memory alone, and batches of events until
  /// it is handed to the shell.
  var held: (snapshot: Snapshot, batches: Int)?

  var durableThrough: Slot { durable?.through ?? 0 }
}

/// Truncation of the log, which the paper leaves out.
extension MultiPaxos {
  /// Takes a snapshot when enough was applied since the last. One at a time.
  mutating func takeSnapshotIfDue() {
    releaseHeldSnapshot()
    guard chosenThrough >= snapshots.durableThrough + configuration.snapshotInterval, snapshots.saving.isEmpty,
      snapshots.held == nil
    else { return }
    let snapshot = Snapshot(of: machine, through: chosenThrough)
    if configuration.bug == .truncatesBeforeSnapshotDurable {
      truncateLog(behind: chosenThrough)
      snapshots.held = (snapshot, PaxosBug.batchesBeforeSnapshot)
    } else {
      save(snapshot)
    }
  }

  /// The end of a batch, with ``PaxosBug/truncatesBeforeSnapshotDurable`` only.
  private mutating func releaseHeldSnapshot() {
    guard let (snapshot, batches) = snapshots.held else { return }
    snapshots.held = batches > 1 ? (snapshot, batches - 1) : nil
    if batches <= 1 { save(snapshot) }
  }

  private mutating func save(_ snapshot: Snapshot) {
    snapshots.saving.append(snapshot)
    directives.append(.saveSnapshot(snapshot))
  }

  /// Only now may the log forget what the snapshot covers.
  mutating func snapshotSaved(through slot: Slot) {
    guard let position = snapshots.saving.firstIndex(where: { $0.through == slot }) else { return }
    snapshots.durable = snapshots.saving[position]
    snapshots.saving.removeFirst(position + 1)
    if slot >= log.base { snapshots.frozenChosenThrough = nil }
    truncateLog(behind: slot)
  }

  /// Forgets the slots up to a snapshot's last, but for a tail that learners may ask for.
  private mutating func truncateLog(behind slot: Slot) {
    let end = slot > configuration.logTailSlots ? slot - configuration.logTailSlots : 0
    log.truncate(through: end)
    // The log may have been cut further for a newer snapshot that the disk does not have yet.
    durability.truncatedThrough = min(log.base, slot)
  }

  /// Takes the state of another node for this node's own, which lacked what it covers. The log in memory ends with it, as
  /// it may hold proposals that lost; the log on disk when the snapshot is there too.
  mutating func install(_ snapshot: Snapshot) {
    guard snapshot.through > chosenThrough, snapshots.saving.count < 2, let contents = try? snapshot.contents() else {
      return
    }
    if snapshots.frozenChosenThrough == nil { snapshots.frozenChosenThrough = chosenThrough }
    adopt(contents)
    log.truncate(through: snapshot.through)
    chosenThrough = snapshot.through
    save(snapshot)
    finishUpdatesFoundInSessions()
    serveReads()
  }

  /// At the start: the snapshot on disk. What the log has below it goes too: the disk may have lost a newer record of a
  /// slot that the snapshot covers already.
  mutating func restore(_ snapshot: Snapshot) throws {
    adopt(try snapshot.contents())
    snapshots.durable = snapshot
    chosenThrough = snapshot.through
    log.truncate(through: snapshot.through)
    durability.truncatedThrough = log.base
  }

  private mutating func adopt(_ contents: StateMachine) {
    machine = contents
    if configuration.bug == .sessionLostInSnapshot { machine.forgetSessions() }
  }
}
