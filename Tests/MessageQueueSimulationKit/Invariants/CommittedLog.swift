import MessageQueue
import SimulationKit

/// The committed records of one partition, as the first replica that knew them to be committed had them.
struct CommittedLog {
  private(set) var records: [Record] = []
  /// By value, where it stands: each value is produced once, so it must stand there once.
  private var offsets: [Bytes: Offset] = [:]
  /// Behind the last record that some client was told of.
  var acknowledgedEnd: Offset = 0

  var end: Offset { Offset(records.count) }

  /// A replica says that a record is committed.
  /// - Returns: whether it is the first to say so.
  mutating func committed(_ record: Record, at offset: Offset, in id: PartitionID, by node: NodeID) throws -> Bool {
    if offset < end {
      let known = records[Int(offset)]
      guard known == record else {
        throw Violation(
          "Committed Records Never Change", "\(id) at \(offset): node \(node) has \(record), not \(known)")
      }
      return false
    }
    guard offset == end else { throw Violation("No Gaps", "\(id): node \(node) commits \(offset) after \(end)") }
    records.append(record)
    guard case .value(let value) = record.entry else { return true }
    if let first = offsets.updateValue(offset, forKey: value) {
      throw Violation("Idempotence", "\(id): what stands at \(first) stands again at \(offset)")
    }
    return true
  }

  func holds(_ value: Bytes) -> Bool { offsets[value] != nil }

  /// A client is told that its value stands at an offset.
  mutating func acknowledged(_ value: Bytes, at offset: Offset, in id: PartitionID) throws {
    guard offset < end, case .value(value) = records[Int(offset)].entry else {
      throw Violation("Acknowledged Is Committed", "\(id) at \(offset)")
    }
    acknowledgedEnd = max(acknowledgedEnd, offset + 1)
  }

  /// A client is told that these are the committed records from an offset on.
  func check(_ found: [ConsumedRecord], from: Offset, in id: PartitionID) throws {
    var next = from
    for record in found {
      guard record.offset == next else { throw Violation("Reads Have No Gaps", "\(id): \(record.offset), not \(next)") }
      next += 1
      guard record.offset < end, case .value(record.value) = records[Int(record.offset)].entry else {
        throw Violation("Reads Are Committed", "\(id) at \(record.offset)")
      }
    }
  }
}
