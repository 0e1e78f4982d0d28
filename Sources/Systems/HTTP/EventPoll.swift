import CCurl
import Glibc

/// One epoll instance and the buffer that it reports into.
struct EventPoll: ~Copyable {
  private let descriptor: Int32
  private let events: UnsafeMutablePointer<epoll_event>
  /// Events taken in one call; more stay in the kernel for the next one.
  private static let eventsMax = 64
  /// Waits in whole milliseconds, where the kernel lacks `epoll_pwait2` (before Linux 5.11) or forbids it.
  private let isCoarse: Bool

  /// - Parameter coarse: nil asks the kernel.
  init(coarse: Bool? = nil) throws(HTTPDriverError) {
    descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
    guard descriptor >= 0 else { throw .system(call: "epoll_create1", errno: errno) }
    events = .allocate(capacity: Self.eventsMax)
    var none = timespec()
    isCoarse = coarse ?? (epoll_pwait2(descriptor, events, 1, &none, nil) < 0)
  }

  deinit {
    close(descriptor)
    events.deallocate()
  }

  /// Adds, changes or removes the interest in a descriptor; `tag` comes back with its events. Returns 0 or an errno.
  func control(_ operation: Int32, _ target: Int32, events: UInt32 = 0, tag: UInt64 = 0) -> Int32 {
    ccurl_epoll_control(descriptor, operation, target, events, tag) == 0 ? 0 : errno
  }

  /// Waits at most so long; 0 looks and returns. The number of events, 0 also if a signal came.
  func wait(nanoseconds: Int64) throws(HTTPDriverError) -> Int {
    let count = isCoarse ? waitCoarsely(nanoseconds) : waitFinely(nanoseconds)
    if count >= 0 { return Int(count) }
    guard errno == EINTR else { throw .system(call: "epoll_wait", errno: errno) }
    return 0
  }

  func event(_ index: Int) -> (tag: UInt64, events: UInt32) {
    (events[index].data.u64, events[index].events)
  }

  private func waitFinely(_ nanoseconds: Int64) -> Int32 {
    var span = timespec(tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
    return epoll_pwait2(descriptor, events, Int32(Self.eventsMax), &span, nil)
  }

  private func waitCoarsely(_ nanoseconds: Int64) -> Int32 {
    let milliseconds = nanoseconds / 1_000_000 + (nanoseconds % 1_000_000 == 0 ? 0 : 1)
    return epoll_wait(descriptor, events, Int32(Self.eventsMax), Int32(clamping: milliseconds))
  }
}

/// Nanoseconds of `CLOCK_MONOTONIC`, the clock of every stamp and deadline here.
func monotonicNanoseconds() -> Int64 {
  var now = timespec()
  clock_gettime(CLOCK_MONOTONIC, &now)
  return Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec)
}
