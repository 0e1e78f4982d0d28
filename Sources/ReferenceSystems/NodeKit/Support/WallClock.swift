import Glibc

/// The clock of the machine, which may jump, and which other machines do not share.
enum WallClock {
  /// Since 1970.
  static var now: timespec {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    return now
  }

  /// Nanoseconds since 1970.
  static var nanoseconds: UInt64 {
    let now = now
    return UInt64(max(0, now.tv_sec)) * 1_000_000_000 + UInt64(max(0, now.tv_nsec))
  }
}
