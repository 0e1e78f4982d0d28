/// Decides exactly whether the transactions of a region have an order: saturation, then a search with incremental
/// detection of cycles (Tan and others, "Cobra", OSDI 2020; Huang and others, "PolySI", VLDB 2023).
///
/// For two versions of a key one order or the other holds, with everybody who read the first before the writer of the
/// second. An order that would close a cycle is impossible, which decides for the other one; only what is left open is
/// tried. Reachability is a matrix of bits, with a log of what each trial changed.
struct RegionSearch {
  enum Outcome {
    /// The events of members in an order that keeps everything that was decided.
    case order([UInt32])
    /// No order, without any trial.
    case contradiction
    /// No order, as the search found by trying.
    case exhausted
    case unknown(String)
  }

  /// Words of the matrix, at most: 128 MB.
  static let wordsMax = 1 << 24
  /// Trials of one search.
  static let trialsMax = 100_000
  /// Edges, and decisions, between two looks at the clock.
  private static let edgesPerLook = 256

  private let region: OrderRegion
  private let width: Int
  /// By event, `width` words: the events that come after it.
  private var after: [UInt64]
  private var log: [(place: Int, word: UInt64)] = []
  /// By choice: 0 open, 1 as it stands, 2 the other way round.
  private var decided: [UInt8]
  private var decisions: [Int] = []
  /// Ways that must not be.
  private var guards: [OrderRegion.Edge] = []
  private var hasTried = false
  private let stop: () -> String?
  /// Why the search ended before it had decided.
  private var stopped: String?

  /// Nil if the region is too large.
  init?(_ region: OrderRegion, stop: @escaping () -> String?) {
    self.region = region
    self.stop = stop
    width = (region.eventCount + 63) / 64
    if region.eventCount * width > Self.wordsMax { return nil }
    after = Array(repeating: 0, count: region.eventCount * width)
    decided = Array(repeating: 0, count: region.choices.count)
  }

  mutating func run() -> Outcome {
    for (number, edge) in region.edges.enumerated() {
      if number % Self.edgesPerLook == 0, let reason = stop() { return .unknown(reason) }
      if !add(edge) { return .contradiction }
    }
    guard saturate() else { return stopped.map { .unknown($0) } ?? .contradiction }
    hasTried = true
    return search()
  }

  // MARK: Reachability

  @inline(__always) private func reaches(_ source: UInt32, _ target: UInt32) -> Bool {
    after[Int(source) * width + Int(target) >> 6] >> (UInt64(target) & 63) & 1 == 1
  }

  /// False if the edge closes a cycle.
  private mutating func add(_ edge: OrderRegion.Edge) -> Bool {
    let (source, target) = (edge.source, edge.target)
    if source == target || reaches(target, source) { return false }
    if edge.isGuard {
      guards.append(edge)
      return true
    }
    if reaches(source, target) { return true }
    for event in 0..<UInt32(region.eventCount) where event == source || reaches(event, source) {
      if !reaches(event, target) { spread(from: Int(target), into: Int(event)) }
    }
    return true
  }

  private mutating func spread(from target: Int, into event: Int) {
    for word in 0..<width {
      let place = event * width + word
      var bits = after[target * width + word]
      if word == target >> 6 { bits |= 1 << UInt64(target & 63) }
      let united = after[place] | bits
      if united == after[place] { continue }
      if hasTried { log.append((place, after[place])) }
      after[place] = united
    }
  }

  // MARK: Saturation

  /// Whether this order of the two would close a cycle.
  private func isImpossible(_ choice: OrderRegion.Choice, _ isFirst: Bool) -> Bool {
    let (before, later) = isFirst ? (choice.first, choice.second) : (choice.second, choice.first)
    let count = UInt32(region.members.count)
    let write = region.claim.events(before, TransactionGraph.Kind.writeWrite.rawValue, later, count)
    if reaches(write.target, write.source) { return true }
    for reader in isFirst ? choice.readersOfFirst : choice.readersOfSecond where reader != later {
      let read = region.claim.events(reader, TransactionGraph.Kind.readWrite.rawValue, later, count)
      if reaches(read.target, read.source) { return true }
    }
    return false
  }

  /// Decides what has one possibility left, until nothing has; false if something has none.
  private mutating func saturate() -> Bool {
    var hasChanged = true
    while hasChanged {
      hasChanged = false
      for place in decided.indices where decided[place] == 0 {
        let choice = region.choices[place]
        let isFirst: Bool
        if isImpossible(choice, true) {
          isFirst = false
        } else if isImpossible(choice, false) {
          isFirst = true
        } else {
          continue
        }
        guard decide(place, isFirst) else { return false }
        hasChanged = true
        if decisions.count % Self.edgesPerLook == 0, let reason = stop() {
          stopped = reason
          return false
        }
      }
    }
    return keepsGuards()
  }

  private mutating func keepsGuards() -> Bool {
    !guards.contains { reaches($0.target, $0.source) }
  }

  private mutating func decide(_ place: Int, _ isFirst: Bool) -> Bool {
    decided[place] = isFirst ? 1 : 2
    decisions.append(place)
    for edge in region.edges(of: region.choices[place], isFirst) {
      guard add(edge) else { return false }
    }
    return true
  }

  // MARK: Search

  private struct Trial {
    var choice: Int
    var logged: Int
    var decided: Int
    var guards: Int
  }

  private mutating func search() -> Outcome {
    var trials: [Trial] = []
    var count = 0
    var next = 0
    while true {
      while next < decided.count, decided[next] != 0 { next += 1 }
      if next == decided.count { return .order(sorted) }
      count += 1
      if count > Self.trialsMax { return .unknown("\(Self.trialsMax) orders of two versions were tried") }
      if let reason = stop() { return .unknown(reason) }
      trials.append(
        Trial(choice: next, logged: log.count, decided: decisions.count, guards: guards.count))
      var holds = decide(next, true) && saturate()
      while !holds {
        if let stopped { return .unknown(stopped) }
        guard let trial = trials.popLast() else { return .exhausted }
        undo(trial)
        next = 0
        count += 1
        if count > Self.trialsMax { return .unknown("\(Self.trialsMax) orders of two versions were tried") }
        // The other order follows, as long as the trials before this one stand.
        holds = decide(trial.choice, false) && saturate()
      }
    }
  }

  private mutating func undo(_ trial: Trial) {
    while log.count > trial.logged, let (place, word) = log.popLast() { after[place] = word }
    while decisions.count > trial.decided, let place = decisions.popLast() { decided[place] = 0 }
    guards.removeLast(guards.count - trial.guards)
  }

  /// What comes before something reaches all that this reaches, and it besides.
  private var sorted: [UInt32] {
    let reach = (0..<region.eventCount).map { event in
      (0..<width).reduce(0) { $0 + after[event * width + $1].nonzeroBitCount }
    }
    let events = UInt32(region.claim.eventCount(region.members.count))
    return (0..<events).sorted { (reach[Int($1)], $0) < (reach[Int($0)], $1) }
  }
}
