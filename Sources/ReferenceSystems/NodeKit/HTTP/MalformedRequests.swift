import NIOCore
import NIOHTTP1

/// Answers what is no HTTP with 400 and a JSON error, as every other refusal, where no other answer has begun. The decoder
/// closes the connection when the error has gone through.
final class MalformedRequests: ChannelDuplexHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundIn = HTTPServerResponsePart
  typealias OutboundOut = HTTPServerResponsePart

  /// Whether an answer's head has left, and its end not.
  private var isAnswering = false

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    switch unwrapOutboundIn(data) {
    case .head: isAnswering = true
    case .body: break
    case .end: isAnswering = false
    }
    context.write(data, promise: promise)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    if error is HTTPParserError, !isAnswering { refuse(context) }
    context.fireErrorCaught(error)
  }

  private func refuse(_ context: ChannelHandlerContext) {
    let response = ClientResponse.error(.badRequest, "malformed-http")
    let headers = HTTPHeaders([
      ("content-type", "application/json"), ("content-length", String(response.body.count)), ("connection", "close"),
    ])
    let head = HTTPResponseHead(version: .http1_1, status: response.status, headers: headers)
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    let body = context.channel.allocator.buffer(bytes: response.body)
    context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
  }
}
