import Glibc

/// The one clock of a run: nanoseconds of CLOCK_MONOTONIC since the run's origin.
///
/// Everything recorded carries its time, so that a history orders events of the client loop and of the nemesis alike.
public struct RunClock: Sendable {
  /// CLOCK_MONOTONIC at time 0 of the run, in nanoseconds.
  public let origin: Int64

  /// A run that begins now.
  public init() { origin = Self.monotonic() }

  /// Nanoseconds since the run's start.
  public var now: Int64 { Self.monotonic() - origin }

  /// The same moment on CLOCK_MONOTONIC.
  public func absolute(_ time: Int64) -> Int64 {
    let (sum, overflow) = time.addingReportingOverflow(origin)
    return overflow ? .max : sum
  }

  static func monotonic() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}
