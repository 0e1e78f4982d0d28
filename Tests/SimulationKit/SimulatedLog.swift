/// A record of a write-ahead log, numbered in the order of writing.
public protocol SequencedRecord: Sendable {
  /// Ascending from 1 in each life of the node.
  var sequence: UInt64 { get set }
}

/// A node's disk: a write-ahead log of which a prefix is safe, and beside it the latest safe snapshot. A crash keeps them
/// and, by chance, some of the records after the prefix, in order; a snapshot on its way is lost.
public struct SimulatedLog<Record: SequencedRecord, Snapshot: Sendable>: Sendable {
  /// What a restarted node finds.
  public private(set) var records: [Record] = []
  /// The latest that is safe; nil before the first.
  public private(set) var snapshot: Snapshot?
  private var safeCount = 0

  /// An empty disk.
  public init() {}

  /// Writes a record; it is not safe yet.
  public mutating func write(_ record: Record) { records.append(record) }

  /// A snapshot is safe from now on.
  public mutating func save(_ snapshot: Snapshot) { self.snapshot = snapshot }

  /// Everything up to `sequence` is safe from now on.
  public mutating func sync(upTo sequence: UInt64) {
    while safeCount < records.count, records[safeCount].sequence <= sequence { safeCount += 1 }
  }

  /// Loses the tail that was not synced, except a prefix of it of random length.
  /// - Returns: how many records were lost.
  public mutating func crash(using random: inout SeededGenerator) -> Int {
    let unsafeCount = records.count - safeCount
    let surviving = Int.random(in: 0...unsafeCount, using: &random)
    records.removeLast(unsafeCount - surviving)
    safeCount = records.count
    // Sequences of the next life start anew; what survived is renumbered so that they keep ascending.
    for position in records.indices { records[position].sequence = 0 }
    return unsafeCount - surviving
  }

  /// Puts the result of all records in their place, as a shell does when it starts a new log.
  public mutating func compact(_ all: [Record]) {
    records = all
    safeCount = all.count
  }
}
