import NIOCore

/// Tells when a run of input is over: `action` is called once on the event loop after everything that was ready to be
/// read has been handled, however many times ``inputArrived()`` was called. What happens per batch instead of per
/// message (one disk record, one message per peer, one flush per socket) is what makes a busy server cheap.
///
/// Lives on one event loop.
public final class BatchGate {
  private let loop: NIOIsolatedEventLoop
  private let action: () -> Void
  private var isPlanned = false

  /// To be created on `loop`.
  public init(loop: any EventLoop, action: @escaping () -> Void) {
    self.loop = loop.assumeIsolated()
    self.action = action
  }

  /// Makes sure that `action` follows.
  public func inputArrived() {
    guard !isPlanned else { return }
    isPlanned = true
    // The loop runs its tasks after the input of all ready sockets.
    loop.execute {
      self.isPlanned = false
      self.action()
    }
  }
}
