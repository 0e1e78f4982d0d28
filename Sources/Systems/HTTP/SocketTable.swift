import CCurl
import Glibc

/// What libcurl wants to know of its sockets and when it wants to be called, kept for the wait loop.
///
/// A kept connection is watched, released and watched again with every request. Telling epoll each time would cost two
/// system calls a request, so a released socket stays registered until it makes a sound nobody asked for.
struct SocketTable: ~Copyable {
  struct Entry {
    /// The events that epoll was told; 0 if the socket is not registered.
    var registered: UInt32 = 0
    /// The events that libcurl wants; 0 if none.
    var wanted: UInt32 = 0
    /// Counts the sockets that bore this number: an event queued for an earlier one must not reach the next.
    var generation: UInt32 = 0
  }

  let poll: EventPoll
  /// Indexed by descriptor.
  private var entries: [Entry] = []
  /// When libcurl wants to be called without an event; `.max` if never.
  private(set) var timerNanoseconds = Int64.max

  init(poll: consuming EventPoll) { self.poll = poll }

  /// libcurl's wish for a socket: one of `CURL_POLL_*`.
  mutating func want(_ descriptor: Int32, _ what: Int32) {
    let index = Int(descriptor)
    while entries.count <= index { entries.append(Entry()) }
    let events = Self.events(of: what)
    entries[index].wanted = events
    guard events != 0, entries[index].registered != events else { return }
    let operation = entries[index].registered == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD
    if poll.control(operation, descriptor, events: events, tag: tag(descriptor)) == 0 {
      entries[index].registered = events
    }
  }

  /// Before a socket is closed. Removed explicitly: a child forked at this moment may hold a copy of the socket, which
  /// would keep it in the epoll set.
  mutating func forget(_ descriptor: Int32) {
    guard entries.indices.contains(Int(descriptor)) else { return }
    unregister(descriptor)
    entries[Int(descriptor)].wanted = 0
    entries[Int(descriptor)].generation &+= 1
  }

  /// The socket that an event is for, if it is open and libcurl wants the event.
  mutating func target(ofTag tag: UInt64) -> Int32? {
    let descriptor = Int32(truncatingIfNeeded: tag)
    let entry = entries[Int(descriptor)]
    guard entry.generation == UInt32(tag >> 32) else { return nil }
    guard entry.wanted != 0 else {
      quieten(descriptor)
      return nil
    }
    return descriptor
  }

  mutating func setTimer(milliseconds: Int) {
    timerNanoseconds =
      milliseconds < 0 ? .max : monotonicNanoseconds() &+ Int64(clamping: milliseconds).scaled(by: 1_000_000)
  }

  /// True once when the timer has run out; libcurl sets it anew when called.
  mutating func takeTimer(now: Int64) -> Bool {
    guard timerNanoseconds <= now else { return false }
    timerNanoseconds = .max
    return true
  }

  /// A kept connection made a sound while idle: it ended. libcurl checks a connection before using it again, but takes
  /// one with a pending error (RST) for sound, and would find out by sending. Once the error is fetched, it sees the end.
  private mutating func quieten(_ descriptor: Int32) {
    unregister(descriptor)
    var code: Int32 = 0
    var length = socklen_t(MemoryLayout<Int32>.size)
    _ = getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length)
  }

  private mutating func unregister(_ descriptor: Int32) {
    guard entries[Int(descriptor)].registered != 0 else { return }
    _ = poll.control(EPOLL_CTL_DEL, descriptor)
    entries[Int(descriptor)].registered = 0
  }

  private func tag(_ descriptor: Int32) -> UInt64 {
    UInt64(entries[Int(descriptor)].generation) << 32 | UInt64(UInt32(bitPattern: descriptor))
  }

  private static func events(of what: Int32) -> UInt32 {
    switch what {
    case CURL_POLL_IN: EPOLLIN.rawValue
    case CURL_POLL_OUT: EPOLLOUT.rawValue
    case CURL_POLL_INOUT: EPOLLIN.rawValue | EPOLLOUT.rawValue
    default: 0
    }
  }
}

extension Int64 {
  /// The product, or the greatest value if it does not fit a quarter of the range: sums with a clock stay in range.
  fileprivate func scaled(by factor: Int64) -> Int64 {
    let (product, overflow) = multipliedReportingOverflow(by: factor)
    return overflow ? Int64.max / 4 : Swift.min(product, Int64.max / 4)
  }
}
