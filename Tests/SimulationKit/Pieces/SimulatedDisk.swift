/// A batch of a write-ahead log.
public protocol PersistedBatch: ByteCoded {
  /// Ascending from 1 in each life of the node, in the order of writing.
  var sequence: UInt64 { get set }
  /// It says all that is to be known: the log may begin anew with it.
  var isWhole: Bool { get }
}

/// A node's disk: a write-ahead log of which a prefix is safe, and beside it the latest safe snapshot. A crash keeps them
/// and, by chance, some of the batches after the prefix, in order; a snapshot on its way is lost. The log begins anew with
/// each whole batch, as soon as that is safe.
public struct SimulatedDisk<Batch: PersistedBatch, Snapshot: Sendable>: Sendable {
  /// What a restarted node finds, if it crashes now and is lucky.
  public private(set) var batches: [Batch] = []
  /// The latest that is safe; nil before the first.
  public private(set) var snapshot: Snapshot?
  private var safeCount = 0

  /// An empty disk.
  public init() {}

  /// What every crash leaves.
  public var safeBatches: ArraySlice<Batch> { batches[..<safeCount] }

  /// Written up to `sequence`, and not safe.
  public func unsafeBatches(upTo sequence: UInt64) -> [Batch] {
    Array(batches[safeCount...].prefix { $0.sequence <= sequence })
  }

  /// Writes a batch; it is not safe yet.
  public mutating func write(_ batch: Batch) { batches.append(batch) }

  /// A snapshot is safe from now on.
  public mutating func save(_ snapshot: Snapshot) { self.snapshot = snapshot }

  /// Everything up to `sequence` is safe from now on.
  public mutating func sync(upTo sequence: UInt64) {
    while safeCount < batches.count, batches[safeCount].sequence <= sequence {
      if batches[safeCount].isWhole {
        batches.removeFirst(safeCount)
        safeCount = 0
      }
      safeCount += 1
    }
  }

  /// Loses the tail that was not synced, except a prefix of it of random length.
  /// - Returns: how many batches were lost, and those that became safe.
  public mutating func crash(using random: inout SeededGenerator) -> (lost: Int, kept: [Batch]) {
    let lost = Int.random(in: 0...batches.count - safeCount, using: &random)
    batches.removeLast(lost)
    // Sequences of the next life start anew; what survived is renumbered so that they keep ascending.
    for position in batches.indices { batches[position].sequence = 0 }
    let kept = unsafeBatches(upTo: 0)
    sync(upTo: 0)
    return (lost, kept)
  }
}
