import Histories

/// The health of a run as its clients saw it: how much they did, how fast, and when nothing worked.
///
/// Computed in one pass over the events, in memory that does not grow with their number. Everything is in a fixed
/// order, so that equal histories have equal vitals. Stored in `results.json` as `vitals`.
public struct Vitals: Hashable, Sendable, Codable {
  /// Operations of one function by outcome, with their latencies.
  public struct Function: Hashable, Sendable, Codable {
    /// Jepsen's `f`.
    public var f: String
    public var ok: Int
    public var fail: Int
    /// Unknown outcomes, operations that never completed among them.
    public var info: Int
    /// Operations that were ok, per second of the run.
    public var okPerSecond: Double
    /// Of the operations that were ok; nil if none was.
    public var latency: Latency?
  }

  /// Quantiles in nanoseconds, at most 0.8 % too high; `max` is exact.
  public struct Latency: Hashable, Sendable, Codable {
    public var p50: Int64
    public var p90: Int64
    public var p99: Int64
    /// The 99.9th percentile.
    public var p999: Int64
    public var max: Int64
  }

  /// How often an error came.
  public struct ErrorCount: Hashable, Sendable, Codable {
    public var error: String
    /// `fail` or `info`.
    public var type: String
    public var count: Int
  }

  /// A time without any ok completion, in nanoseconds since the run's start.
  public struct Gap: Hashable, Sendable, Codable {
    public var from: Int64
    public var to: Int64
  }

  /// Completions in one second of the run.
  public struct Second: Hashable, Sendable, Codable {
    /// Whole seconds since the run's start.
    public var second: Int
    public var ok: Int
    public var fail: Int
    public var info: Int
  }

  /// Gaps shorter than this are not listed, in nanoseconds.
  public static let gapNanosecondsMin: Int64 = 100_000_000
  /// Gaps that are listed; `gapCount` has the number of all.
  public static let gapsMax = 1_000
  /// Different errors that are counted; further ones count as `other`.
  public static let errorsMax = 1_000
  /// Seconds in the series: a day. Completions after it are in no second.
  public static let secondsMax = 86_400

  /// Time of the first and of the last client event, in nanoseconds since the run's start.
  public var from: Int64 = 0
  public var to: Int64 = 0
  /// Client operations invoked.
  public var operations = 0
  /// By name.
  public var functions: [Function] = []
  /// The most frequent first.
  public var errors: [ErrorCount] = []
  /// In order of time, at most `gapsMax`.
  public var gaps: [Gap] = []
  public var gapCount = 0
  /// Nanoseconds of the longest time without any ok completion, however short.
  public var longestGap: Int64 = 0
  /// Every second from the first to the last that has a completion.
  public var seconds: [Second] = []

  /// Seconds from the first to the last client event.
  public var duration: Double { Double(to - from) / 1e9 }
}

extension Vitals {
  /// The vitals of a history; nemesis events are skipped. A completion without an invocation counts, without latency.
  public init(_ history: History) {
    var collector = VitalsCollector()
    for index in 0..<history.count {
      let process = history.process(at: index)
      if !process.isNemesis { collector.add(history, index, process) }
    }
    self = collector.vitals()
  }
}
