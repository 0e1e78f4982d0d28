import Histories

/// How many of the histories of a differential test were what.
struct QueueSplit {
  private var counts: [String: Int] = [:]

  mutating func count(_ verdict: Verdict) { counts[verdict.rawValue, default: 0] += 1 }

  private subscript(verdict: Verdict) -> Int { counts[verdict.rawValue] ?? 0 }

  /// Both answers come often enough to mean something.
  var isBalanced: Bool { min(self[.valid], self[.invalid]) * 5 >= counts.values.reduce(0, +) }

  func show(_ name: String) {
    print("\(name) against its twin: \(self[.valid]) valid, \(self[.invalid]) invalid, \(self[.unknown]) unknown")
  }
}
