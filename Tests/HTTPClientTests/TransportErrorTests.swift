import EvilServer
import Glibc
import Systems
import Testing

/// How a server fails, and what the client must make of it.
struct FailureCase: Sendable, CustomTestStringConvertible {
  var name: String
  var script: EvilServer.Script
  var requestBytes: Int?
  var timeout: Int64 = 30_000
  /// More than one where the order of two packets decides.
  var reasons: Set<TransportFailure.Reason>
  /// Requests that the server read whole.
  var executions: Int

  var testDescription: String { name }

  static let head20 = "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n"
  static let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

  static func sends(_ name: String, _ text: String, _ reason: TransportFailure.Reason) -> FailureCase {
    FailureCase(name: name, script: EvilServer.sends(text), reasons: [reason], executions: 1)
  }

  static let all: [FailureCase] = [
    FailureCase(
      name: "closes after the request", script: EvilServer.closesAfterRequest, reasons: [.closed], executions: 1),
    FailureCase(
      name: "resets after the request", script: EvilServer.resetsAfterRequest, reasons: [.reset], executions: 1),
    FailureCase(name: "hangs", script: EvilServer.hangs, timeout: 150, reasons: [.timeout], executions: 1),
    FailureCase(
      name: "drips", script: EvilServer.drips(everyMicroseconds: 5_000), timeout: 150, reasons: [.timeout],
      executions: 1),
    FailureCase(name: "never reads", script: EvilServer.neverReads, timeout: 150, reasons: [.timeout], executions: 0),
    FailureCase(
      name: "never reads 8 MB", script: EvilServer.neverReads, requestBytes: 8 << 20, timeout: 150,
      reasons: [.timeout], executions: 0),
    FailureCase(
      name: "closes before reading", script: EvilServer.closesUnread, reasons: [.reset], executions: 0),
    FailureCase(
      name: "dies in the middle of an 8 MB request", script: EvilServer.closesUnread, requestBytes: 8 << 20,
      reasons: [.reset], executions: 0),
    sends("head only", head20, .truncated),
    sends("short body", head20 + "half", .truncated),
    sends("cut inside a chunk", chunked + "5\r\nhe", .truncated),
    sends("cut between chunks", chunked + "5\r\nhello\r\n", .truncated),
    sends("bad chunk", chunked + "zz\r\n", .connectionLost),
    sends("cut inside the status line", "HTT", .closed),
    sends("cut inside the head", "HTTP/1.1 200 OK\r\nContent-Le", .truncated),
    sends("cut before the blank line", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n", .truncated),
    sends("100 and no more", "HTTP/1.1 100 Continue\r\n\r\n", .closed),
    sends("101 unasked", "HTTP/1.1 101 Switching Protocols\r\n\r\nother", .truncated),
    sends("another protocol", "SSH-2.0-OpenSSH_9.2\r\n", .notHTTP),
    sends("binary", "\u{0}\u{1}\u{2}\r\n\r\n", .notHTTP),
    sends("NUL in the head", "HTTP/1.1 200 OK\r\nA\u{0}: b\r\n\r\n", .notHTTP),
    sends("length that is no number", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", .notHTTP),
    sends(
      "unasked transfer coding", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nxxxxxxxxxxxxxxxxxxxx", .notHTTP),
    sends(
      "many headers", "HTTP/1.1 200 OK\r\n" + String(repeating: "Name: 0123456789\r\n", count: 10_000) + "\r\n",
      .headersTooLarge),
    sends(
      "endless 1xx", String(repeating: "HTTP/1.1 102 Processing\r\n\r\n", count: 10_000), .headersTooLarge),
    sends(
      "one huge header", "HTTP/1.1 200 OK\r\nName: " + String(repeating: "x", count: 300_000) + "\r\n\r\n",
      .headersTooLarge),
    sends(
      "body above the limit", "HTTP/1.1 200 OK\r\n\r\n" + String(repeating: "x", count: 9 << 20), .bodyTooLarge),
  ]
}

@Suite(.timeLimit(.minutes(1)))
struct TransportErrorTests {
  /// Every way to fail after the request was sent, in part or whole: never definite.
  @Test(arguments: FailureCase.all)
  func afterSending(_ failureCase: FailureCase) throws {
    let server = try EvilServer(script: failureCase.script)
    let body = failureCase.requestBytes.map { [UInt8](repeating: 120, count: $0) }
    let url = server.url("/x")
    let request =
      if let body { HTTPRequest.put(url, body, timeout: failureCase.timeout) } else {
        HTTPRequest.get(url, timeout: failureCase.timeout)
      }
    let failure = try perform(request).failure
    let executed = server.finish()
    #expect(failure.map { failureCase.reasons.contains($0.reason) } == true, "\(String(describing: failure))")
    #expect(failure?.neverSent == false)
    #expect(executed.count == failureCase.executions)
  }

  /// Gone before the request: whether a byte left depends on the scheduler, but the answer must be one of the true ones.
  @Test(arguments: [EvilServer.closesAtOnce, EvilServer.resetsAtOnce])
  func goneAtOnce(_ script: @escaping EvilServer.Script) throws {
    let server = try EvilServer(script: script)
    for _ in 0..<50 {
      let failure = try perform(.get(server.url("/x"))).failure
      #expect(failure.map { [.reset, .closed].contains($0.reason) } == true, "\(String(describing: failure))")
    }
    #expect(server.finish().isEmpty)
  }

  @Test func refused() throws {
    let failure = try perform(.get("http://127.0.0.1:\(Sockets.closedPort())/")).failure
    #expect(failure?.reason == .refused)
    #expect(failure?.neverSent == true)
    #expect(failure?.osError == ECONNREFUSED)
  }

  /// A full backlog drops SYNs, like a partition.
  @Test func blackholedConnect() throws {
    let server = try EvilServer(backlog: 0, script: nil)
    let fillers = try Sockets.fillBacklog(port: server.port)
    let failure = try perform(.get(server.url("/x"), connectTimeout: 150)).failure
    #expect(failure?.reason == .connectTimeout)
    #expect(failure?.neverSent == true)
    withExtendedLifetime(fillers) {}
  }

  /// The whole-transfer time-out may hit first: nothing was sent all the same.
  @Test func blackholedUntilTheTransferTimesOut() throws {
    let server = try EvilServer(backlog: 0, script: nil)
    let fillers = try Sockets.fillBacklog(port: server.port)
    let failure = try perform(.get(server.url("/x"), timeout: 150)).failure
    #expect(failure?.reason == .connectTimeout)
    #expect(failure?.neverSent == true)
    withExtendedLifetime(fillers) {}
  }

  /// The kernel refuses a TCP connection to a multicast address itself: nothing leaves this machine.
  @Test func unreachable() throws {
    let failure = try perform(.get("http://224.0.0.1:1/")).failure
    #expect(failure?.reason == .unreachable)
    #expect(failure?.neverSent == true)
    #expect(failure?.osError == ENETUNREACH)
  }

  @Test func unknownName() throws {
    // A label of 64 letters cannot be asked of any name server.
    let label = String(repeating: "a", count: 64)
    let failure = try perform(.get("http://\(label).invalid/")).failure
    #expect(failure?.reason == .dns)
    #expect(failure?.neverSent == true)
  }

  @Test func badURL() throws {
    let failure = try perform(.get("http://host:99999/")).failure
    #expect(failure?.reason == .badURL)
    #expect(failure?.neverSent == true)
  }

  /// An errno is never taken over from an earlier transfer of the slot.
  @Test func staleErrno() throws {
    let server = try EvilServer(script: EvilServer.hangs)
    do {
      var client = try Client()
      let refused = try client.perform(.get("http://127.0.0.1:\(Sockets.closedPort())/")).failure
      #expect(refused?.osError == ECONNREFUSED)
      let hung = try client.perform(.get(server.url("/x"), timeout: 100)).failure
      #expect(hung?.reason == .timeout)
      #expect(hung?.osError == 0)
    }
    server.finish()
  }

  /// The count of sent bytes starts at 0 with each transfer of a handle.
  @Test func neverSentAfterASuccess() throws {
    let server = try EvilServer(script: EvilServer.answers)
    var client = try Client()
    #expect(try client.perform(.get(server.url("/x"))).response?.status == 200)
    let failure = try client.perform(.get("http://127.0.0.1:\(Sockets.closedPort())/")).failure
    #expect(failure?.neverSent == true)
  }

  private func perform(_ request: HTTPRequest) throws -> HTTPResult {
    var client = try Client()
    return try client.perform(request)
  }
}
