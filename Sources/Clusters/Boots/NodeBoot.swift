import Glibc
import Synchronization

/// When a node's machine was started last, as its processes are to find it.
final class NodeBoot: Sendable {
  private enum Moment {
    /// With the machine's own clocks.
    case never
    /// The next start is the boot.
    case next(uptimeNanoseconds: Int64)
    case past(ClockOffsets)
  }

  private let moment = Mutex(Moment.never)

  func begin(uptimeNanoseconds: Int64) { moment.withLock { $0 = .next(uptimeNanoseconds: uptimeNanoseconds) } }

  /// For a process that is started now; nil: the machine's clocks.
  func offsets() -> ClockOffsets? {
    moment.withLock { moment in
      switch moment {
      case .never: return nil
      case .past(let offsets): return offsets
      case .next(let uptime):
        let offsets = ClockOffsets(
          monotonic: uptime - Self.now(CLOCK_MONOTONIC), boot: uptime - Self.now(CLOCK_BOOTTIME))
        moment = .past(offsets)
        return offsets
      }
    }
  }

  /// A clock of the machine, in nanoseconds.
  static func now(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}
