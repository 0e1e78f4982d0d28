import Histories

/// Decides whether reads of registers are as fresh as promised, and measures how stale they are.
///
/// `write` and `cas` give a register values that it never had before, `read` shows one. Each register is by itself.
///
/// - A bound in time, Δ: the history is Δ-atomic, that is linearizable if every read may have begun Δ earlier than it did
///   (Golab, Li and Shah, "Analyzing Consistency Properties for Fun and Profit", PODC 2011); exact.
/// - A bound in versions, k: no read missed k writes or more that certainly came between the write of what it saw and its
///   own beginning, whatever the order of concurrent writes. Reads that are together impossible, but each for itself
///   possible, are not found (k-atomicity of a whole history has no fast decision for k > 2).
///
/// A value that nobody wrote breaks every bound.
public enum StalenessChecker {
  public struct Options: Hashable, Sendable {
    public var bound: StalenessBound
    /// What each register holds at first.
    public var initial: Value

    public init(bound: StalenessBound, initial: Value = .null) {
      (self.bound, self.initial) = (bound, initial)
    }
  }

  public static let name = "staleness"
  /// Recorded in the result.
  public static let algorithm = "zones of unique values, shifted in time (Golab, Li & Shah)"
  /// The claim's id.
  public static let claim = "bounded-staleness"

  /// Time is n log n.
  ///
  /// - Throws: `PairingError`; `MalformedHistory` for the first operation that is none of a register and for a value that
  ///   is written twice, and where a bound in time meets a history without times.
  public static func report(_ history: History, _ options: Options) throws -> InvariantReport {
    if case .time = options.bound, let event = history.firstWithoutTime {
      throw MalformedHistory(index: event, message: "a bound in time needs events with times; versions are k<N")
    }
    var staleness = Staleness(history, options.bound)
    try RegisterVersions.forEach(history, initial: options.initial) { object in staleness.add(object) }
    return staleness.report()
  }
}

/// What was found of all registers so far.
private struct Staleness {
  private let history: History
  private let bound: StalenessBound
  private var log: FindingLog
  /// The least Δ that holds, in nanoseconds.
  private var leastShift: Int64 = 0
  /// Of every stale read: nanoseconds, and versions.
  private var times: [Int64] = []
  private var versions: [Int] = []
  private var reads = 0
  private var objects = 0

  init(_ history: History, _ bound: StalenessBound) {
    (self.history, self.bound) = (history, bound)
    log = FindingLog(history)
  }

  mutating func add(_ object: RegisterVersions) {
    objects += 1
    reads += object.reads.count
    for (read, version) in object.unwritten { reportUnwritten(read, version, object) }
    var isBroken = false
    for miss in ReadStaleness(object).misses() {
      let time = object.time(of: miss)
      times.append(time)
      versions.append(miss.versions)
      leastShift = max(leastShift, time)
      if breaks(time, miss.versions) {
        isBroken = true
        report(miss, time, object)
      }
    }
    var zones = StalenessZones(object)
    leastShift = zones.leastShift(above: leastShift)
    if case .time(let bound) = bound, !isBroken, leastShift >= bound, let pair = zones.conflict(shift: bound - 1) {
      report(pair, object)
    }
  }

  private func breaks(_ time: Int64, _ versions: Int) -> Bool {
    switch bound {
    case .time(let bound): time >= bound
    case .versions(let bound): versions >= bound
    }
  }

  // MARK: Findings

  private mutating func report(_ miss: ReadStaleness.Miss, _ time: Int64, _ object: RegisterVersions) {
    let read = object.reads[miss.read]
    let (old, new) = (object.versions[Int(read.version)], object.versions[Int(miss.replacement)])
    let bound = bound
    log.add(.staleBeyondBound, key: object.key) { witnesses in
      let reader = witnesses.name(Int(read.invocation), Int(read.completion))
      let others = miss.versions > 1 ? ", the first of \(miss.versions) later ones," : ""
      let replaced =
        "\(object.value(miss.replacement))\(others) was there by event \(new.known), and the read began "
        + witnesses.later(by: time)
      return (
        "\(reader) saw \(object.value(read.version)), but \(replaced): not \(bound)",
        [old.began, new.began, read.invocation].filter { $0 >= 0 }.map { Int($0) },
        [old.began, new.began, new.known, read.invocation, read.completion].filter { $0 >= 0 }.map { Int($0) }
      )
    }
  }

  /// Neither order of the two versions is possible, though each read by itself is.
  private mutating func report(_ pair: (UInt32, UInt32), _ object: RegisterVersions) {
    let (one, other) = (object.versions[Int(pair.0)], object.versions[Int(pair.1)])
    let bound = bound
    log.add(.staleBeyondBound, key: object.key) { _ in
      let (a, b) = (object.value(pair.0), object.value(pair.1))
      let summary =
        "\(a) was there by event \(one.known) and still seen by a read that began in event \(one.lastRead), \(b) was "
        + "there by event \(other.known) and last seen or written from event \(max(other.lastRead, other.began)) on: "
        + "whichever was the later, not \(bound)"
      let events = [one.began, one.known, one.lastRead, other.began, other.known, other.lastRead].filter { $0 >= 0 }
      return (summary, [one.began, other.began].filter { $0 >= 0 }.map { Int($0) }, events.map { Int($0) })
    }
  }

  private mutating func reportUnwritten(
    _ read: Operations.Record, _ version: UInt32, _ object: RegisterVersions
  ) {
    let isAborted = version < object.versions.count && object.versions[Int(version)].isFailed
    log.add(isAborted ? .abortedRead : .thinAirRead, key: object.key) { witnesses in
      let reader = witnesses.name(Int(read.invocation), read.completion.map { Int($0) })
      let what = isAborted ? "which only a failed operation wrote" : "which nobody had begun to write"
      let events = [Int(read.invocation)] + (read.completion.map { [Int($0)] } ?? [])
      return ("\(reader) saw \(object.value(version)), \(what)", [Int(read.invocation)], events)
    }
  }

  // MARK: The report

  mutating func report() -> InvariantReport {
    times.sort()
    versions.sort()
    var statistics: [(name: String, value: Value)] = [
      ("objects", .int(Int64(objects))), ("reads", .int(Int64(reads))), ("stale-reads", .int(Int64(times.count))),
    ]
    // Without times there are no seconds.
    let hasTimes = history.firstWithoutTime == nil
    if hasTimes { statistics.append(("least-time-bound-seconds", .seconds(leastShift))) }
    for (name, percent) in [("p50", 50.0), ("p90", 90), ("p99", 99), ("p99.9", 99.9), ("max", 100)] {
      if hasTimes { statistics.append(("staleness-\(name)-seconds", .seconds(quantile(percent, of: times) ?? 0))) }
      statistics.append(("staleness-\(name)-versions", .int(Int64(quantile(percent, of: versions) ?? 0))))
    }
    return log.report(
      checker: StalenessChecker.name, algorithm: StalenessChecker.algorithm,
      unknown: reads == 0 ? "no read completed" : nil, statistics: statistics)
  }

  /// Of all reads, those that missed nothing with 0: the least value that so many percent of them do not exceed.
  private func quantile<Number>(_ percent: Double, of stale: [Number]) -> Number? {
    guard reads > 0 else { return nil }
    let rank = Int((percent / 100 * Double(reads)).rounded(.up))
    let place = rank - 1 - (reads - stale.count)
    return stale.indices.contains(place) ? stale[place] : nil
  }
}

extension RegisterVersions {
  /// For how long the value had been replaced when the read began: nanoseconds.
  fileprivate func time(of miss: ReadStaleness.Miss) -> Int64 {
    let replaced = history.time(at: Int(versions[Int(miss.replacement)].known))
    return max(history.time(at: Int(reads[miss.read].invocation)) - replaced, 0)
  }
}

extension Value {
  /// Nanoseconds in seconds, to the microsecond.
  fileprivate static func seconds(_ nanoseconds: Int64) -> Value {
    .double(Double(nanoseconds / 1000) / 1_000_000)
  }
}
