import NIOCore

/// Where a server listens or a peer is reached: `ADDR:PORT`, with IPv6 addresses in brackets.
public struct Endpoint: Hashable, Sendable, CustomStringConvertible {
  /// A name or an address, without brackets.
  public let host: String
  /// 0…65535; 0 stands for "any free port" where a server listens.
  public let port: Int

  /// An endpoint of known parts.
  public init(host: String, port: Int) {
    self.host = host
    self.port = port
  }

  /// Reads `127.0.0.1:8080`, `n1:8080` or `[::1]:8080`; nil for anything else. Port 0 stands for "any free port".
  public init?(_ text: String) {
    guard let colon = text.lastIndex(of: ":") else { return nil }
    var host = text[..<colon]
    if host.first == "[", host.last == "]" {
      host = host.dropFirst().dropLast()
    } else if host.contains(":") {
      return nil
    }
    guard !host.isEmpty, let port = UInt16(text[text.index(after: colon)...]) else { return nil }
    self.init(host: String(host), port: Int(port))
  }

  /// The text that ``init(_:)`` reads.
  public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

  /// The socket address. A name is looked up, which may block: for start-up only.
  /// - Throws: the resolver's error.
  public func resolved() throws -> SocketAddress { try SocketAddress.makeAddressResolvingHost(host, port: port) }
}

/// A server cannot listen where it was told to.
public struct BindFailure: Error, CustomStringConvertible {
  /// Whom the server listens for: clients or peers.
  public let purpose: String
  /// Where it was told to listen.
  public let endpoint: Endpoint
  /// The system's words.
  public let reason: String

  /// What was wrong, where, and the likely cause.
  public var description: String {
    "cannot listen for \(purpose) on \(endpoint): \(reason); is another process using the port?"
  }
}
