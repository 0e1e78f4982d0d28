import NIOCore
import NIOHTTP1
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

/// An HTTP/1.1 server on one event loop: keep-alive, pipelining (one request of a connection at a time, in order).
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
    try channel.pipeline.syncOperations.configureHTTPServerPipeline(withOutboundHeaderValidation: false)
    try channel.pipeline.syncOperations.addHandler(HTTPConnection(limits: limits, handler: handler))
  }
}

/// Gathers the parts of each request and writes its response.
private final class HTTPConnection: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let limits: HTTPLimits
  private let handler: HTTPServer.Handler
  private var head: HTTPRequestHead?
  private var body: [UInt8] = []

  init(limits: HTTPLimits, handler: @escaping HTTPServer.Handler) {
    self.limits = limits
    self.handler = handler
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head):
      self.head = head
      body.removeAll(keepingCapacity: true)
    case .body(let part):
      guard head != nil else { return }
      guard body.count + part.readableBytes <= limits.bodyBytesMax else { return refuseBody(context) }
      body.append(contentsOf: part.readableBytesView)
    case .end:
      guard let head else { return }
      self.head = nil
      handle(head, context)
    }
  }

  /// A request is complete. Its responder outlives it until the handler answers.
  private func handle(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
    let keepsAlive = head.isKeepAlive
    let responder = Responder { response in self.write(response, version: head.version, keepsAlive, context) }
    guard
      let request = ClientRequest(method: head.method, target: head.uri, headers: head.headers, body: body)
    else {
      return responder.respond(.error(.badRequest, "bad-target"))
    }
    handler(request, responder)
  }

  /// Answers before the body ends, and closes: the rest of it is not read.
  private func refuseBody(_ context: ChannelHandlerContext) {
    guard let version = head?.version else { return }
    head = nil
    write(.error(.payloadTooLarge, "body-too-large"), version: version, false, context)
  }

  /// Writes one response, and closes the connection after it if the client or the answer wants so.
  private func write(
    _ response: ClientResponse, version: HTTPVersion, _ keepsAlive: Bool, _ context: ChannelHandlerContext
  ) {
    guard context.channel.isActive else { return }
    var headers = HTTPHeaders()
    headers.add(name: "content-type", value: "application/json")
    headers.add(name: "content-length", value: String(response.body.count))
    if !keepsAlive { headers.add(name: "connection", value: "close") }
    let head = HTTPResponseHead(version: version, status: response.status, headers: headers)
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    context.write(
      wrapOutboundOut(.body(.byteBuffer(context.channel.allocator.buffer(bytes: response.body)))), promise: nil)
    let channel = context.channel
    let written = keepsAlive ? nil : context.eventLoop.makePromise(of: Void.self)
    written?.futureResult.whenComplete { _ in channel.close(promise: nil) }
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: written)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
