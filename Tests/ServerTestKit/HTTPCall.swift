import Dispatch
import Glibc

/// A loopback address and port.
package struct Address: Hashable, Sendable, CustomStringConvertible {
  package var host: String
  package var port: UInt16
  package var description: String { "\(host):\(port)" }

  /// A port of `host` that is free now, chosen by the kernel.
  package static func free(on host: String) throws -> Address {
    let descriptor = try Socket()
    try descriptor.bind(Address(host: host, port: 0))
    return Address(host: host, port: try descriptor.port())
  }
}

package struct SocketError: Error, CustomStringConvertible {
  package let call: String
  package let code: Int32
  package var description: String { "\(call): \(String(cString: strerror(code)))" }
}

/// A TCP socket that is closed when the last reference goes.
package final class Socket {
  private let descriptor: Int32

  package init() throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw SocketError(call: "socket", code: errno) }
    var patience = timeval(tv_sec: 15, tv_usec: 0)
    for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
      setsockopt(descriptor, SOL_SOCKET, option, &patience, socklen_t(MemoryLayout<timeval>.size))
    }
  }

  deinit { close(descriptor) }

  package func bind(_ address: Address) throws {
    try Self.withSocketAddress(address) { try check("bind", Glibc.bind(descriptor, $0, $1)) }
  }

  package func listen() throws { try check("listen", Glibc.listen(descriptor, 1)) }

  package func connect(to address: Address) throws {
    try Self.withSocketAddress(address) { try check("connect \(address)", Glibc.connect(descriptor, $0, $1)) }
  }

  package func port() throws -> UInt16 {
    var address = sockaddr_in()
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    try withUnsafeMutableBytes(of: &address) { bytes in
      try check(
        "getsockname", getsockname(descriptor, bytes.assumingMemoryBound(to: sockaddr.self).baseAddress, &length))
    }
    return UInt16(bigEndian: address.sin_port)
  }

  package func send(_ bytes: [UInt8]) throws {
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { throw SocketError(call: "send", code: errno) }
      sent += count
    }
  }

  /// The other side sees the end of the stream.
  package func finishSending() throws { try check("shutdown", shutdown(descriptor, Int32(SHUT_WR))) }

  /// Everything up to the end of the connection.
  package func receiveAll() throws -> [UInt8] {
    var received: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = recv(descriptor, &chunk, chunk.count, 0)
      guard count >= 0 else { throw SocketError(call: "recv", code: errno) }
      if count == 0 { return received }
      received += chunk[..<count]
    }
  }

  private func check(_ call: String, _ result: Int32) throws {
    guard result == 0 else { throw SocketError(call: call, code: errno) }
  }

  private static func withSocketAddress(
    _ address: Address, _ body: (UnsafePointer<sockaddr>, socklen_t) throws -> Void
  ) throws {
    var native = sockaddr_in()
    native.sin_family = sa_family_t(AF_INET)
    native.sin_port = address.port.bigEndian
    inet_pton(AF_INET, address.host, &native.sin_addr)
    try withUnsafePointer(to: native) {
      try $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        try body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
  }
}

/// What a server answered.
package struct Reply: Equatable, Sendable, CustomStringConvertible {
  package var status: Int
  package var body: String

  package init(_ status: Int, _ body: String) {
    self.status = status
    self.body = body
  }

  package var description: String { "\(status) \(body)" }

  /// Cuts a response apart; nil if it is none.
  package init?(_ response: String) {
    guard let end = response.firstRange(of: "\r\n\r\n") else { return nil }
    let words = response[..<end.lowerBound].split(separator: " ", maxSplits: 2)
    guard words.count == 3, words[0] == "HTTP/1.1", let status = Int(words[1]) else { return nil }
    self.init(status, String(response[end.upperBound...]))
  }
}

package struct NoResponse: Error, CustomStringConvertible {
  package let received: String
  package var description: String { "not an HTTP response: \"\(received)\"" }
}

/// Sends one request on a connection of its own, exactly once, and waits for the answer off the cooperative threads.
/// - Parameter headers: further lines of the head, such as `client: 1`.
/// - Throws: ``SocketError`` or ``NoResponse``.
package func call(
  _ method: String, _ target: String, _ body: String = "", headers: [String] = [], at address: Address
) async throws -> Reply {
  let head =
    "\(method) \(target) HTTP/1.1\r\nhost: \(address)\r\nconnection: close\r\ncontent-length: \(body.utf8.count)"
    + headers.map { "\r\n" + $0 }.joined()
  let request = Array("\(head)\r\n\r\n\(body)".utf8)
  let text = try await exchange(request, at: address)
  guard let reply = Reply(text) else { throw NoResponse(received: text) }
  return reply
}

/// Sends bytes on a connection of their own, and gives all that comes back until the server closes it. Off the cooperative
/// threads.
/// - Parameter isAll: whether the server is told that nothing more will come.
/// - Throws: ``SocketError``.
package func exchange(_ bytes: [UInt8], isAll: Bool = false, at address: Address) async throws -> String {
  try await withCheckedThrowingContinuation { continuation in
    DispatchQueue.global().async {
      continuation.resume(
        with: Result {
          let socket = try Socket()
          try socket.connect(to: address)
          try socket.send(bytes)
          if isAll { try socket.finishSending() }
          return String(decoding: try socket.receiveAll(), as: UTF8.self)
        })
    }
  }
}
