import DynamoRing
import SimulationKit

/// What clients know of a register with siblings: its values are exactly those puts that no other has seen.
struct SiblingsHistory {
  private struct Put {
    /// nil for a deletion.
    var value: Bytes?
    /// The values that its client had seen.
    var covers: Set<Bytes>
    var client: Int
    var fate = Fate.open
  }

  private var puts: [Put] = []

  mutating func began(_ value: Bytes?, _ covers: Set<Bytes>, _ client: Int) -> Int {
    puts.append(Put(value: value, covers: covers, client: client))
    return puts.count - 1
  }

  mutating func ended(_ index: Int, _ outcome: Outcome) { puts[index].fate = Fate(outcome) }

  /// A read shows what its own session put, unless something has overwritten it.
  func read(_ values: [Bytes], _ began: Observer.Began) throws {
    try checkValues(values, "a read")
    guard began.isSticky else { return }
    for put in puts where put.fate == .done && put.client == began.client {
      guard let value = put.value, !values.contains(value), !mayBeCovered(value) else { continue }
      throw Violation("ReadYourWrites", "a read does not show \(value), which its session put before")
    }
  }

  private func mayBeCovered(_ value: Bytes) -> Bool {
    puts.contains { $0.fate != .refused && $0.covers.contains(value) }
  }

  private func checkValues(_ values: [Bytes], _ what: String) throws {
    guard Set(values).count == values.count else {
      throw Violation("Once", "\(what) shows a value twice that was put once: \(values)")
    }
    for value in values {
      guard puts.contains(where: { $0.value == value && $0.fate != .refused }) else {
        throw Violation("NoThinAir", "\(what) shows \(value), which nobody put")
      }
    }
  }

  func checkEnd(_ values: [Bytes], _ key: Key) throws {
    try checkValues(values, "the end of \(key)")
    for put in puts where put.fate == .done {
      if let value = put.value, !values.contains(value), !mayBeCovered(value) {
        throw Violation(
          "NoLoss", "\(value) of \(key) was acknowledged, and overwritten by nobody who had seen it")
      }
      if let back = values.first(where: put.covers.contains) {
        throw Violation("NoResurrection", "\(back) of \(key) is there, although an acknowledged put had seen it")
      }
    }
  }
}
