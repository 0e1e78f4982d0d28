import Histories

/// Finds values that a get shows beside one whose writer had observed them, at any distance.
struct SiblingConflicts {
  private let graph: VersionGraph
  /// By version: the number of the last get that shows it, and of the last from which it was reached, plus one.
  private var isShown: [UInt32]
  private var isReached: [UInt32]
  private var stamp: UInt32 = 0
  /// Steps that are left.
  private(set) var stepsLeft: Int

  init(_ graph: VersionGraph, stepsMax: Int) {
    self.graph = graph
    isShown = Array(repeating: 0, count: graph.versions.count)
    isReached = isShown
    stepsLeft = stepsMax
  }

  /// A pair of which the second had observed the first, directly or by way of others; nil where there is none, and
  /// where the steps run out.
  ///
  /// Nothing that began before all siblings is below another one, so that the search stays among what is new.
  mutating func conflict(_ shown: [UInt32]) -> (below: Int, above: Int)? {
    guard shown.count > 1, let oldest = shown.min() else { return nil }
    stamp += 1
    for version in shown { isShown[Int(version)] = stamp }
    for above in shown {
      var open = [Int(above)]
      while let version = open.popLast() {
        for segment in graph.context(version) {
          for below in graph.members(segment) where below >= oldest {
            if isShown[Int(below)] == stamp { return (Int(below), Int(above)) }
            if isReached[Int(below)] == stamp { continue }
            isReached[Int(below)] = stamp
            open.append(Int(below))
          }
          stepsLeft -= Int(segment.length)
          if stepsLeft < 0 { return nil }
        }
      }
    }
    return nil
  }
}
