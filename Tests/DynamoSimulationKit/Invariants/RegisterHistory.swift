import DynamoRing
import SimulationKit

/// What clients know of a last-writer register: it ends with the greatest timestamp, and never goes back for a session.
struct RegisterHistory {
  private struct Write {
    var value: Bytes
    var fate = Fate.open
    var timestamp: Timestamp?
  }

  private var writes: [Write] = []
  /// By client: the greatest timestamp that it has seen; of those with a sticky coordinator, and of all.
  private var seen: [Int: Timestamp] = [:]

  mutating func began(_ value: Bytes) -> Int {
    writes.append(Write(value: value))
    return writes.count - 1
  }

  mutating func ended(_ began: Observer.Began, _ outcome: Outcome) throws {
    writes[began.index].fate = Fate(outcome)
    guard case .written(let timestamp) = outcome else { return }
    guard !writes.contains(where: { $0.timestamp == timestamp }) else {
      throw Violation("UniqueTimestamps", "two writes have \(timestamp)")
    }
    writes[began.index].timestamp = timestamp
    let before = seen[began.client] ?? .zero
    guard !began.isSticky || timestamp > before else {
      throw Violation("MonotonicWrites", "a write has \(timestamp), but its session has seen \(before)")
    }
    seen[began.client] = max(before, timestamp)
  }

  mutating func read(_ value: Bytes?, _ timestamp: Timestamp, _ began: Observer.Began) throws {
    try checkValue(value, timestamp)
    guard began.isSession else { return }
    let before = seen[began.client] ?? .zero
    guard timestamp >= before else {
      throw Violation("MonotonicReads", "a read shows \(timestamp), but its session has seen \(before)")
    }
    seen[began.client] = timestamp
  }

  private func checkValue(_ value: Bytes?, _ timestamp: Timestamp) throws {
    guard let value else { return }
    guard let write = writes.first(where: { $0.value == value && $0.fate != .refused }) else {
      throw Violation("NoThinAir", "a register shows \(value), which nobody wrote")
    }
    guard (write.timestamp ?? timestamp) == timestamp else {
      throw Violation("NoThinAir", "a register shows \(value) with another timestamp than it got")
    }
  }

  func checkEnd(_ value: Bytes?, _ timestamp: Timestamp, _ key: Key) throws {
    try checkValue(value, timestamp)
    if let later = writes.compactMap(\.timestamp).max(), later > timestamp {
      throw Violation("NoLoss", "\(key) ends with \(timestamp), but \(later) was acknowledged")
    }
  }
}
