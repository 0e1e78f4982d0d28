import RaftKV
import SimulationKit

/// A server's disk.
typealias RaftDisk = SimulatedDisk<PersistBatch, Snapshot>

extension RaftDisk {
  /// Whether every crash would leave an entry, or a snapshot in its place.
  func holds(_ index: LogIndex, term: Term) -> Bool {
    if index <= snapshot?.lastIncludedIndex ?? 0 { return true }
    for batch in safeBatches.reversed() {
      if let suffix = batch.suffix, suffix.firstIndex <= index {
        let position = Int(index - suffix.firstIndex)
        return position < suffix.entries.count && suffix.entries[position].term == term
      }
      if batch.isWhole { return false }
    }
    return false
  }

  /// What a restarted server finds.
  func recovered(_ canary: RaftOptions.Canary? = nil) throws -> RecoveredState {
    var state = RecoveredState(snapshot: try snapshot.map { try SnapshotContents(decoding: $0.bytes) })
    for batch in batches { try state.replay(batch) }
    if canary == .forgottenTerm {
      let hardState = HardState(lives: state.hardState.lives)
      try state.replay(PersistBatch(sequence: 0, hardState: hardState, suffix: nil))
    }
    try state.validate()
    return state
  }
}

extension PersistBatch: PersistedBatch {
  /// A batch with a base says everything.
  public var isWhole: Bool { base != nil }
}
