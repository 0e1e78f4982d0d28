import Histories

/// Where the operations of a counterexample lie: lanes from top to bottom, moments from left to right.
///
/// The picture of the page and the drawing of the terminal share it. Moments are the events in the order of the
/// history, which is the clock of every checker; the space between two of them grows with the logarithm of the time
/// between them, so that microseconds stay visible beside idle seconds.
struct CounterexampleLayout {
  /// One process, or a second row of one whose operations overlap.
  struct Lane: Hashable {
    var process: String
    var node: String?
  }

  /// An event: an invocation or a completion.
  struct Moment: Hashable {
    /// Index in the history.
    var index: Int
    /// Nanoseconds since the run's start.
    var time: Int64
  }

  /// Between two neighbouring moments, and how much room it got.
  struct Measure {
    /// Room between moments of the same microsecond.
    var gapMin: Int
    /// Room that each tenfold of time adds.
    var gapPerDecade: Int
    /// Room that a label needs beside its characters.
    var labelPadding: Int
    /// Room of one character.
    var characterWidth: Int
    /// A narrower picture is stretched to this.
    var widthMin = 0
  }

  private(set) var lanes: [Lane] = []
  /// By operation.
  private(set) var lane: [Int] = []
  private(set) var moments: [Moment] = []
  /// By operation: positions in `moments`; the end is `moments.count` where the operation never returned.
  private(set) var start: [Int] = []
  private(set) var end: [Int] = []
  /// By moment, and one more for the open end: the distance from the left.
  private(set) var offsets: [Int] = []

  /// - Parameter label: the text that has to fit into each operation, by position.
  init(_ counterexample: Counterexample, measure: Measure, label: (Counterexample.Operation) -> String) {
    let operations = counterexample.operations
    placeMoments(operations)
    placeLanes(operations)
    spread(operations, measure, label)
  }

  private mutating func placeMoments(_ operations: [Counterexample.Operation]) {
    var all: Set<Moment> = []
    for operation in operations {
      all.insert(Moment(index: operation.index, time: operation.invokeTime))
      if let completion = operation.completion {
        all.insert(Moment(index: completion, time: operation.completeTime ?? operation.invokeTime))
      }
    }
    moments = all.sorted { ($0.index, $0.time) < ($1.index, $1.time) }
    let position = Dictionary(moments.enumerated().map { ($1.index, $0) }, uniquingKeysWith: { first, _ in first })
    start = operations.map { position[$0.index] ?? 0 }
    end = operations.map { operation in
      guard let completion = operation.completion, let found = position[completion] else { return moments.count }
      return max(found, (position[operation.index] ?? 0))
    }
  }

  /// First free lane of the operation's process, processes in order of their first operation.
  private mutating func placeLanes(_ operations: [Counterexample.Operation]) {
    var rows: [String: [(lastEnd: Int, operations: [Int])]] = [:]
    var order: [String] = []
    for (index, operation) in operations.enumerated() {
      if rows[operation.process] == nil { order.append(operation.process) }
      var own = rows[operation.process] ?? []
      if let free = own.firstIndex(where: { $0.lastEnd <= start[index] }) {
        own[free].lastEnd = end[index]
        own[free].operations.append(index)
      } else {
        own.append((end[index], [index]))
      }
      rows[operation.process] = own
    }
    lane = [Int](repeating: 0, count: operations.count)
    for process in order {
      for row in rows[process] ?? [] {
        for index in row.operations { lane[index] = lanes.count }
        lanes.append(Lane(process: process, node: row.operations.first.flatMap { operations[$0].node }))
      }
    }
  }

  /// Room by time first, then more where a label would not fit.
  private mutating func spread(
    _ operations: [Counterexample.Operation], _ measure: Measure, _ label: (Counterexample.Operation) -> String
  ) {
    var gaps = (0..<moments.count).map { position -> Int in
      guard position + 1 < moments.count else { return measure.gapMin * 2 }
      let nanoseconds = moments[position + 1].time - moments[position].time
      return measure.gapMin + measure.gapPerDecade * Self.decades(max(0, nanoseconds) / 1_000)
    }
    for (index, operation) in operations.enumerated() {
      let needed = label(operation).count * measure.characterWidth + measure.labelPadding
      let span = start[index]..<max(end[index], start[index] + 1)
      let missing = needed - gaps[span].reduce(0, +)
      guard missing > 0 else { continue }
      let each = missing / span.count
      for position in span { gaps[position] += each }
      gaps[span.lowerBound] += missing - each * span.count
    }
    let total = gaps.reduce(0, +)
    if total > 0, total < measure.widthMin { gaps = gaps.map { $0 * measure.widthMin / total } }
    offsets = gaps.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1) }
  }

  /// Digits of a number of microseconds: 0 below 10.
  private static func decades(_ microseconds: Int64) -> Int { String(microseconds).count - 1 }
}

extension CounterexampleLayout {
  /// Offset of the operation's invocation.
  func left(_ operation: Int) -> Int { offsets[start[operation]] }

  /// Offset of the operation's completion, or of the open end.
  func right(_ operation: Int) -> Int { offsets[max(end[operation], min(start[operation] + 1, moments.count))] }

  var width: Int { offsets.last ?? 0 }

  /// A point inside each operation of `path`, ascending, so that the order shows as a line from left to right.
  ///
  /// As late as the operation's start and the points before it demand, as early as those after it allow.
  func points(of path: Counterexample.Path, apart: Int) -> [Int] {
    var latest = [Int](repeating: 0, count: path.steps.count)
    var bound = width
    for (step, entry) in path.steps.enumerated().reversed() {
      bound = min(bound - apart, right(entry.operation) - apart / 2)
      latest[step] = bound
    }
    var points: [Int] = []
    var previous = Int.min / 2
    for (step, entry) in path.steps.enumerated() {
      let earliest = max(left(entry.operation) + apart / 2, previous + apart)
      previous = max(previous + 1, min(earliest, max(latest[step], left(entry.operation))))
      points.append(previous)
    }
    return points
  }
}
