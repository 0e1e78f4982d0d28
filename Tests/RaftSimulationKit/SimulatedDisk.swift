import RaftKV
import SimulationKit

/// A server's disk: a write-ahead log of batches, of which a prefix is safe, and beside it the latest safe snapshot. A crash
/// keeps that prefix and, by chance, some of the batches after it, in order; a snapshot on its way is lost. The log's file
/// begins anew with each batch that says everything, as soon as that is safe.
struct SimulatedDisk {
  private var batches: [PersistBatch] = []
  private var safeCount = 0
  private(set) var snapshot: Snapshot?
  private var durableBase: LogIndex = 0
  /// Terms of the entries that would survive a crash now, from behind `durableBase` on.
  private var durableTerms: [Term] = []

  mutating func write(_ batch: PersistBatch) { batches.append(batch) }

  mutating func save(_ snapshot: Snapshot) { self.snapshot = snapshot }

  /// Everything up to `sequence` is safe from now on.
  mutating func sync(upTo sequence: PersistSequence) {
    while safeCount < batches.count, batches[safeCount].sequence <= sequence {
      if let base = batches[safeCount].base {
        durableBase = base.index
        durableTerms = []
        batches.removeFirst(safeCount)
        safeCount = 0
      }
      if let suffix = batches[safeCount].suffix {
        durableTerms.removeSubrange(Int(suffix.firstIndex - durableBase - 1)...)
        durableTerms.append(contentsOf: suffix.entries.map(\.term))
      }
      safeCount += 1
    }
  }

  /// Whether a crash would leave an entry, or a snapshot in its place.
  func holds(_ index: LogIndex, term: Term) -> Bool {
    if index <= snapshot?.lastIncludedIndex ?? 0 { return true }
    guard index > durableBase, index - durableBase <= durableTerms.count else { return false }
    return durableTerms[Int(index - durableBase - 1)] == term
  }

  /// Loses the tail that was not synced, except a prefix of it of random length.
  /// - Returns: how many batches were lost.
  mutating func crash(using random: inout SeededGenerator) -> Int {
    let unsafeCount = batches.count - safeCount
    let surviving = Int.random(in: 0...unsafeCount, using: &random)
    batches.removeLast(unsafeCount - surviving)
    // Sequences of the next life start anew; what survived is renumbered so that they keep ascending.
    for position in batches.indices { batches[position].sequence = 0 }
    sync(upTo: 0)
    return unsafeCount - surviving
  }

  /// What a restarted server finds.
  func recovered(forgettingTerm: Bool = false) throws -> RecoveredState {
    var state = RecoveredState(snapshot: try snapshot.map { try SnapshotContents(decoding: $0.bytes) })
    for batch in batches { try state.replay(batch) }
    if forgettingTerm {
      let hardState = HardState(lives: state.hardState.lives)
      try state.replay(PersistBatch(sequence: 0, hardState: hardState, suffix: nil))
    }
    try state.validate()
    return state
  }
}
