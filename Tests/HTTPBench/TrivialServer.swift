import CCurl
import Glibc

/// A server that does next to nothing, so that the client is what is measured: one thread, one epoll instance, one fixed
/// answer for each read. It relies on the client sending each small request with one write.
struct TrivialServer {
  let port: UInt16
  private let listener: Int32
  private let epoll: Int32
  private static let answer = Array(
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n{\"value\":4}".utf8)

  /// Listens on a free port of loopback.
  init() throws(SystemFailure) {
    listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let socket = listener
    let code = withUnsafeMutablePointer(to: &address) { typed in
      typed.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
        bind(socket, raw, length) | listen(socket, 128) | getsockname(socket, raw, &length)
      }
    }
    epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
    guard code == 0, epoll >= 0 else { throw SystemFailure(call: "listen", errno: errno) }
    port = UInt16(bigEndian: address.sin_port)
    watch(listener)
  }

  /// Serves for ever, on the calling thread.
  func run() -> Never {
    var events = [epoll_event](repeating: epoll_event(), count: 64)
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = epoll_wait(epoll, &events, Int32(events.count), -1)
      for index in 0..<Int(max(count, 0)) { serve(events[index].data.fd, &buffer) }
    }
  }

  private func serve(_ descriptor: Int32, _ buffer: inout [UInt8]) {
    if descriptor == listener {
      watch(accept(listener, nil, nil))
    } else if read(descriptor, &buffer, buffer.count) > 0 {
      _ = Self.answer.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    } else {
      close(descriptor)
    }
  }

  private func watch(_ descriptor: Int32) {
    _ = ccurl_epoll_control(
      epoll, EPOLL_CTL_ADD, descriptor, EPOLLIN.rawValue, UInt64(UInt32(bitPattern: descriptor)))
  }
}

/// A call of the kernel that failed.
struct SystemFailure: Error {
  var call: String
  var errno: Int32
}
