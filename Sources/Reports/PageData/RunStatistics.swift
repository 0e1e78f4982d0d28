import Histories

/// What happened over time, and how often: everything that the charts and the tables of counts show.
///
/// Computed from the history alone, so that an old or half-written run directory has the same charts.
struct RunStatistics {
  /// Intervals of time in a chart, at most.
  static let bucketsMax = 400
  /// A time without any success is called a gap from here on, in microseconds.
  static let gapMicrosecondsMin: Int64 = 500_000
  /// Gaps listed, at most: the longest.
  static let gapsMax = 20

  /// Kinds of errors listed, at most: the most frequent.
  static let errorsMax = 12

  /// Operations of one function, by how they ended.
  struct Counts: Hashable {
    var ok = 0
    var fail = 0
    var info = 0
    var total: Int { ok + fail + info }
  }

  /// Quantiles of the latency of `ok` operations, in microseconds.
  struct Latency: Hashable {
    var p50: Int64
    var p99: Int64
    var max: Int64
  }

  /// A time in which no operation ended `ok`, in microseconds since the run's start.
  struct Gap: Hashable {
    var from: Int64
    var to: Int64
    var length: Int64 { to - from }
  }

  /// How often operations ended with one error.
  struct ErrorCount: Hashable {
    var error: String
    var outcome: EventType
    var count: Int
  }

  /// By function, in order of name.
  private(set) var counts: [(function: String, counts: Counts, latency: Latency?)] = []
  private(set) var total = Counts()
  private(set) var processes = 0
  /// Of the last event.
  private(set) var endMicroseconds: Int64 = 0
  private(set) var bucketMicroseconds: Int64 = 100_000
  /// Completions of each bucket.
  private(set) var buckets: [Counts] = []
  /// Latencies of the `ok` completions of each bucket.
  private(set) var latencies: [Latency?] = []
  private(set) var gaps: [Gap] = []
  /// The most frequent first.
  private(set) var errors: [ErrorCount] = []

  init(_ operations: Operations) {
    let history = operations.history
    if history.count > 0 { endMicroseconds = max(0, history.time(at: history.count - 1) / 1_000) }
    bucketMicroseconds = Self.bucketWidth(endMicroseconds)
    countOperations(operations)
    countErrors(operations)
    findGaps(operations)
  }

  /// The smallest round width with which the run fits into `bucketsMax` buckets.
  private static func bucketWidth(_ end: Int64) -> Int64 {
    var width: Int64 = 1_000
    var factors: [Int64] = [2, 5, 10]
    var decade: Int64 = 1_000
    while end / width >= bucketsMax {
      if factors.isEmpty {
        factors = [2, 5, 10]
        decade *= 10
      }
      width = decade * factors.removeFirst()
    }
    return max(width, 50_000)
  }

  private mutating func countOperations(_ operations: Operations) {
    let bucketCount = Int(endMicroseconds / bucketMicroseconds) + 1
    buckets = [Counts](repeating: Counts(), count: bucketCount)
    var samples = [[Int64]](repeating: [], count: bucketCount)
    var byFunction: [String: Counts] = [:]
    var latencyByFunction: [String: [Int64]] = [:]
    var seen: Set<ProcessID> = []
    for position in 0..<operations.count {
      let invocation = Int(operations.invocations[position])
      let function = operations.history.function(at: invocation)
      let outcome = operations.outcome(position)
      seen.insert(operations.history.process(at: invocation))
      byFunction[function, default: Counts()].add(outcome)
      total.add(outcome)
      guard let completion = operations.completion(position) else { continue }
      let end = operations.history.time(at: completion) / 1_000
      let bucket = min(bucketCount - 1, max(0, Int(end / bucketMicroseconds)))
      buckets[bucket].add(outcome)
      guard outcome == .ok else { continue }
      let latency = end - operations.history.time(at: invocation) / 1_000
      samples[bucket].append(latency)
      latencyByFunction[function, default: []].append(latency)
    }
    processes = seen.count
    latencies = samples.map(Self.latency)
    counts = byFunction.keys.sorted().map { name in
      (name, byFunction[name] ?? Counts(), Self.latency(latencyByFunction[name] ?? []))
    }
  }

  private mutating func countErrors(_ operations: Operations) {
    var found: [ErrorCount: Int] = [:]
    for position in 0..<operations.count where operations.outcome(position) != .ok {
      guard let completion = operations.completion(position) else { continue }
      let event = operations.history[completion]
      guard let error = event.error else { continue }
      found[ErrorCount(error: error, outcome: event.type, count: 0), default: 0] += 1
    }
    let all = found.map { ErrorCount(error: $0.error, outcome: $0.outcome, count: $1) }
    let sorted = all.sorted { ($1.count, $0.error, $0.outcome.rawValue) < ($0.count, $1.error, $1.outcome.rawValue) }
    errors = Array(sorted.prefix(Self.errorsMax))
  }

  /// Nearest-rank quantiles; nil of nothing.
  private static func latency(_ samples: [Int64]) -> Latency? {
    guard let longest = samples.max() else { return nil }
    let sorted = samples.sorted()
    func quantile(_ part: Double) -> Int64 { sorted[Int((Double(sorted.count - 1) * part).rounded())] }
    return Latency(p50: quantile(0.5), p99: quantile(0.99), max: longest)
  }

  /// Between the first invocation and the last completion of any kind: nobody asked before and after.
  private mutating func findGaps(_ operations: Operations) {
    guard operations.count > 0 else { return }
    let history = operations.history
    var last = history.time(at: Int(operations.invocations[0])) / 1_000
    var end = last
    var found: [Gap] = []
    for index in 0..<history.count where !history.process(at: index).isNemesis {
      end = history.time(at: index) / 1_000
      guard history.type(at: index) == .ok else { continue }
      if end - last >= Self.gapMicrosecondsMin { found.append(Gap(from: last, to: end)) }
      last = end
    }
    if end - last >= Self.gapMicrosecondsMin { found.append(Gap(from: last, to: end)) }
    let longest = found.sorted { ($1.length, $0.from) < ($0.length, $1.from) }.prefix(Self.gapsMax)
    gaps = longest.sorted { $0.from < $1.from }
  }
}

extension RunStatistics.Counts {
  mutating func add(_ outcome: EventType) {
    switch outcome {
    case .ok: ok += 1
    case .fail: fail += 1
    case .info, .invoke: info += 1
    }
  }
}
