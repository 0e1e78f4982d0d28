import EvilServer
import Systems
import Testing

/// Whole responses in their many shapes.
@Suite(.timeLimit(.minutes(1)))
struct ResponseTests {
  @Test(arguments: [
    ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", 200, "ok"),
    ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\no\r\n1\r\nk\r\n0\r\nTrailer: t\r\n\r\n", 200, "ok"),
    ("HTTP/1.0 200 OK\r\n\r\nok", 200, "ok"),
    ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", 200, "ok"),
    ("HTTP/1.1 103 Early\r\nField: early\r\n\r\nHTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n", 404, ""),
    ("HTTP/1.1 204 None\r\n\r\n", 204, ""), ("HTTP/1.1 304 Same\r\nContent-Length: 9\r\n\r\n", 304, ""),
    ("HTTP/1.1 503 Busy\r\nContent-Length: 2\r\n\r\nno", 503, "no"),
    ("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nok", 200, "ok"),
  ])
  func complete(_ text: String, _ status: Int, _ body: String) throws {
    let server = try EvilServer(script: EvilServer.sends(text))
    let response = try perform(.get(server.url("/"))).response
    #expect(response?.status == status)
    #expect(response.map { String(decoding: $0.body, as: UTF8.self) } == body)
    #expect(response?.headers["field"] == nil)
    server.finish()
  }

  @Test func headers() throws {
    let fields = "Content-TYPE:  application/json \r\nETag: \"a:b\"\r\nVia: one\r\nvia: two\r\nEmpty:\r\n"
    let server = try EvilServer(script: EvilServer.sends("HTTP/1.1 200 OK\r\n\(fields)Content-Length: 0\r\n\r\n"))
    let headers = try perform(.get(server.url("/"))).response?.headers
    #expect(headers?["content-type"] == "application/json")
    #expect(headers?["ETAG"] == "\"a:b\"")
    #expect(headers?["via"] == "one")
    #expect(headers?.values(of: "Via") == ["one", "two"])
    #expect(headers?["empty"] == "")
    #expect(headers?["absent"] == nil)
    #expect(headers?.fields.map(\.name) == ["Content-TYPE", "ETag", "Via", "via", "Empty", "Content-Length"])
    server.finish()
  }

  @Test func headersFromFields() {
    let headers = HTTPHeaders([HTTPHeader("A", "1"), HTTPHeader("B", "2: 3")])
    #expect(headers["b"] == "2: 3")
    #expect(headers.fields == [HTTPHeader("A", "1"), HTTPHeader("B", "2: 3")])
  }

  @Test func headHasNoBody() throws {
    let server = try EvilServer(script: EvilServer.sends("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"))
    let response = try perform(HTTPRequest(method: "HEAD", url: server.url("/"))).response
    #expect(response?.headers["content-length"] == "5")
    #expect(response?.body == [])
    server.finish()
  }

  /// Limits are inclusive, and those of the driver are the ones that count.
  @Test(arguments: [(1_000, true), (1_001, false)])
  func bodyLimit(_ size: Int, _ fits: Bool) throws {
    let server = try EvilServer(
      script: EvilServer.sends("HTTP/1.0 200 OK\r\n\r\n" + String(repeating: "x", count: size)))
    var client = try Client(limits: HTTPLimits(bodyBytesMax: 1_000))
    let result = try client.perform(.get(server.url("/")))
    #expect(result.response?.body.count == (fits ? size : nil))
    #expect(result.failure?.reason == (fits ? nil : .bodyTooLarge))
  }

  @Test func largeBodyBothWays() throws {
    let body = (0..<(3 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let server = try EvilServer { connection in
      guard let request = try connection.readRequest() else { return }
      try connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(request.body.count)\r\n\r\n")
      try connection.send(request.body)
    }
    #expect(try perform(.put(server.url("/"), body, timeout: 20_000)).response?.body == body)
    server.finish()
  }

  private func perform(_ request: HTTPRequest) throws -> HTTPResult {
    var client = try Client()
    return try client.perform(request)
  }
}
