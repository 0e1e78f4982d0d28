import DynamoRing
import SimulationKit

/// What clients know of a set: an element is in it if and only if an addition of it was observed by no removal.
struct SetHistory {
  private struct Update {
    var element: Bytes
    var isRemoval: Bool
    var client: Int
    var fate = Fate.open
    /// The addition's own, or those that the removal took.
    var dots: [Dot] = []
  }

  private var updates: [Update] = []

  mutating func began(_ element: Bytes, isRemoval: Bool, _ client: Int) -> Int {
    updates.append(Update(element: element, isRemoval: isRemoval, client: client))
    return updates.count - 1
  }

  mutating func ended(_ index: Int, _ outcome: Outcome) throws {
    updates[index].fate = Fate(outcome)
    switch outcome {
    case .inserted(let dot):
      guard !updates.contains(where: { !$0.isRemoval && $0.dots == [dot] }) else {
        throw Violation("UniqueDots", "two additions are called \(dot)")
      }
      updates[index].dots = [dot]
    case .removed(let dots): updates[index].dots = dots
    default: break
    }
  }

  /// A read shows what its own session added, unless it may have been removed.
  func read(_ elements: [Bytes], _ began: Observer.Began) throws {
    guard began.isSticky else { return }
    for own in updates where own.client == began.client && own.fate == .done && !own.isRemoval {
      if !elements.contains(own.element), !mayBeRemoved(own) {
        throw Violation("ReadYourWrites", "a read does not show \(own.element), which its session added before")
      }
    }
  }

  private func mayBeRemoved(_ addition: Update) -> Bool {
    updates.contains {
      $0.isRemoval && $0.element == addition.element && ($0.fate == .open || isRemoved(addition, by: $0))
    }
  }

  private func isRemoved(_ addition: Update, by removal: Update) -> Bool {
    removal.fate == .done && removal.dots.contains(where: addition.dots.contains)
  }

  func checkEnd(_ elements: [Bytes], _ key: Key) throws {
    for addition in updates where addition.fate == .done && !addition.isRemoval {
      if !elements.contains(addition.element), !mayBeRemoved(addition) {
        throw Violation(
          "NoLoss", "\(addition.element) of \(key), added by \(addition.dots), was removed by nobody")
      }
    }
    for element in elements {
      let mayBeThere = updates.contains { addition in
        guard !addition.isRemoval, addition.element == element, addition.fate != .refused else { return false }
        return !updates.contains { $0.isRemoval && isRemoved(addition, by: $0) }
      }
      if !mayBeThere { throw Violation("NoResurrection", "\(element) of \(key) is there after its removal") }
    }
  }
}
