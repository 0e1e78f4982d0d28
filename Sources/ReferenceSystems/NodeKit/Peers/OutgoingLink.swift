import Logging
import NIOCore
import NIOPosix

/// The connection that carries this server's messages to one peer, for ever: when it breaks or stalls it is replaced.
///
/// A frame is written to at most one connection, so the network can lose it but never repeat it. Frames wait in a
/// bounded queue until the peer has answered the hello; when the queue is full the oldest goes, because in every protocol
/// with retries the newest message is worth the most.
///
/// Lives on the event loop of its ``PeerLinks``.
final class OutgoingLink {
  private enum State {
    case idle
    case connecting
    /// The peer has not answered the hello yet.
    case greeting(any Channel)
    case ready(any Channel)
  }

  private let peer: UInt32
  private let hello: [UInt8]
  private let address: SocketAddress
  private let source: SocketAddress?
  private let loop: any EventLoop
  private let limits: PeerLimits
  private var logger: Logger

  private var state = State.idle
  /// When the peer last answered.
  private var lastHeard = NIODeadline.uptimeNanoseconds(0)
  /// Wait before the next attempt to connect.
  private var backoff: TimeAmount
  private var queue = CircularBuffer<[UInt8]>()
  /// Sum over `queue`.
  private var queuedBytes = 0
  private var isClosed = false
  /// Messages that fell out of the queue.
  private(set) var droppedCount = 0
  /// How often a connection to the peer was made.
  private(set) var connectionCount = 0

  init(
    from: UInt32, to peer: UInt32, at address: SocketAddress, source: SocketAddress?, loop: any EventLoop,
    limits: PeerLimits, logger: Logger
  ) {
    self.peer = peer
    self.address = address
    self.source = source
    self.loop = loop
    self.limits = limits
    self.logger = logger
    self.logger[metadataKey: "peer"] = "\(peer)"
    hello = PeerFrame.hello(from: from, to: peer)
    backoff = limits.backoffMin
  }

  /// Whether the peer has answered the hello.
  var isReady: Bool {
    if case .ready = state { return true }
    return false
  }

  /// The connection, if there is one.
  private var channel: (any Channel)? {
    switch state {
    case .idle, .connecting: nil
    case .greeting(let channel), .ready(let channel): channel
    }
  }

  /// Queues a message; ``flush()`` sends it.
  func send(_ message: [UInt8]) {
    queue.append(message)
    queuedBytes += message.count
    while queue.count > limits.queuedMessagesMax || queuedBytes > limits.queuedBytesMax {
      guard let oldest = queue.popFirst() else { return }
      queuedBytes -= oldest.count
      droppedCount += 1
    }
  }

  /// Writes what is queued, as far as the socket takes it.
  func flush() {
    guard case .ready(let channel) = state, !queue.isEmpty else { return }
    while channel.isWritable, !queue.isEmpty {
      var buffer = channel.allocator.buffer(capacity: min(queuedBytes + 5 * queue.count, limits.writeBytesMax))
      while buffer.readableBytes < limits.writeBytesMax, let message = queue.popFirst() {
        queuedBytes -= message.count
        PeerFrame.append(.message, message, to: &buffer)
      }
      channel.writeAndFlush(buffer, promise: nil)
    }
  }

  /// Makes a connection, if there is none and none is being made.
  func connect() {
    guard case .idle = state, !isClosed else { return }
    state = .connecting
    let link = NIOLoopBound(self, eventLoop: loop)
    let bytesMax = limits.frameBytesMax
    var bootstrap = ClientBootstrap(group: loop)
      .connectTimeout(limits.connectTimeout)
      .channelOption(.tcpOption(.tcp_nodelay), value: 1)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let handler = PeerFrameHandler(frameBytesMax: bytesMax, readComplete: { link.value.flush() }) { kind, _ in
            link.value.received(kind)
          }
          try channel.pipeline.syncOperations.addHandler(handler)
        }
      }
    if let source { bootstrap = bootstrap.bind(to: source) }
    bootstrap.connect(to: address).whenComplete { result in
      switch result {
      case .success(let channel): link.value.connected(channel)
      case .failure: link.value.disconnected(nil)
      }
    }
  }

  /// TCP is connected: says hello, and waits to be recognised.
  private func connected(_ channel: any Channel) {
    guard !isClosed else { return channel.close(promise: nil) }
    state = .greeting(channel)
    connectionCount += 1
    lastHeard = .now()
    let link = NIOLoopBound(self, eventLoop: loop)
    channel.closeFuture.whenComplete { _ in link.value.disconnected(channel) }
    write(.hello, hello, to: channel)
  }

  /// A pong: the first one makes the connection ready.
  private func received(_ kind: PeerFrame.Kind) {
    guard kind == .pong else { return }
    lastHeard = .now()
    backoff = limits.backoffMin
    if case .greeting(let channel) = state {
      state = .ready(channel)
      logger.info("peer link is up")
      flush()
    }
  }

  /// Called each ``PeerLimits/pingInterval``: asks for a sign of life and gives up a connection that shows none. TCP
  /// alone would wait for its retransmission time-out, which has grown to seconds when a partition ends.
  func checkLiveness() {
    guard let channel else { return }
    if NIODeadline.now() - lastHeard > limits.livenessTimeout {
      abandon(channel)
    } else if case .ready = state {
      write(.ping, [], to: channel)
    }
  }

  /// Drops a connection without waiting for its close to complete.
  private func abandon(_ channel: any Channel) {
    disconnected(channel)
    channel.close(promise: nil)
  }

  /// A connection, or the attempt to make one, has ended: plans the next attempt.
  private func disconnected(_ channel: (any Channel)?) {
    if let channel, channel !== self.channel { return }
    if isReady { logger.info("peer link is down", metadata: ["dropped": "\(droppedCount)"]) }
    state = .idle
    guard !isClosed else { return }
    loop.assumeIsolated().scheduleTask(in: backoff) { self.connect() }
    backoff = min(backoff * 2, limits.backoffMax)
  }

  /// Writes a frame that belongs to the link itself, ahead of the queue.
  private func write(_ kind: PeerFrame.Kind, _ payload: [UInt8], to channel: any Channel) {
    var buffer = channel.allocator.buffer(capacity: payload.count + 5)
    PeerFrame.append(kind, payload, to: &buffer)
    channel.writeAndFlush(buffer, promise: nil)
  }

  /// Ends the link for good.
  func close() {
    isClosed = true
    channel?.close(promise: nil)
  }
}
