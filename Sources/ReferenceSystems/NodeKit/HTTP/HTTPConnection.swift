import NIOCore
import NIOHTTP1

/// Gathers the parts of each request and writes its response. While a response has not left, NIO's pipelining handler keeps
/// what it has read of further requests and reads no more: a client that sends requests and takes no answers holds the
/// memory of one answer.
final class HTTPConnection: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let limits: HTTPLimits
  private let handler: HTTPServer.Handler
  private var head: HTTPRequestHead?
  private var body: [UInt8] = []

  private init(limits: HTTPLimits, handler: @escaping HTTPServer.Handler) {
    self.limits = limits
    self.handler = handler
  }

  /// Makes a channel speak HTTP. To be called on its event loop.
  static func install(on channel: any Channel, limits: HTTPLimits, handler: @escaping HTTPServer.Handler) throws {
    let pipeline = channel.pipeline.syncOperations
    try pipeline.configureHTTPServerPipeline(withErrorHandling: false, withOutboundHeaderValidation: false)
    try pipeline.addHandler(MalformedRequests())
    try pipeline.addHandler(HTTPConnection(limits: limits, handler: handler))
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
    let responder = Responder { response in self.write(response, to: head, keepsAlive, context) }
    guard
      let request = ClientRequest(method: head.method, target: head.uri, headers: head.headers, body: body)
    else {
      return responder.respond(.error(.badRequest, "bad-target"))
    }
    handler(request, responder)
  }

  /// Answers before the body ends, and closes: the rest of it is not read.
  private func refuseBody(_ context: ChannelHandlerContext) {
    guard let head else { return }
    self.head = nil
    write(.error(.payloadTooLarge, "body-too-large"), to: head, false, context)
  }

  /// Writes one response, and closes the connection after it if the client or the answer wants so.
  private func write(
    _ response: ClientResponse, to request: HTTPRequestHead, _ keepsAlive: Bool, _ context: ChannelHandlerContext
  ) {
    guard context.channel.isActive else { return }
    var headers = HTTPHeaders()
    headers.add(name: "content-type", value: "application/json")
    headers.add(name: "content-length", value: String(response.body.count))
    if !keepsAlive { headers.add(name: "connection", value: "close") }
    let head = HTTPResponseHead(version: request.version, status: response.status, headers: headers)
    let left = context.eventLoop.makePromise(of: Void.self)
    left.futureResult.assumeIsolated().whenSuccess { self.finish(keepsAlive, context) }
    // RFC 9110 §9.3.2: HEAD is answered without the body whose length the head gives.
    let sent = request.method == .HEAD ? [] : response.body
    let body = context.channel.allocator.buffer(bytes: sent)
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(body))), promise: left)
  }

  /// The bytes of a response have left. Its end is no byte, but lets the next request in.
  private func finish(_ keepsAlive: Bool, _ context: ChannelHandlerContext) {
    guard keepsAlive else { return context.close(promise: nil) }
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
