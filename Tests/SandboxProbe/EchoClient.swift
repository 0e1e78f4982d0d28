import CLinux
import Glibc

/// A TCP connection to a node's echo that outlives what is done to the network.
struct EchoClient {
  private var connection: Int32?

  /// `connect NODE [SECONDS]`, `echo TEXT SECONDS`, `await-echo SECONDS`, `close`, and what `Measures` tells of it.
  mutating func obey(_ words: [String]) -> String {
    switch words.first {
    case "connect":
      connection = connectTCP(words[1], NodePorts.echo, seconds: words.count > 2 ? Int(words[2]) ?? 5 : 5)
      return connection == nil ? "refused" : "connected"
    case "close":
      if let connection { close(connection) }
      connection = nil
      return "closed"
    case "echo", "round-trip", "bulk", "fate":
      guard let connection else { return "no connection" }
      return Self.exchange(connection, words)
    default: return connection.flatMap { receiveLine($0, seconds: Int(words[1]) ?? 1) } ?? "timeout"
    }
  }

  private static func exchange(_ connection: Int32, _ words: [String]) -> String {
    let number = words.last.flatMap { Int($0) } ?? 1
    switch words.first {
    case "round-trip": return Measures.roundTrip(connection, count: number)
    case "bulk": return Measures.bulk(connection, bytes: number)
    case "fate": return Measures.fate(connection, seconds: number)
    default:
      sendAll(connection, words[1] + "\n")
      return receiveLine(connection, seconds: number) ?? "timeout"
    }
  }
}
