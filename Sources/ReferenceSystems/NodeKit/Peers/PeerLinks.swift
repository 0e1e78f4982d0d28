import Logging
import NIOCore
import NIOPosix

/// Bounds and times of the links between servers.
public struct PeerLimits: Sendable {
  /// A longer frame ends the connection.
  public var frameBytesMax = 64 << 20
  /// Messages to one peer that wait for its connection; the oldest is dropped and counted.
  public var queuedMessagesMax = 1024
  /// Bytes of those messages.
  public var queuedBytesMax = 16 << 20
  /// About this much is written to a socket at once.
  public var writeBytesMax = 256 << 10
  /// How often the sender asks the peer for a sign of life.
  public var pingInterval = TimeAmount.milliseconds(100)
  /// A connection without a sign of life for so long is replaced.
  public var livenessTimeout = TimeAmount.milliseconds(350)
  /// An attempt to connect is given up after it; less than a liveness time-out, as SYNs may vanish in a partition.
  public var connectTimeout = TimeAmount.milliseconds(200)
  /// Wait before the next attempt to connect: doubles from the least to the most.
  public var backoffMin = TimeAmount.milliseconds(10)
  /// With ``connectTimeout`` it bounds how late the end of a partition is noticed.
  public var backoffMax = TimeAmount.milliseconds(120)
  /// An incoming connection without a frame for so long is closed.
  public var incomingIdleTimeout = TimeAmount.seconds(3)

  /// Bounds and times for servers in one network.
  public init() {}
}

/// Messages between the servers of a cluster over TCP. Each server opens one connection to each peer and sends on it;
/// it receives on those that its peers open. Messages arrive in order and at most once, or not at all.
///
/// Lives on one event loop.
public final class PeerLinks {
  /// Takes a message of a peer.
  public typealias Receiver = (_ from: UInt32, _ message: [UInt8]) -> Void

  private let id: UInt32
  private let loop: any EventLoop
  private let limits: PeerLimits
  private let logger: Logger
  private let receiver: Receiver
  private var outgoing: [UInt32: OutgoingLink] = [:]
  private var incoming: [ObjectIdentifier: IncomingLink] = [:]
  private var listener: (any Channel)?
  private var ticker: RepeatedTask?

  /// To be created on `loop`. Peers' names are looked up here.
  /// - Parameter source: the address that outgoing connections come from; the listener's, so that rules by address see
  ///   both directions alike.
  /// - Throws: if an address cannot be resolved.
  public init(
    id: UInt32, peers: [UInt32: Endpoint], source: Endpoint?, loop: any EventLoop, limits: PeerLimits = PeerLimits(),
    logger: Logger, receiver: @escaping Receiver
  ) throws {
    loop.preconditionInEventLoop()
    self.id = id
    self.loop = loop
    self.limits = limits
    self.logger = logger
    self.receiver = receiver
    let source = try source.map { try Endpoint(host: $0.host, port: 0).resolved() }
    for (peer, endpoint) in peers where peer != id {
      outgoing[peer] = OutgoingLink(
        from: id, to: peer, at: try endpoint.resolved(), source: source, loop: loop, limits: limits, logger: logger)
    }
  }

  /// Listens and starts to connect. The future gives the address that was bound, and fails with ``BindFailure``.
  public func start(on endpoint: Endpoint) -> EventLoopFuture<Endpoint> {
    let links = NIOLoopBound(self, eventLoop: loop)
    let bootstrap = ServerBootstrap(group: loop)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try links.value.adopt(channel) }
      }
    return bootstrap.bind(host: endpoint.host, port: endpoint.port)
      .flatMapErrorThrowing { throw BindFailure(purpose: "peers", endpoint: endpoint, reason: "\($0)") }
      .map { channel in
        links.value.listening(channel)
        return Endpoint(host: endpoint.host, port: channel.localAddress?.port ?? endpoint.port)
      }
  }

  /// The listener is up: starts to connect, and to look after connections.
  private func listening(_ channel: any Channel) {
    listener = channel
    for link in outgoing.values { link.connect() }
    let links = NIOLoopBound(self, eventLoop: loop)
    ticker = loop.scheduleRepeatedTask(initialDelay: limits.pingInterval, delay: limits.pingInterval) { _ in
      links.value.checkLiveness()
    }
  }

  /// Queues a message; ``flush()`` sends it. A message to an unknown peer is dropped.
  public func send(_ message: [UInt8], to peer: UInt32) { outgoing[peer]?.send(message) }

  /// Writes what is queued.
  public func flush() {
    for link in outgoing.values { link.flush() }
  }

  /// Messages that were dropped because a peer could not be reached for too long.
  public var droppedCount: Int { outgoing.values.reduce(0) { $0 + $1.droppedCount } }

  /// Connections made to a peer so far.
  public func connectionCount(to peer: UInt32) -> Int { outgoing[peer]?.connectionCount ?? 0 }

  /// Whether messages to a peer leave at once.
  public func isConnected(to peer: UInt32) -> Bool { outgoing[peer]?.isReady ?? false }

  /// Closes all connections and makes no more.
  public func close() {
    ticker?.cancel()
    listener?.close(promise: nil)
    for link in outgoing.values { link.close() }
    for link in incoming.values { link.channel.close(promise: nil) }
  }

  /// Replaces outgoing connections without a sign of life and closes incoming ones.
  private func checkLiveness() {
    for link in outgoing.values { link.checkLiveness() }
    for link in incoming.values where NIODeadline.now() - link.lastHeard > limits.incomingIdleTimeout {
      link.channel.close(promise: nil)
    }
  }
}

/// A connection that a peer opened.
private final class IncomingLink {
  let channel: any Channel
  /// Whose it is; nil before the hello.
  var peer: UInt32?
  /// When the last frame came.
  var lastHeard = NIODeadline.now()

  init(_ channel: any Channel) { self.channel = channel }
}

extension PeerLinks {
  /// Takes an incoming connection; it says with its hello whose it is.
  private func adopt(_ channel: any Channel) throws {
    let link = IncomingLink(channel)
    incoming[ObjectIdentifier(channel)] = link
    let handler = PeerFrameHandler(frameBytesMax: limits.frameBytesMax, readComplete: {}) { [weak self] kind, payload in
      self?.received(kind, payload, on: link)
    }
    try channel.pipeline.syncOperations.addHandler(handler)
    let links = NIOLoopBound(self, eventLoop: loop)
    let id = ObjectIdentifier(channel)
    channel.closeFuture.whenComplete { _ in links.value.incoming[id] = nil }
  }

  /// One frame. A message before the hello is a stranger's.
  private func received(_ kind: PeerFrame.Kind, _ payload: ByteBuffer, on link: IncomingLink) {
    link.lastHeard = .now()
    switch kind {
    case .hello:
      greet(payload, on: link)
    case .message:
      guard let peer = link.peer else { return link.channel.close(promise: nil) }
      receiver(peer, Array(payload.readableBytesView))
    case .ping:
      pong(link.channel)
    case .pong:
      break
    }
  }

  /// A peer has one connection: an older one is what a partition or a restart left behind.
  private func greet(_ payload: ByteBuffer, on link: IncomingLink) {
    guard let (from, to) = PeerFrame.readHello(payload), to == id, outgoing[from] != nil else {
      logger.warning("refused a connection that is not from a peer of this server")
      return link.channel.close(promise: nil)
    }
    for older in incoming.values where older.peer == from && older !== link { older.channel.close(promise: nil) }
    link.peer = from
    pong(link.channel)
  }

  /// Shows the peer that this side reads.
  private func pong(_ channel: any Channel) {
    var buffer = channel.allocator.buffer(capacity: 5)
    PeerFrame.append(.pong, [], to: &buffer)
    channel.writeAndFlush(buffer, promise: nil)
  }
}
