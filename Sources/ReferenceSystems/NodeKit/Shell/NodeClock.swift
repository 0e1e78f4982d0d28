import NIOCore

/// The clock by which a server measures time-outs and leases.
public enum NodeClock: String, CaseIterable, Sendable {
  /// Nobody can set it, and it runs at one rate on all machines, nearly.
  case monotonic
  /// The clock of day, as systems took that knew no other. It jumps and drifts; where it jumps back, time stands still
  /// for the server until it has caught up.
  case realtime

  /// Nanoseconds since some moment.
  var nanoseconds: UInt64 {
    switch self {
    case .monotonic: NIODeadline.now().uptimeNanoseconds
    case .realtime: WallClock.nanoseconds
    }
  }
}

/// A server's time: as its clock tells it, but never back, on which the protocol cores rely.
struct NodeTime {
  let clock: NodeClock
  private var latest: UInt64 = 0

  init(_ clock: NodeClock) { self.clock = clock }

  /// Nanoseconds since some moment.
  mutating func now() -> UInt64 { advance(to: clock.nanoseconds) }

  /// What the time is when the clock shows `reading`.
  mutating func advance(to reading: UInt64) -> UInt64 {
    latest = max(latest, reading)
    return latest
  }
}
