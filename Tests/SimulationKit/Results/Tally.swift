/// What is counted in a simulation. Its cases are numbered from 0 on.
public protocol CounterName: RawRepresentable<Int>, CaseIterable, Hashable, Sendable {}

extension CounterName {
  /// The case in words: `lostBatches` is "lost batches".
  public var label: String {
    "\(self)".reduce(into: "") { words, letter in
      words += letter.isUppercase ? " \(letter.lowercased())" : String(letter)
    }
  }
}

/// Counts, by what they count.
public struct Tally<Counter: CounterName>: Sendable {
  private var counts = [Int](repeating: 0, count: Counter.allCases.count)

  /// Nothing was counted yet.
  public init() {}

  /// How often it happened.
  public subscript(counter: Counter) -> Int {
    get { counts[counter.rawValue] }
    set { counts[counter.rawValue] = newValue }
  }

  static func += (left: inout Self, right: Self) {
    for counter in Counter.allCases { left[counter] += right[counter] }
  }
}

/// What happens in every system's simulation.
public enum ClusterCounter: Int, CounterName {
  case events, crashes
  /// Batches that crashes took from disks before they were synced.
  case lostBatches
  case partitions, pauses, snapshots
  case messages, lost, duplicated, reordered
  /// Attempts of clients, by how they ended; and those after the first.
  case answered, refused, unknown, retries
}
