import Histories

/// What is counted while events pass by.
struct VitalsCollector {
  private struct Tally {
    var ok = 0
    var fail = 0
    var info = 0
    var latencies = LatencyHistogram()
  }

  private struct ErrorKey: Hashable {
    var error: String
    var type: EventType
  }

  private var result = Vitals()
  private var hasEvents = false
  private var tallies: [String: Tally] = [:]
  private var errors: [ErrorKey: Int] = [:]
  private var seconds: [Int: Vitals.Second] = [:]
  /// When the open operation of each process began, and its function.
  private var open: [ProcessID: (time: Int64, function: String)] = [:]
  private var lastOk: Int64 = 0

  /// Takes in the client event at `index`.
  mutating func add(_ history: History, _ index: Int, _ process: ProcessID) {
    let time = history.time(at: index)
    if !hasEvents { (result.from, lastOk, hasEvents) = (time, time, true) }
    result.to = max(result.to, time)
    let type = history.type(at: index)
    let function = history.function(at: index)
    if type == .invoke {
      result.operations += 1
      open[process] = (time, function)
      return
    }
    let began = open.removeValue(forKey: process)?.time
    tally(function, type, latency: began.map { time - $0 })
    countSecond(time, type)
    if type == .ok { endGap(at: time) } else { countError(history[index].error, type) }
  }

  /// Operations still open count as unknown.
  mutating func vitals() -> Vitals {
    for (_, operation) in open { tally(operation.function, .info, latency: nil) }
    if hasEvents { endGap(at: result.to) }
    let duration = result.duration
    result.functions = tallies.sorted { $0.key < $1.key }.map { function, tally in
      Vitals.Function(
        f: function, ok: tally.ok, fail: tally.fail, info: tally.info,
        okPerSecond: duration > 0 ? Double(tally.ok) / duration : 0, latency: Self.latency(tally.latencies))
    }
    result.errors = errors.map { Vitals.ErrorCount(error: $0.error, type: $0.type.name, count: $1) }
      .sorted { ($1.count, $0.error, $0.type) < ($0.count, $1.error, $1.type) }
    result.seconds = series()
    return result
  }

  private mutating func tally(_ function: String, _ type: EventType, latency: Int64?) {
    switch type {
    case .ok:
      tallies[function, default: Tally()].ok += 1
      if let latency { tallies[function, default: Tally()].latencies.add(latency) }
    case .fail: tallies[function, default: Tally()].fail += 1
    case .info, .invoke: tallies[function, default: Tally()].info += 1
    }
  }

  private mutating func countError(_ error: String?, _ type: EventType) {
    guard let error else { return }
    let key = ErrorKey(error: error, type: type)
    let isKnown = errors[key] != nil || errors.count < Vitals.errorsMax
    errors[isKnown ? key : ErrorKey(error: "other", type: type), default: 0] += 1
  }

  private mutating func countSecond(_ time: Int64, _ type: EventType) {
    let second = Int(time / 1_000_000_000)
    guard second >= 0, second < Vitals.secondsMax else { return }
    var counts = seconds[second] ?? Vitals.Second(second: second, ok: 0, fail: 0, info: 0)
    switch type {
    case .ok: counts.ok += 1
    case .fail: counts.fail += 1
    case .info, .invoke: counts.info += 1
    }
    seconds[second] = counts
  }

  private mutating func endGap(at time: Int64) {
    let length = time - lastOk
    result.longestGap = max(result.longestGap, length)
    if length >= Vitals.gapNanosecondsMin {
      result.gapCount += 1
      if result.gaps.count < Vitals.gapsMax { result.gaps.append(Vitals.Gap(from: lastOk, to: time)) }
    }
    lastOk = time
  }

  /// The seconds without a completion filled in.
  private func series() -> [Vitals.Second] {
    guard let first = seconds.keys.min(), let last = seconds.keys.max() else { return [] }
    return (first...last).map { seconds[$0] ?? Vitals.Second(second: $0, ok: 0, fail: 0, info: 0) }
  }

  private static func latency(_ latencies: LatencyHistogram) -> Vitals.Latency? {
    if latencies.count == 0 { return nil }
    return Vitals.Latency(
      p50: latencies.quantile(0.5), p90: latencies.quantile(0.9), p99: latencies.quantile(0.99),
      p999: latencies.quantile(0.999), max: latencies.max)
  }
}
