import MessageQueue
import SimulationKit

/// What members of the group were given.
struct GroupModel {
  /// By partition: everything before this was given to some member that knows it.
  private var end: [UInt32: Offset] = [:]
  /// Who got something of a partition in a generation.
  private var owners: [Ownership: Bytes] = [:]
  private(set) var generation: UInt64 = 0
  private(set) var consumed = 0

  private struct Ownership: Hashable {
    var generation: UInt64
    var partition: UInt32
  }

  /// A member got records. It only polls again under its name when it got the answer before, so whatever is skipped is lost.
  mutating func polled(_ records: [ConsumedRecord], generation: UInt64, by member: Bytes) throws {
    self.generation = max(self.generation, generation)
    for record in records {
      let owner = owners[Ownership(generation: generation, partition: record.partition)] ?? member
      guard owner == member else {
        throw Violation("One Owner A Partition", "partition \(record.partition) in generation \(generation)")
      }
      owners[Ownership(generation: generation, partition: record.partition)] = member
    }
    try consume(records)
  }

  mutating func consume(_ records: [ConsumedRecord]) throws {
    for record in records {
      let known = end[record.partition] ?? 0
      guard record.offset <= known else {
        throw Violation(
          "At Least Once", "partition \(record.partition): \(known) was skipped, next is \(record.offset)")
      }
      end[record.partition] = max(known, record.offset + 1)
      consumed += 1
    }
  }

  /// After a drain everything was given to somebody.
  func checkDrained(_ partition: UInt32, through last: Offset) throws {
    guard end[partition] ?? 0 >= last else {
      throw Violation("At Least Once", "partition \(partition): drained up to \(end[partition] ?? 0) of \(last)")
    }
  }
}
