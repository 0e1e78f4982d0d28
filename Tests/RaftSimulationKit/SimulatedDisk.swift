import RaftKV
import SimulationKit

/// A server's disk: batches it was told to write, of which a prefix is safe. A crash keeps that prefix and, by chance,
/// some of the batches after it, in order, as a write-ahead log does.
struct SimulatedDisk {
  private var batches: [PersistBatch] = []
  private var safeCount = 0
  /// Terms of the entries that would survive a crash now; position 0 is index 1.
  private(set) var durableTerms: [Term] = []

  mutating func write(_ batch: PersistBatch) { batches.append(batch) }

  /// Everything up to `sequence` is safe from now on.
  mutating func sync(upTo sequence: PersistSequence) {
    while safeCount < batches.count, batches[safeCount].sequence <= sequence {
      if let suffix = batches[safeCount].suffix {
        durableTerms.removeSubrange(Int(suffix.firstIndex - 1)...)
        durableTerms.append(contentsOf: suffix.entries.map(\.term))
      }
      safeCount += 1
    }
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
  func recovered(forgettingTerm: Bool) throws -> RecoveredState {
    var state = RecoveredState()
    for batch in batches { try state.replay(batch) }
    if forgettingTerm {
      let hardState = HardState(lives: state.hardState.lives)
      try state.replay(PersistBatch(sequence: 0, hardState: hardState, suffix: nil))
    }
    return state
  }
}
