import PaxosLog
import SimulationKit

/// What clients see is linearizable: every operation takes effect at one slot between its invocation and its answer.
///
/// The reference says in which slot each value came into being, as all values are different. The *floor* is the highest
/// slot that any completed operation has shown to be in effect; an operation that begins later must reflect it.
struct ClientHistory {
  private(set) var floor: Slot = 0

  /// An answer came. `floorAtStart` is ``floor`` when the operation was first asked for.
  mutating func completed(
    _ operation: Operation, _ outcome: Outcome, floorAtStart: Slot, _ reference: Reference
  ) throws {
    switch (operation, outcome) {
    case (.update(.append(let log, let value), _), .appended(let index)):
      let entries = reference.logs[log] ?? []
      guard index >= 1, index <= entries.count, entries[Int(index) - 1].value == value else {
        throw broken("an append was acknowledged at index \(index), where the log has something else")
      }
      try tookEffect(in: entries[Int(index) - 1].slot, floorAtStart, "an append")
    case (.update(.write(let key, let value), _), .written), (.update(.cas(let key, _, let value), _), .written):
      guard let version = reference.registers[key]?.first(where: { $0.value == value }) else {
        throw broken("a write was acknowledged that had no effect")
      }
      try tookEffect(in: version.slot, floorAtStart, "a write")
    case (.update(.cas(let key, let from, _), _), .compareFailed), (.update(.cas(let key, let from, _), _), .notFound):
      try failed(key, from, isAbsent: outcome == .notFound, floorAtStart, reference)
    case (.read(.entries(let log, let from, let through)), .entries(let first, let values)):
      let entries = try shown(log, first, values, reference)
      let isWhole = UInt64(values.count) < through &- max(1, from) &+ 1
      if isWhole, entries.count > Int(first) - 1 + values.count,
        entries[Int(first) - 1 + values.count].slot <= floorAtStart
      {
        throw broken("a read shows \(Int(first) - 1 + values.count) entries, but the next was there when it began")
      }
      if !values.isEmpty { floor = max(floor, entries[Int(first) - 2 + values.count].slot) }
    case (.readLocal(.entries(let log, _, _)), .entries(let first, let values)):
      _ = try shown(log, first, values, reference)
    case (.read(.register(let key)), .value(let value)): try read(key, value, floorAtStart, reference)
    default: break
    }
  }

  private func broken(_ detail: String) -> Violation { Violation("Linearizability", detail) }

  private mutating func tookEffect(in slot: Slot, _ floorAtStart: Slot, _ what: String) throws {
    guard slot > floorAtStart else {
      throw broken("\(what) took effect in slot \(slot), but slot \(floorAtStart) was in effect when it began")
    }
    floor = max(floor, slot)
  }

  /// Some state since the beginning must have differed from what was compared with.
  private func failed(
    _ key: Bytes, _ from: Bytes?, isAbsent: Bool, _ floorAtStart: Slot, _ reference: Reference
  ) throws {
    let versions = reference.registers[key] ?? []
    let current = versions.last { $0.slot <= floorAtStart }
    if isAbsent {
      guard current == nil else { throw broken("a compare-and-set found nothing where a value had been written") }
    } else if current?.value == from, !versions.contains(where: { $0.slot > floorAtStart }) {
      throw broken("a compare-and-set found another value, but there was none")
    }
  }

  /// Entries that a read shows must be those of the log.
  private func shown(
    _ log: Bytes, _ first: UInt64, _ values: [Bytes], _ reference: Reference
  ) throws -> [Reference.Version] {
    let entries = reference.logs[log] ?? []
    let start = Int(first) - 1
    guard start + values.count <= entries.count || values.isEmpty else {
      throw broken("a read shows \(values.count) entries from index \(first), more than the log has")
    }
    for (position, value) in values.enumerated() where entries[start + position].value != value {
      throw broken("a read shows another entry at index \(start + position + 1) than the log has")
    }
    return entries
  }

  /// The value must have been the register's at some moment since the beginning.
  private mutating func read(
    _ key: Bytes, _ value: Bytes?, _ floorAtStart: Slot, _ reference: Reference
  ) throws {
    let versions = reference.registers[key] ?? []
    guard let value else {
      guard versions.first.map({ $0.slot > floorAtStart }) ?? true else {
        throw broken("a read found nothing where a value had been written")
      }
      return
    }
    guard let position = versions.firstIndex(where: { $0.value == value }) else {
      throw broken("a read found a value that was never written")
    }
    if position + 1 < versions.count, versions[position + 1].slot <= floorAtStart {
      throw broken("a read found a value that was overwritten before it began")
    }
    floor = max(floor, versions[position].slot)
  }
}
