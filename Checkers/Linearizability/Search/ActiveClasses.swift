/// Which crashed classes can be used around each return event, by blocks of returns.
struct ActiveClasses {
  /// Return events in a block: fine enough to be short where every write has its own value, coarse enough to cost
  /// nothing where classes live long.
  private static let blockReturns = 64

  /// Positions in the schedule's classes: of block b `positions[starts[b]..<starts[b + 1]]`.
  private let positions: [UInt32]
  private let starts: [UInt32]

  /// Counting sort of the classes into the blocks between their first invocation and their last use.
  init(_ classes: [Schedule.CrashClass], _ returnTimes: Schedule.Column) {
    let blocks = returnTimes.count / Self.blockReturns + 1
    let spans = classes.map { crashed in
      let last = returnTimes.partitioningIndex { $0 > crashed.usefulUntil }
      return Int(crashed.availableFrom.first ?? 0) / Self.blockReturns..<max(last - 1, 0) / Self.blockReturns + 1
    }
    var starts = [UInt32](repeating: 0, count: blocks + 1)
    for span in spans { for block in span { starts[block + 1] += 1 } }
    for block in 0..<blocks { starts[block + 1] += starts[block] }
    var next = starts
    var positions = [UInt32](repeating: 0, count: Int(starts[blocks]))
    for (position, span) in spans.enumerated() {
      for block in span {
        positions[Int(next[block])] = UInt32(position)
        next[block] += 1
      }
    }
    (self.positions, self.starts) = (positions, starts)
  }

  var bytes: Int { 4 * (positions.count + starts.count) }

  @inline(__always) func count(_ at: Int) -> UInt32 {
    if positions.isEmpty { return 0 }
    return starts[at / Self.blockReturns + 1] - starts[at / Self.blockReturns]
  }

  @inline(__always) func position(_ number: UInt32, _ at: Int) -> UInt32 {
    positions[Int(starts[at / Self.blockReturns] + number)]
  }
}
