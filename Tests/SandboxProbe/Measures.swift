import CLinux
import Glibc

/// What a node can tell of the network between it and another one.
struct Measures {
  let datagrams: Int32

  /// The middle one of so many round trips of a line on an open connection, in milliseconds.
  static func roundTrip(_ connection: Int32, count: Int) -> String {
    var times: [Double] = []
    for _ in 0..<count {
      let start = monotonicNanoseconds()
      sendAll(connection, "ping\n")
      guard receiveLine(connection, seconds: 20) != nil else { return "timeout" }
      times.append(Double(monotonicNanoseconds() - start) / 1e6)
    }
    return "\(times.sorted()[count / 2])"
  }

  /// How long a line of so many bytes takes there and back, in milliseconds.
  static func bulk(_ connection: Int32, bytes: Int) -> String {
    let start = monotonicNanoseconds()
    sendAll(connection, String(repeating: "x", count: bytes) + "\n")
    guard receiveLine(connection, seconds: 60)?.utf8.count == bytes else { return "broken" }
    return "\(Double(monotonicNanoseconds() - start) / 1e6)"
  }

  /// `ok`, or the name of the error that a connection answers with.
  static func fate(_ connection: Int32, seconds: Int) -> String {
    var limit = timeval(tv_sec: seconds, tv_usec: 0)
    setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    sendAll(connection, "ping\n")
    var byte: UInt8 = 0
    let count = recv(connection, &byte, 1, 0)
    if count > 0 { return "ok" }
    if count == 0 { return "closed" }
    return errno == ECONNRESET ? "ECONNRESET" : errno == EAGAIN ? "timeout" : "errno \(errno)"
  }

  /// Sends datagrams numbered from 0, with so many microseconds between them.
  func number(to name: String, count: Int, spacing: UInt32) -> String {
    guard let address = resolve(name) else { return "unknown" }
    for number in 0..<count {
      sendDatagram(datagrams, address, NodePorts.datagrams, String(number))
      if spacing > 0 { usleep(spacing) }
    }
    return "\(count)"
  }

  /// What came until nothing came for so many milliseconds: how many, how many different ones, how many after a later
  /// one, and how many at all that were not as they were sent.
  func numbers(silenceMilliseconds: Int) -> String {
    var limit = timeval(tv_sec: silenceMilliseconds / 1000, tv_usec: silenceMilliseconds % 1000 * 1000)
    setsockopt(datagrams, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    var seen: Set<Int> = []
    var (count, late, strange, highest) = (0, 0, 0, -1)
    var bytes = [UInt8](repeating: 0, count: 64)
    while case let size = recv(datagrams, &bytes, bytes.count, 0), size > 0 {
      count += 1
      guard let number = Int(String(decoding: bytes[..<size], as: UTF8.self)) else {
        strange += 1
        continue
      }
      if seen.insert(number).inserted && number < highest { late += 1 }
      highest = max(highest, number)
    }
    return "count=\(count) distinct=\(seen.count) late=\(late) strange=\(strange)"
  }
}
