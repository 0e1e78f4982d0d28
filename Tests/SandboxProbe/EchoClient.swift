import CLinux
import Glibc

/// A TCP connection to a node's echo that outlives what is done to the network.
struct EchoClient {
  private var connection: Int32?

  /// `connect NODE [SECONDS]`, `echo TEXT SECONDS`, `await-echo SECONDS`
  mutating func obey(_ words: [String]) -> String {
    switch words.first {
    case "connect":
      connection = connectTCP(words[1], NodePorts.echo, seconds: words.count > 2 ? Int(words[2]) ?? 5 : 5)
      return connection == nil ? "refused" : "connected"
    case "echo":
      guard let connection else { return "no connection" }
      sendAll(connection, words[1] + "\n")
      return receiveLine(connection, seconds: Int(words[2]) ?? 1) ?? "timeout"
    default: return connection.flatMap { receiveLine($0, seconds: Int(words[1]) ?? 1) } ?? "timeout"
    }
  }
}
