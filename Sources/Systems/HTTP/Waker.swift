import CCurl
import Glibc

/// Ends the driver's `wait` early, from any thread.
///
/// Wakes are not counted: any number before a `wait` end that one `wait`. The descriptor lives as long as the waker, so
/// a late `wake` after the driver's end is harmless.
public final class Waker: Sendable {
  let descriptor: Int32

  init() throws(HTTPDriverError) {
    descriptor = ccurl_eventfd()
    guard descriptor >= 0 else { throw .system(call: "eventfd", errno: errno) }
  }

  deinit { close(descriptor) }

  public func wake() {
    // Fails only if 2^64 - 1 wakes are pending, and then the wait ends anyway.
    var one: UInt64 = 1
    _ = write(descriptor, &one, MemoryLayout<UInt64>.size)
  }

  /// Forgets the pending wakes.
  func drain() {
    var count: UInt64 = 0
    _ = read(descriptor, &count, MemoryLayout<UInt64>.size)
  }
}
