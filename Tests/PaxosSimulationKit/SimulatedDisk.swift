import SimulationKit
import PaxosLog

/// A node's disk: a write-ahead log of batches of which a prefix is safe, and beside it the latest safe snapshot. A crash
/// keeps them and, by chance, some of the batches after the prefix, in order; a snapshot on its way is lost.
struct SimulatedDisk {
  private var batches: [PersistBatch] = []
  private var safeCount = 0
  private(set) var snapshot: Snapshot?

  mutating func write(_ batch: PersistBatch) { batches.append(batch) }

  mutating func save(_ snapshot: Snapshot) { self.snapshot = snapshot }

  /// Everything up to `sequence` is safe from now on.
  /// - Returns: the votes that became safe.
  mutating func sync(upTo sequence: PersistSequence) -> [Vote] {
    var votes: [Vote] = []
    while safeCount < batches.count, batches[safeCount].sequence <= sequence {
      votes += batches[safeCount].votes
      safeCount += 1
    }
    return votes
  }

  /// The votes that are not safe yet, up to `sequence`.
  func unsafeVotes(upTo sequence: PersistSequence) -> [Vote] {
    batches[safeCount...].prefix { $0.sequence <= sequence }.flatMap(\.votes)
  }

  /// Loses the tail that was not synced, except a prefix of it of random length.
  /// - Returns: how many batches were lost, and the votes of those that were not.
  mutating func crash(using random: inout SeededGenerator) -> (lost: Int, votes: [Vote]) {
    let unsafeCount = batches.count - safeCount
    let surviving = Int.random(in: 0...unsafeCount, using: &random)
    batches.removeLast(unsafeCount - surviving)
    // Sequences of the next life start anew; what survived is renumbered so that they keep ascending.
    for position in batches.indices { batches[position].sequence = 0 }
    return (unsafeCount - surviving, sync(upTo: 0))
  }

  /// What a restarted node finds. The log is compacted on the way, as a shell would do.
  mutating func recovered(_ canary: Canary?) -> RecoveredState {
    var recovered = RecoveredState(snapshot: snapshot)
    for batch in batches { recovered.replay(batch) }
    if canary == .forgottenPromise {
      let state = AcceptorState(lives: recovered.state.lives)
      recovered.replay(PersistBatch(sequence: 0, state: state, votes: [], chosenThrough: 0))
    }
    var compacted = recovered.compacted
    compacted.sequence = 0
    batches = [compacted]
    safeCount = 1
    return recovered
  }
}
