import Glibc
import Synchronization

/// A call of the kernel that failed.
public struct SocketError: Error {
  public var call: String
  public var errno: Int32

  public init(call: String, errno: Int32) {
    self.call = call
    self.errno = errno
  }
}

/// A file descriptor, closed once.
public final class Descriptor: Sendable {
  /// `POLLRDHUP`, which Swift's Glibc module leaves out.
  static let peerClosed: Int16 = 0x2000

  private let number: Atomic<Int32>

  init(_ number: Int32) { self.number = Atomic(number) }

  deinit { close() }

  var rawValue: Int32 { number.load(ordering: .relaxed) }

  public func close() {
    let open = number.exchange(-1, ordering: .relaxed)
    if open >= 0 { _ = Glibc.close(open) }
  }

  func closeWithReset() {
    var option = linger(l_onoff: 1, l_linger: 0)
    setsockopt(rawValue, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    close()
  }

  func read() throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 64 << 10)
    let count = Glibc.read(rawValue, &bytes, bytes.count)
    guard count >= 0 else { throw SocketError(call: "read", errno: errno) }
    return Array(bytes.prefix(count))
  }

  func write(_ bytes: [UInt8]) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.send(rawValue, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard count > 0 else { throw SocketError(call: "send", errno: errno) }
      rest = rest.dropFirst(count)
    }
  }
}

/// What the server and the tests need of the socket interface.
public enum Sockets {
  /// A port of loopback that nothing listens on: it was free a moment ago.
  public static func closedPort() throws -> UInt16 {
    let (listener, port) = try listenOnLoopback(backlog: 1)
    listener.close()
    return port
  }

  /// Connects to a listener that accepts nothing until the kernel answers no more: the next connection hangs.
  /// - Returns: the connections that fill the queue; keep them.
  public static func fillBacklog(port: UInt16) throws -> [Descriptor] {
    var fillers: [Descriptor] = []
    for _ in 0..<64 {
      let filler = try stream()
      fillers.append(filler)
      _ = withAddress(port: port) { connect(filler.rawValue, $0, $1) }
      var entry = pollfd(fd: filler.rawValue, events: Int16(POLLOUT), revents: 0)
      if poll(&entry, 1, 200) == 0 { return fillers }
    }
    throw SocketError(call: "listen: the backlog never filled", errno: 0)
  }

  /// Fills the send buffer of this process's connection to that port, to the last byte, with line ends, which a server
  /// skips before a request (RFC 9112, 2.2).
  public static func fillSendBuffer(connectedTo port: UInt16) throws {
    guard let descriptor = (0..<4_096).first(where: { peerPort($0) == port }) else {
      throw SocketError(call: "getpeername: no connection to port \(port)", errno: ENOTCONN)
    }
    let lineEnds = [UInt8](repeating: 10, count: 64 << 10)
    for size in [lineEnds.count, 1] {
      while send(descriptor, lineEnds, size, Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL)) > 0 {}
    }
  }

  /// This process's open connections to any of the ports.
  public static func connections(toPorts ports: Set<UInt16>) -> Int {
    (0..<4_096).count { descriptor in peerPort(descriptor).map(ports.contains) == true }
  }

  private static func peerPort(_ descriptor: Int32) -> UInt16? {
    var address = sockaddr_in()
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let code = withUnsafeMutablePointer(to: &address) { typed in
      typed.withMemoryRebound(to: sockaddr.self, capacity: 1) { getpeername(descriptor, $0, &length) }
    }
    return code == 0 && address.sin_family == sa_family_t(AF_INET) ? UInt16(bigEndian: address.sin_port) : nil
  }

  static func listenOnLoopback(backlog: Int32) throws -> (Descriptor, UInt16) {
    let listener = try stream()
    let code = withAddress(port: 0) { bind(listener.rawValue, $0, $1) | listen(listener.rawValue, backlog) }
    guard code == 0 else { throw SocketError(call: "listen", errno: errno) }
    var address = sockaddr_in()
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    _ = withUnsafeMutablePointer(to: &address) { typed in
      typed.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(listener.rawValue, $0, &length) }
    }
    return (listener, UInt16(bigEndian: address.sin_port))
  }

  static func pipe() throws -> (reader: Descriptor, writer: Descriptor) {
    var ends: [Int32] = [-1, -1]
    guard Glibc.pipe(&ends) == 0 else { throw SocketError(call: "pipe", errno: errno) }
    return (Descriptor(ends[0]), Descriptor(ends[1]))
  }

  static func writeByte(_ descriptor: Descriptor) {
    var byte: UInt8 = 1
    _ = write(descriptor.rawValue, &byte, 1)
  }

  /// Waits for one of the events, an error or a hang-up; false once `stop` is readable.
  @discardableResult
  static func await(_ descriptor: Descriptor, events: Int16, or stop: Descriptor) -> Bool {
    var entries = [
      pollfd(fd: descriptor.rawValue, events: events, revents: 0),
      pollfd(fd: stop.rawValue, events: Int16(POLLIN), revents: 0),
    ]
    while poll(&entries, 2, -1) < 0, errno == EINTR {}
    return entries[1].revents == 0
  }

  static func accept(_ listener: Descriptor) -> Descriptor? {
    let descriptor = Glibc.accept(listener.rawValue, nil, nil)
    return descriptor >= 0 ? Descriptor(descriptor) : nil
  }

  /// Non-blocking itself; a connection accepted from it blocks.
  private static func stream() throws -> Descriptor {
    let flags = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
    let descriptor = socket(AF_INET, Int32(flags), 0)
    guard descriptor >= 0 else { throw SocketError(call: "socket", errno: errno) }
    return Descriptor(descriptor)
  }

  private static func withAddress(port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return withUnsafePointer(to: &address) { typed in
      typed.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
  }
}

/// Lets a script be slow on purpose.
func pause(microseconds: UInt32) { usleep(microseconds) }
