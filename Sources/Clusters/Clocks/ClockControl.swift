/// How far, and how much faster, a node's clock of day runs than the true one.
public struct ClockSkew: Hashable, Sendable, Codable {
  /// Ahead of the true time at the moment when the skew is set; negative: behind.
  public var offsetNanoseconds: Int64
  /// Gained on the true time from then on, in millionths of it: 500,000 is a clock that runs at 1.5×; negative: slower.
  public var ratePPM: Int64

  /// The true clock.
  public static let none = ClockSkew()
  /// A year either way: a skewed time stays after 1970.
  public static let offsetNanosecondsMax: Int64 = 366 * 86_400 * 1_000_000_000
  /// From almost standing still to ten times as fast.
  public static let ratePPMLimits: ClosedRange<Int64> = -990_000...9_000_000

  public init(offsetNanoseconds: Int64 = 0, ratePPM: Int64 = 0) {
    self.offsetNanoseconds = offsetNanoseconds
    self.ratePPM = ratePPM
  }

  var isNone: Bool { self == .none }
}

/// What the clock code in one process's memory gave just before and just after a skew was set.
public struct ClockStep: Hashable, Sendable {
  public var pid: Int32
  /// Ahead of the host's clock, in nanoseconds; zero where the process had the kernel's own code.
  public var before: Int64
  public var after: Int64

  public init(pid: Int32, before: Int64, after: Int64) {
    self.pid = pid
    self.before = before
    self.after = after
  }

  /// The jump that the process's clock made.
  public var change: Int64 { after - before }
}

/// How far one process's clock of day is ahead of the host's.
public struct ClockReading: Hashable, Sendable {
  public var pid: Int32
  public var aheadNanoseconds: Int64

  public init(pid: Int32, aheadNanoseconds: Int64) {
    self.pid = pid
    self.aheadNanoseconds = aheadNanoseconds
  }
}

/// Setting the clock of day (CLOCK_REALTIME and its kin) of single nodes; the host's and the monotonic clocks stay as
/// they are.
///
/// A node's skew is the node's, not its processes': those that it starts later have it from their first instruction on.
public protocol ClockControl: Sendable {
  /// Makes `skew` what `owner` adds to the node's clock from now on; `.none` takes that back. Skews of several owners
  /// add up.
  ///
  /// Returns a step for each process of the node: empty where none runs, and when nothing was to be done.
  ///
  /// - Throws: `ClusterError`; the node's skew is then what it was, as far as its processes could be reached.
  func set(_ node: String, _ skew: ClockSkew, by owner: String) async throws -> [ClockStep]
  /// The clock of each of the node's processes as it is now, in order of their numbers.
  func measure(_ node: String) async throws -> [ClockReading]
}
