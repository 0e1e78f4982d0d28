import NIOCore
import NIOPosix

/// Bounds on what clients may send.
public struct HTTPLimits: Sendable {
  /// Larger bodies are answered 413 and the connection is closed.
  public var bodyBytesMax = 1 << 20
  /// Further connections are closed at once.
  public var connectionsMax = 4096

  /// Bounds for small requests of some thousand clients.
  public init() {}
}

/// An HTTP/1.1 server on one event loop: keep-alive, pipelining (one request of a connection at a time, in order, the next one
/// when the answer to the one before was handed to the kernel).
///
/// Lives on its event loop, as does its handler.
public final class HTTPServer {
  /// Handles a request. The answer goes to the responder, now or later.
  public typealias Handler = (ClientRequest, Responder) -> Void

  private let loop: any EventLoop
  private let limits: HTTPLimits
  private let handler: Handler
  private var listener: (any Channel)?
  private var connections: [ObjectIdentifier: any Channel] = [:]

  /// To be created on `loop`.
  public init(loop: any EventLoop, limits: HTTPLimits = HTTPLimits(), handler: @escaping Handler) {
    loop.preconditionInEventLoop()
    self.loop = loop
    self.limits = limits
    self.handler = handler
  }

  /// Starts to listen. The future gives the address that was bound, and fails with ``BindFailure``.
  public func start(on endpoint: Endpoint) -> EventLoopFuture<Endpoint> {
    let server = NIOLoopBound(self, eventLoop: loop)
    let bootstrap = ServerBootstrap(group: loop)
      .serverChannelOption(.backlog, value: 1024)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try server.value.adopt(channel) }
      }
    return bootstrap.bind(host: endpoint.host, port: endpoint.port)
      .flatMapErrorThrowing { throw BindFailure(purpose: "clients", endpoint: endpoint, reason: "\($0)") }
      .map { channel in
        server.value.listener = channel
        return Endpoint(host: endpoint.host, port: channel.localAddress?.port ?? endpoint.port)
      }
  }

  /// Closes the listener and every connection.
  public func close() {
    listener?.close(promise: nil)
    for channel in connections.values { channel.close(promise: nil) }
  }

  /// Sets up a connection, or closes it when there are too many.
  private func adopt(_ channel: any Channel) throws {
    guard connections.count < limits.connectionsMax else {
      channel.close(promise: nil)
      return
    }
    connections[ObjectIdentifier(channel)] = channel
    let server = NIOLoopBound(self, eventLoop: loop)
    let id = ObjectIdentifier(channel)
    channel.closeFuture.whenComplete { _ in server.value.connections[id] = nil }
    try HTTPConnection.install(on: channel, limits: limits, handler: handler)
  }
}
