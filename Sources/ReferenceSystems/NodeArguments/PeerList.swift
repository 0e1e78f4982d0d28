import ArgumentParser
import NodeKit

/// `1=ADDR:PORT,2=ADDR:PORT,…`: where the servers of a cluster reach each other.
public struct PeerList: ExpressibleByArgument, Sendable {
  /// By number of the server, from 1 on.
  public let endpoints: [UInt32: Endpoint]

  /// nil for anything that is not such a list, and for a number that is there twice.
  public init?(argument: String) {
    var endpoints: [UInt32: Endpoint] = [:]
    for item in argument.split(separator: ",", omittingEmptySubsequences: false) {
      let parts = item.split(separator: "=", maxSplits: 1)
      guard parts.count == 2, let id = UInt32(parts[0]), id > 0, let endpoint = Endpoint(String(parts[1])),
        endpoints.updateValue(endpoint, forKey: id) == nil
      else { return nil }
    }
    self.endpoints = endpoints
  }
}

extension Endpoint: ExpressibleByArgument {
  /// As ``Endpoint/init(_:)``; nil makes the parser name the flag and show usage.
  public init?(argument: String) { self.init(argument) }
}
