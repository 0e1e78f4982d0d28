import NIOCore
import NIOHTTP1
import NIOPosix
import Testing

@testable import NodeKit

@Suite struct HTTPServerTests {
  /// Sends bytes on one connection and gives everything that came back until the server, or `enough`, ended it.
  private func exchange(
    _ request: String, limits: HTTPLimits = HTTPLimits(),
    handler: @escaping @Sendable (ClientRequest, Responder) -> Void
  ) async throws -> String {
    let test = TestLoop()
    let server = try await test.run {
      NIOLoopBound(HTTPServer(loop: test.loop, limits: limits, handler: handler), eventLoop: test.loop)
    }
    let endpoint = try await test.loop.flatSubmit { server.value.start(on: Endpoint(host: "127.0.0.1", port: 0)) }.get()
    let collected = test.loop.makePromise(of: String.self)
    let channel = try await ClientBootstrap(group: test.loop)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(Collector(collected))
        }
      }
      .connect(host: "127.0.0.1", port: endpoint.port).get()
    channel.writeAndFlush(ByteBuffer(string: request), promise: nil)
    let response = try await collected.futureResult.get()
    try await test.run { server.value.close() }
    try await test.stop()
    return response
  }

  private func echo(_ request: ClientRequest, _ responder: Responder) {
    let path = request.path.map { String(decoding: $0, as: UTF8.self) }
    responder.respond(
      ClientResponse(.ok, json: "\(request.method) \(path) \(String(decoding: request.body, as: UTF8.self))"))
  }

  @Test func requestsOfOneConnectionAreAnsweredInOrder() async throws {
    let response = try await exchange(
      "GET /a%2Fb/c?x=1 HTTP/1.1\r\nhost: x\r\n\r\nPUT /d HTTP/1.1\r\nhost: x\r\nconnection: close\r\n"
        + "content-length: 2\r\n\r\nhi", handler: echo)
    let bodies = response.split(separator: "\r\n").filter { $0.contains("[") }
    #expect(bodies.count == 2)
    #expect(bodies.first?.hasPrefix("GET [\"a/b\", \"c\"] ") == true)
    #expect(bodies.last == "PUT [\"d\"] hi")
  }

  @Test func headIsAnsweredWithoutABody() async throws {
    let response = try await exchange(
      "HEAD /a HTTP/1.1\r\nhost: x\r\n\r\nGET /b HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n", handler: echo)
    #expect(response.contains("content-length: 11\r\n\r\nHTTP/1.1 200 OK"), "\(response)")
    #expect(!response.contains("HEAD [") && response.contains("GET [\"b\"]"))
  }

  @Test func thousandsOfRequestsOfOneConnectionAreAnswered() async throws {
    let requests = (0..<3_000).map { "GET /\($0) HTTP/1.1\r\nhost: x\r\n\r\n" }.joined()
    let last = "GET /last HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
    let response = try await exchange(requests + last + "GET /behind HTTP/1.1\r\nhost: x\r\n\r\n", handler: echo)
    let bodies = response.split(separator: "\r\n").filter { $0.contains("[") }
    #expect(bodies.count == 3_001)
    #expect(bodies.last?.hasPrefix("GET [\"last\"]") == true, "nothing is answered behind the last request")
  }

  @Test func aLateAnswerHoldsBackTheNextRequest() async throws {
    let response = try await exchange(
      "GET /slow HTTP/1.1\r\nhost: x\r\n\r\nGET /fast HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
    ) { request, responder in
      guard request.path == [Array("slow".utf8)] else { return responder.respond(ClientResponse(.ok, json: "fast")) }
      let bound = NIOLoopBound(
        responder, eventLoop: MultiThreadedEventLoopGroup.currentEventLoop ?? NIOSingletons.posixEventLoopGroup.any())
      bound.eventLoop.scheduleTask(in: .milliseconds(20)) {
        bound.value.respond(ClientResponse(.ok, json: "slow"))
        bound.value.respond(ClientResponse(.ok, json: "twice"))
      }
    }
    let order = response.split(separator: "\r\n").compactMap { line in
      ["slow", "fast", "twice"].first { line.hasPrefix($0) }
    }
    #expect(order == ["slow", "fast"])
  }

  @Test func aBodyThatIsTooLargeIsRefused() async throws {
    var limits = HTTPLimits()
    limits.bodyBytesMax = 3
    let response = try await exchange(
      "PUT /a HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\n\r\n1234", limits: limits, handler: echo)
    #expect(response.hasPrefix("HTTP/1.1 413"))
  }

  @Test(arguments: ["GET /%zz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n", "garbage\r\n\r\n"])
  func badRequestsAreAnswered400(request: String) async throws {
    #expect(try await exchange(request, handler: echo).contains(" 400 "))
  }

  private final class Collector: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    private let promise: EventLoopPromise<String>
    private var text = ""

    init(_ promise: EventLoopPromise<String>) { self.promise = promise }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { text += String(buffer: unwrapInboundIn(data)) }
    func channelInactive(context: ChannelHandlerContext) { promise.succeed(text) }
  }
}

@Suite struct JSONTextTests {
  private func fields(_ text: String) throws -> [String] {
    try JSONText.scalarFields(Array(text.utf8)).map { "\($0.name)=\(String(decoding: $0.value, as: UTF8.self))" }
  }

  @Test func scalarsKeepTheirText() throws {
    #expect(
      try fields(" { \"a\" : -1.50e+3 , \"b\":\"x\\n\\u00e9\\\"\" ,\"c\":null}\n") == [
        "a=-1.50e+3", "b=\"x\\n\\u00e9\\\"\"", "c=null",
      ])
    #expect(try fields("{}") == [])
  }

  @Test(
    arguments: [
      "", "{", "[]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{\"a\":01}", "{\"a\":1.}", "{\"a\":.5}", "{\"a\":+1}",
      "{\"a\":tru}", "{\"a\":[1]}", "{\"a\":{}}", "{\"a\":\"\\x\"}", "{\"a\":\"\\u12g4\"}", "{\"a\":\"", "{\"a\":1}x",
      "{\"a\":\"\n\"}", "{a:1}", "{\"a\":-}", "{\"a\":1e}", "{\"a\":\"\\",
    ])
  func otherTextIsRefused(text: String) { #expect(throws: JSONTextError.self) { try fields(text) } }

  private func rows(_ text: String, rowsMax: Int = 3) throws -> [[String]] {
    try JSONText.scalarRows(Array(text.utf8), rowsMax: rowsMax).map { $0.map { String(decoding: $0, as: UTF8.self) } }
  }

  @Test func rowsOfScalarsKeepTheirText() throws {
    #expect(try rows(" [ [\"r\" , 1.50,null] ,[], [ true ] ]\n") == [["\"r\"", "1.50", "null"], [], ["true"]])
    #expect(try rows("[ ]") == [])
    #expect(throws: JSONTextError.self) { try rows("[[1],[2],[3]]", rowsMax: 2) }
  }

  @Test(
    arguments: [
      "", "{}", "[", "[[]", "[1]", "[[1],]", "[[1]", "[[1,]]", "[[1 2]]", "[[[1]]]", "[[{}]]", "[[1]]x", "[[1}]",
      "[[,1]]",
    ])
  func otherRowsAreRefused(text: String) { #expect(throws: JSONTextError.self) { try rows(text) } }

  @Test func invalidUTF8IsRefused() {
    let bytes = Array("{\"a\":\"".utf8) + [0xFF] + Array("\"}".utf8)
    #expect(throws: JSONTextError.self) { try JSONText.scalarFields(bytes) }
  }

  @Test func quotingEscapes() { #expect(JSONText.quoted("a\"\\\n\u{1}é") == "\"a\\\"\\\\\\n\\u0001é\"") }

  @Test(arguments: [("127.0.0.1:80", "127.0.0.1:80"), ("[::1]:8", "[::1]:8"), ("n1:0", "n1:0")])
  func endpointsAreRead(text: String, description: String) { #expect(Endpoint(text)?.description == description) }

  @Test(arguments: ["", "host", ":80", "host:", "host:x", "host:65536", "::1:80", "host:-1"])
  func otherEndpointsAreRefused(text: String) { #expect(Endpoint(text) == nil) }
}
