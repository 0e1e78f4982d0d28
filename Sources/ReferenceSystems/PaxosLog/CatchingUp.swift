/// What a learner knows that it lacks.
struct CatchingUp: Sendable {
  /// Everything up to here is chosen, somebody said.
  var knownThrough: Slot = 0
  /// Who said so.
  var source: NodeID?
  /// `chosenThrough` when the wait for the rest began.
  var stuckAt: Slot = 0
  /// When to ask (again) if that does not change.
  var askDeadline: Nanoseconds = 0
  /// Parts of a snapshot that came so far.
  var incoming: SnapshotChunk?

  mutating func heard(of slot: Slot, from node: NodeID) {
    guard slot >= knownThrough else { return }
    knownThrough = slot
    source = node
  }
}

/// "A learner can learn what value has been chosen" from any other that knows (§2.3), when messages were lost.
extension MultiPaxos {
  /// Asks when nothing new was learnt for half a heartbeat interval although there is more; what is lacking is often on
  /// its way. A leader learns by its own proposals.
  mutating func catchUpTick() {
    guard role != .leader, catchingUp.knownThrough > chosenThrough else { return }
    if catchingUp.stuckAt != chosenThrough {
      catchingUp.stuckAt = chosenThrough
      catchingUp.askDeadline = now + configuration.heartbeatInterval / 2
    } else if now >= catchingUp.askDeadline, let source = leader ?? catchingUp.source {
      askForValues(through: catchingUp.knownThrough, source)
    }
  }

  /// Asks `node` for what comes next; the rest is asked for when the answer is there.
  mutating func askForValues(through slot: Slot, _ node: NodeID) {
    catchingUp.heard(of: slot, from: node)
    guard catchingUp.knownThrough > chosenThrough else { return }
    catchingUp.stuckAt = chosenThrough
    catchingUp.askDeadline = now + configuration.heartbeatInterval
    let incoming = catchingUp.incoming
    send(
      .catchUp(
        CatchUp(
          firstSlot: chosenThrough + 1, snapshotThrough: incoming?.through ?? 0,
          snapshotOffset: UInt64(incoming?.bytes.count ?? 0))), to: node)
  }

  /// Values from the log, or the snapshot where the log does not go back so far.
  mutating func answer(_ request: CatchUp, from sender: NodeID) {
    guard request.firstSlot <= chosenThrough else { return }
    let run = log.run(from: request.firstSlot, through: chosenThrough, configuration.limits)
    if !run.isEmpty {
      let values = ChosenValues(firstSlot: request.firstSlot, proposals: run, chosenThrough: chosenThrough)
      send(.values(values), to: sender)
    } else if let snapshot = snapshots.durable, snapshot.through >= request.firstSlot {
      let isSame = snapshot.through == request.snapshotThrough
      send(.snapshot(chunk(of: snapshot, from: isSame ? request.snapshotOffset : 0)), to: sender)
    }
  }

  private func chunk(of snapshot: Snapshot, from offset: UInt64) -> SnapshotChunk {
    let start = min(offset, UInt64(snapshot.bytes.count))
    let part = snapshot.bytes[Int(start)...].prefix(configuration.limits.snapshotChunkBytesMax)
    return SnapshotChunk(
      through: snapshot.through, offset: start, totalBytes: UInt64(snapshot.bytes.count), bytes: Array(part))
  }

  /// Learns chosen values. Each is stored as if it had been accepted, in the ballot in which the sender has it: at least
  /// that in which it was chosen. So a proposal here with a higher ballot must have the same value (P2c).
  mutating func receive(_ values: ChosenValues, from sender: NodeID) {
    guard role != .leader else { return }
    var slot = values.firstSlot
    for proposal in values.proposals {
      if slot == chosenThrough + 1 {
        let known = log[slot]
        if let known, known.ballot >= proposal.ballot, known.value != proposal.value {
          halt("slot \(slot) is chosen with another value than ballot \(known.ballot) proposed")
          return
        }
        if known.map({ $0.ballot < proposal.ballot }) ?? true { store(Vote(slot: slot, proposal: proposal)) }
        applyNext()
      }
      slot += 1
    }
    serveReads()
    askForValues(through: values.chosenThrough, sender)
  }

  /// Gathers a snapshot part by part, and takes its state in the place of this node's own.
  mutating func receive(_ chunk: SnapshotChunk, from sender: NodeID) {
    guard role != .leader, chunk.through > chosenThrough else { return }
    guard chunk.totalBytes <= UInt64(configuration.limits.snapshotBytesMax) else { return }
    if chunk.offset == 0 {
      catchingUp.incoming = chunk
    } else {
      guard chunk.through == catchingUp.incoming?.through,
        chunk.offset == UInt64(catchingUp.incoming?.bytes.count ?? 0)
      else { return }
      catchingUp.incoming?.bytes.append(contentsOf: chunk.bytes)
    }
    if let whole = catchingUp.incoming, UInt64(whole.bytes.count) >= whole.totalBytes {
      catchingUp.incoming = nil
      install(Snapshot(through: whole.through, bytes: whole.bytes))
    }
    askForValues(through: max(chunk.through, catchingUp.knownThrough), sender)
  }
}
