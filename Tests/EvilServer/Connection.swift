import Glibc
import Synchronization

/// One connection of the server, used by the one thread that runs its script.
public final class Connection: Sendable {
  /// A request as read.
  public struct Request: Sendable {
    public var method: String
    public var target: String
    /// Lines of the head without the request line.
    public var headers: [String]
    public var body: [UInt8]
  }

  private let descriptor: Descriptor
  private let server: EvilServer
  /// Read but not used yet. Only the script's thread touches it; the lock costs nothing and needs no proof.
  private let buffer = Mutex<[UInt8]>([])

  init(_ descriptor: Descriptor, server: EvilServer) {
    self.descriptor = descriptor
    self.server = server
  }

  /// The next request, whole, which counts as executed; nil if the client closed the connection instead.
  public func readRequest() throws -> Request? {
    guard let request = try readWhole() else { return nil }
    server.recordExecution(request)
    return request
  }

  public func send(_ text: String) throws { try send(Array(text.utf8)) }

  public func send(_ bytes: [UInt8]) throws { try descriptor.write(bytes) }

  /// A complete answer.
  public func answer(_ body: String = "ok", status: String = "200 OK", headers: String = "") throws {
    try send("HTTP/1.1 \(status)\r\n\(headers)Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
  }

  /// Ends the connection with RST.
  public func reset() { descriptor.closeWithReset() }

  /// Ends the connection: with FIN if everything was read, else the kernel sends RST.
  public func close() { descriptor.close() }

  /// Waits until there is something to read, without reading it.
  public func awaitData() { Sockets.await(descriptor, events: Int16(POLLIN), or: server.stopSignal.reader) }

  /// Waits until the client closes the connection or the server finishes (a client's close cannot arrive past data that
  /// nobody reads), without reading.
  public func awaitClose() { Sockets.await(descriptor, events: Descriptor.peerClosed, or: server.stopSignal.reader) }

  private func readWhole() throws -> Request? {
    guard let head = try readHead() else { return nil }
    let lines = String(decoding: head, as: UTF8.self).split(separator: "\r\n").map(String.init)
    let words = (lines.first ?? "").split(separator: " ")
    let body = try take(contentLength(lines))
    guard words.count == 3 else { throw SocketError(call: "request line", errno: EINVAL) }
    return Request(
      method: String(words[0]), target: String(words[1]), headers: Array(lines.dropFirst()), body: body)
  }

  /// Through the blank line, without line ends before it; nil at the end of the stream.
  private func readHead() throws -> [UInt8]? {
    while true {
      buffer.withLock { bytes in bytes.removeFirst(bytes.prefix { $0 == 10 || $0 == 13 }.count) }
      let end = buffer.withLock { bytes in
        bytes.indices.first { bytes[$0...].starts(with: [13, 10, 13, 10]) }
      }
      if let end { return try take(end + 4) }
      guard try readMore() else { return nil }
    }
  }

  private func contentLength(_ lines: [String]) -> Int {
    for line in lines where line.lowercased().hasPrefix("content-length:") {
      return Int(line.drop { $0 != ":" }.dropFirst().filter { $0 != " " }) ?? 0
    }
    return 0
  }

  private func take(_ count: Int) throws -> [UInt8] {
    while buffer.withLock({ $0.count < count }) {
      guard try readMore() else { throw SocketError(call: "read", errno: ECONNABORTED) }
    }
    return buffer.withLock { bytes in
      defer { bytes.removeFirst(count) }
      return Array(bytes.prefix(count))
    }
  }

  /// False at the end of the stream.
  private func readMore() throws -> Bool {
    let bytes = try descriptor.read()
    buffer.withLock { $0 += bytes }
    return !bytes.isEmpty
  }
}
