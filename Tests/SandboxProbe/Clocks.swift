import Glibc

/// One reading of each clock that a program can ask for the time of day, and of the monotonic one; nanoseconds.
struct Clocks: CustomStringConvertible {
  let realtime = Self.read(CLOCK_REALTIME)
  let monotonic = Self.read(CLOCK_MONOTONIC)
  let coarse = Self.read(CLOCK_REALTIME_COARSE)
  let timeOfDay: Int64 = {
    var now = timeval()
    gettimeofday(&now, nil)
    return Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_usec) * 1000
  }()
  let seconds = Int64(time(nil)) * 1_000_000_000

  /// In the order of the properties, separated by spaces.
  var description: String { "\(realtime) \(monotonic) \(coarse) \(timeOfDay) \(seconds)" }

  private static func read(_ clock: clockid_t) -> Int64 {
    var now = timespec()
    clock_gettime(clock, &now)
    return Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec)
  }
}
