import MessageQueue
import SimulationKit

/// A node's disk: a write-ahead log of batches of which a prefix is safe, and beside it the latest safe snapshot. A crash
/// keeps them and, by chance, some of the batches after the prefix, in order; a snapshot on its way is lost.
struct SimulatedDisk {
  private var batches: [PersistBatch] = []
  private var safeCount = 0
  private var snapshot: Snapshot?

  mutating func write(_ batch: PersistBatch) { batches.append(batch) }

  mutating func save(_ snapshot: Snapshot) { self.snapshot = snapshot }

  /// Everything up to `sequence` is safe from now on. A whole batch takes the place of the log before it.
  mutating func sync(upTo sequence: PersistSequence) {
    while safeCount < batches.count, batches[safeCount].sequence <= sequence {
      safeCount += 1
      if batches[safeCount - 1].isWhole {
        batches.removeFirst(safeCount - 1)
        safeCount = 1
      }
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

  /// What a restarted node finds.
  func recovered(_ canary: Canary?) -> RecoveredState {
    var recovered = RecoveredState(snapshot: snapshot)
    for var batch in batches {
      if canary == .forgottenRegister {
        for position in batch.changes.indices { batch.changes[position].state = PersistentState() }
      }
      recovered.replay(batch)
    }
    return recovered
  }
}
