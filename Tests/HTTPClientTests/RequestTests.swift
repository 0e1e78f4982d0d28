import EvilServer
import Glibc
import Systems
import Testing

/// What goes over the wire, and what must not.
@Suite(.timeLimit(.minutes(1)))
struct RequestTests {
  @Test(
    arguments: [
      ("GET", nil, nil), ("DELETE", nil, nil), ("PUT", nil, "0"), ("POST", nil, "0"), ("PUT", "abc", "3"),
      ("POST", "", "0"), ("PATCH", "abc", "3"), ("DELETE", "abc", "3"), ("GET", "abc", "3"), ("MERGE", nil, nil),
    ] as [(String, String?, String?)])
  func methodAndLength(_ method: String, _ body: String?, _ length: String?) throws {
    let server = try EvilServer(script: EvilServer.answers)
    let request = HTTPRequest(method: method, url: server.url("/a/../b?c=%20"), body: body.map { Array($0.utf8) })
    #expect(try perform(request).response?.status == 200)
    let received = server.finish()
    #expect(received.map(\.method) == [method])
    #expect(received.map(\.target) == ["/a/../b?c=%20"])
    #expect(received.map(\.body) == [Array((body ?? "").utf8)])
    #expect(header("content-length", received.first) == length)
  }

  /// Nothing that was not asked for: no form type, no 100-continue, no user agent, no coding.
  @Test func onlyAskedHeaders() throws {
    let server = try EvilServer(script: EvilServer.answers)
    #expect(try perform(.put(server.url("/"), [UInt8](repeating: 1, count: 2 << 20))).response?.status == 200)
    let names = server.finish().first?.headers.map { String($0.prefix { $0 != ":" }).lowercased() }
    #expect(names == ["host", "accept", "content-length"])
  }

  @Test func ownHeaders() throws {
    let server = try EvilServer(script: EvilServer.answers)
    let headers = [
      HTTPHeader("Content-Type", "application/json"), HTTPHeader("X-Empty", ""), HTTPHeader("X-Two", "a; b"),
    ]
    let request = HTTPRequest(method: "PUT", url: server.url("/"), headers: headers, body: [1])
    #expect(try perform(request).response?.status == 200)
    let received = server.finish().first
    #expect(header("content-type", received) == "application/json")
    #expect(header("x-empty", received) == "")
    #expect(header("x-two", received) == "a; b")
  }

  /// One slot, alternating everything that is cached: each request carries its own and nothing of its neighbours.
  @Test func changingRequests() throws {
    let server = try EvilServer(script: EvilServer.answers)
    let methods: [(method: String, body: String?)] = [
      ("GET", nil), ("PUT", "body"), ("HEAD", nil), ("DELETE", nil), ("POST", ""), ("GET", nil), ("HEAD", nil),
      ("PATCH", "x"),
    ]
    do {
      var client = try Client()
      for round in 0..<40 {
        let (method, body) = methods[round % methods.count]
        let request = HTTPRequest(
          method: method, url: server.url("/\(round)"), headers: [HTTPHeader("X-Round", "\(round % 13)")],
          body: body.map { Array("\($0)\(round)".utf8) })
        // The server sends a body with each answer, so a HEAD ends the kept connection: the next is made anew.
        #expect(try client.perform(request).response?.status == 200)
      }
    }
    let received = server.finish()
    for round in 0..<40 {
      let (method, body) = methods[round % methods.count]
      #expect(received[round].method == method)
      #expect(received[round].target == "/\(round)")
      #expect(received[round].body == Array((body.map { "\($0)\(round)" } ?? "").utf8))
      #expect(header("x-round", received[round]) == "\(round % 13)")
    }
  }

  @Test(arguments: [
    HTTPRequest(method: "GET\r\nX: y", url: "http://127.0.0.1/"), HTTPRequest(method: "", url: "http://127.0.0.1/"),
    HTTPRequest(method: "G T", url: "http://127.0.0.1/"), HTTPRequest(method: "GET", url: "http://127.0.0.1/ x"),
    HTTPRequest(method: "GET", url: "http://127.0.0.1/\r\nX:y"), HTTPRequest(method: "GET", url: "http://127.0.0.1/é"),
    HTTPRequest(method: "GET", url: "ftp://127.0.0.1/"), HTTPRequest(method: "GET", url: "127.0.0.1/"),
    HTTPRequest(method: "GET", url: "http://"), HTTPRequest(method: "GET", url: "http://127.0.0.1/\0"),
    HTTPRequest(method: "GET", url: "http://127.0.0.1/", headers: [HTTPHeader("X", "a\r\nY: b")]),
    HTTPRequest(method: "GET", url: "http://127.0.0.1/", headers: [HTTPHeader("X", "a\0b")]),
    HTTPRequest(method: "GET", url: "http://127.0.0.1/", headers: [HTTPHeader("X:", "a")]),
    HTTPRequest(method: "GET", url: "http://127.0.0.1/", headers: [HTTPHeader("", "a")]),
    HTTPRequest(method: "GET", url: "http://127.0.0.1/", headers: [HTTPHeader("Content-Length", "1")]),
    HTTPRequest(method: "GET", url: "http://127.0.0.1/", headers: [HTTPHeader("transfer-encoding", "chunked")]),
    HTTPRequest(method: "GET", url: "http://127.0.0.1/", headers: [HTTPHeader("Expect", "100-continue")]),
    HTTPRequest(method: "HEAD", url: "http://127.0.0.1/", body: [1]),
    HTTPRequest(method: "GET", url: "http://127.0.0.1/", timeoutNanoseconds: 0),
    HTTPRequest(method: "GET", url: "http://127.0.0.1/", connectTimeoutNanoseconds: -1),
  ])
  func rejected(_ request: HTTPRequest) throws {
    let server = try EvilServer(script: EvilServer.answers)
    do {
      var client = try Client()
      #expect(throws: HTTPDriverError.self) { try client.driver.start(slot: 0, request: request) }
      // The slot is as good as new.
      #expect(try client.perform(.get(server.url("/after"))).response?.status == 200)
    }
    #expect(server.finish().map(\.target) == ["/after"])
  }

  @Test func requestBodyLimit() throws {
    var client = try Client(limits: HTTPLimits(requestBodyBytesMax: 10))
    let request = HTTPRequest.put("http://127.0.0.1:\(try Sockets.closedPort())/", [UInt8](repeating: 0, count: 11))
    #expect(throws: HTTPDriverError.invalidBody(reason: "has 11 bytes, 10 at most are allowed")) {
      try client.driver.start(slot: 0, request: request)
    }
  }

  /// The environment of a machine behind a proxy. Set once and left: another thread may be reading it.
  private static let proxiedEnvironment: Void = {
    for name in ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"] { setenv(name, "http://127.0.0.1:1", 1) }
  }()

  /// Proxies, redirects and authentication are the caller's business, never libcurl's.
  @Test func nothingOnItsOwnAccount() throws {
    Self.proxiedEnvironment
    let statuses = [
      "301 Moved", "307 Temporary", "401 Unauthorized", "407 Proxy", "417 Expectation", "421 Misdirected",
    ]
    let server = try EvilServer { connection in
      for status in statuses {
        guard try connection.readRequest() != nil else { return }
        try connection.answer(
          status: status, headers: "Location: /elsewhere\r\nSet-Cookie: a=b\r\nWWW-Authenticate: Basic realm=x\r\n")
      }
    }
    var seen: [Int?] = []
    do {
      var client = try Client()
      for _ in statuses { seen.append(try client.perform(.put(server.url("/"), [1])).response?.status) }
    }
    #expect(seen == [301, 307, 401, 407, 417, 421])
    let received = server.finish()
    #expect(received.map(\.target) == [String](repeating: "/", count: statuses.count))
    #expect(received.allSatisfy { header("cookie", $0) == nil && header("authorization", $0) == nil })
  }

  private func perform(_ request: HTTPRequest) throws -> HTTPResult {
    var client = try Client()
    return try client.perform(request)
  }

  private func header(_ name: String, _ request: Connection.Request?) -> String? {
    for line in request?.headers ?? [] where line.lowercased().hasPrefix(name + ":") {
      return String(line.dropFirst(name.count + 1).drop { $0 == " " })
    }
    return nil
  }
}
