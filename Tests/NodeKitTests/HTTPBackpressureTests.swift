import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

@testable import NodeKit

/// A client that sends requests and does not take their answers.
@Suite struct HTTPBackpressureTests {
  /// Lets nothing leave until it is told to.
  private final class FullSocket: ChannelOutboundHandler {
    typealias OutboundIn = IOData
    private var waiting: [EventLoopPromise<Void>] = []

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
      if let promise { waiting.append(promise) }
    }

    func drain() {
      let waiting = self.waiting
      self.waiting = []
      for promise in waiting { promise.succeed() }
    }
  }

  @Test func theNextRequestWaitsUntilTheAnswerHasLeft() throws {
    let channel = EmbeddedChannel()
    let socket = FullSocket()
    try channel.pipeline.syncOperations.addHandler(socket)
    var handled = 0
    try HTTPConnection.install(on: channel, limits: HTTPLimits()) { _, responder in
      handled += 1
      responder.respond(ClientResponse(.ok, json: "1"))
    }
    try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    let requests = 100
    try channel.writeInbound(
      ByteBuffer(string: String(repeating: "GET / HTTP/1.1\r\nhost: x\r\n\r\n", count: requests)))
    for count in 1...requests {
      #expect(handled == count)
      socket.drain()
    }
    #expect(handled == requests)
    _ = try channel.finish(acceptAlreadyClosed: true)
  }
}
