import Clusters
import Glibc

extension Controller {
  /// `http METHOD NODE PORT PATH [FORM]`: the answer's status and body, or `none`.
  func http(_ words: [String]) -> String {
    guard words.count >= 4, let node = sandbox?.nodes.first(where: { $0.name == words[1] }),
      let port = UInt16(words[2]), let connection = connectTCP(node.address, port, seconds: 5)
    else { return "none" }
    defer { close(connection) }
    let body = words.count > 4 ? words[4] : ""
    sendAll(
      connection,
      "\(words[0]) \(words[3]) HTTP/1.0\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
    // A server that has lost its data may listen and never answer.
    var limit = timeval(tv_sec: 2, tv_usec: 0)
    setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    while case let count = recv(connection, &chunk, chunk.count, 0), count > 0 { bytes += chunk[..<count] }
    let lines = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
    let status = lines.first?.split(separator: " ").dropFirst().first
    return status.map { "\($0) \(lines.last ?? "")" } ?? "none"
  }
}
