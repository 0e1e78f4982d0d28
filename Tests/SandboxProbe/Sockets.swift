import CLinux
import Glibc

func withSocketAddress<Result>(_ address: inout sockaddr_in, _ body: (UnsafeMutablePointer<sockaddr>) -> Result)
  -> Result
{
  withUnsafeMutablePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0) }
  }
}

private func socketAddress(_ address: String, _ port: UInt16) -> sockaddr_in {
  var result = sockaddr_in()
  result.sin_family = sa_family_t(AF_INET)
  result.sin_port = port.bigEndian
  result.sin_addr.s_addr = inet_addr(address)
  return result
}

func bindAny(_ socket: Int32, _ port: UInt16) {
  var address = socketAddress("0.0.0.0", port)
  guard withSocketAddress(&address, { bind(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }) == 0 else {
    exit(4)
  }
}

func listenTCP(_ port: UInt16) -> Int32 {
  let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
  var one: Int32 = 1
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, 4)
  bindAny(listener, port)
  listen(listener, 16)
  return listener
}

/// The first IPv4 address of a name.
func resolve(_ name: String) -> String? {
  var hints = addrinfo()
  hints.ai_family = AF_INET
  var found: UnsafeMutablePointer<addrinfo>?
  guard getaddrinfo(name, nil, &hints, &found) == 0, let found else { return nil }
  defer { freeaddrinfo(found) }
  return found.pointee.ai_addr.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
    String(cString: inet_ntoa($0.pointee.sin_addr))
  }
}

func connectTCP(_ name: String, _ port: UInt16, seconds: Int) -> Int32? {
  guard let text = resolve(name) else { return nil }
  var address = socketAddress(text, port)
  let connection = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
  var limit = timeval(tv_sec: seconds, tv_usec: 0)
  setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
  guard withSocketAddress(&address, { connect(connection, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }) == 0 else {
    close(connection)
    return nil
  }
  return connection
}

/// Nil, or the errno.
@discardableResult
func sendDatagram(_ socket: Int32, _ to: String, _ port: UInt16, _ text: String = "datagram") -> Int32? {
  var address = socketAddress(to, port)
  let bytes = Array(text.utf8)
  let sent = withSocketAddress(&address) {
    sendto(socket, bytes, bytes.count, 0, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
  }
  return sent == bytes.count ? nil : errno
}

/// A datagram's text and its sender; nil when there is none, or none in time.
func receiveDatagram(_ socket: Int32, _ flags: Int32 = 0) -> (text: String, sender: sockaddr_in)? {
  var bytes = [UInt8](repeating: 0, count: 4096)
  var from = sockaddr_in()
  var size = socklen_t(MemoryLayout<sockaddr_in>.size)
  let count = withSocketAddress(&from) { recvfrom(socket, &bytes, bytes.count, flags, $0, &size) }
  return count < 0 ? nil : (String(decoding: bytes[..<count], as: UTF8.self), from)
}

/// Sends a question until an answer comes, for up to ten seconds; the empty text without one.
func exchange(_ socket: Int32, _ to: String, _ port: UInt16, _ question: String) -> String {
  while receiveDatagram(socket, Int32(MSG_DONTWAIT)) != nil {}  // late answers to questions before
  var limit = timeval(tv_sec: 1, tv_usec: 0)
  setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
  for _ in 0..<10 {
    _ = sendDatagram(socket, to, port, question)
    if let answer = receiveDatagram(socket) { return answer.text }
  }
  return ""
}

/// To a node's counter; how many of them the kernel took.
func sendDatagrams(_ socket: Int32, to name: String, count: Int) -> Int {
  guard let address = resolve(name) else { return 0 }
  return (0..<count).count { _ in sendDatagram(socket, address, NodePorts.datagrams) == nil }
}

func sendAll(_ connection: Int32, _ text: String) {
  let bytes = Array(text.utf8)
  _ = send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL))
}

func receiveLine(_ connection: Int32, seconds: Int) -> String? {
  var limit = timeval(tv_sec: seconds, tv_usec: 0)
  setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
  var line: [UInt8] = []
  var byte: UInt8 = 0
  while recv(connection, &byte, 1, 0) == 1 {
    if byte == 0x0A { return String(decoding: line, as: UTF8.self) }
    line.append(byte)
  }
  return nil
}

/// A line on stderr.
func complain(_ text: String) {
  let line = Array((text + "\n").utf8)
  _ = write(2, line, line.count)
}
