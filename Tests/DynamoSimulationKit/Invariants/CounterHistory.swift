import DynamoRing
import SimulationKit

/// What clients know of a counter: it ends with the sum of what was acknowledged, and of some of what may have happened.
struct CounterHistory {
  private var amounts: [(amount: Int, fate: Fate)] = []

  mutating func began(_ amount: Int) -> Int {
    amounts.append((amount, .open))
    return amounts.count - 1
  }

  mutating func ended(_ index: Int, _ outcome: Outcome) { amounts[index].fate = Fate(outcome) }

  func checkEnd(_ value: Int, _ key: Key) throws {
    let acknowledged = amounts.filter { $0.fate == .done }.reduce(0) { $0 + $1.amount }
    var reachable: Set<Int> = [acknowledged]
    for (amount, fate) in amounts where fate == .open { reachable.formUnion(reachable.map { $0 + amount }) }
    guard reachable.contains(value) else {
      throw Violation(
        "ExactCount",
        "\(key) ends with \(value); acknowledged are \(acknowledged), and others may have happened: "
          + "\(amounts.filter { $0.fate == .open }.map(\.amount))")
    }
  }
}
