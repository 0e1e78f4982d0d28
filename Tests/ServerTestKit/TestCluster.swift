import Foundation

/// Servers of one cluster, numbered from 1, with their data in a folder of their own.
package final class TestCluster {
  package let folder: Folder
  package let servers: [Server]
  private let flags: [String]

  /// Times that a busy machine keeps, for systems with elections: none happens but those that a test provokes.
  package static let patient = [
    "--election-timeout-ms", "1500..3000", "--heartbeat-ms", "100", "--request-timeout-ms", "10000",
  ]

  /// - Parameters:
  ///   - program: `raft-kv`, …
  ///   - members: how many servers the cluster has.
  ///   - flags: what each is told besides its addresses.
  package init(of program: String, members: Int, flags: [String]) throws {
    folder = try Folder()
    servers = try (1...members).map { [folder] in try Server(program, id: $0, in: folder) }
    self.flags = flags
  }

  deinit { for server in servers { server.kill9() } }

  package func start(_ server: Server) throws { try server.start(server.arguments(in: servers) + flags) }

  /// Starts all servers and waits until each is healthy.
  package func startAll() async throws {
    for server in servers { try start(server) }
    try await becomeHealthy(servers)
  }

  package func becomeHealthy(_ servers: [Server]) async throws {
    for server in servers {
      _ = try await eventually("server \(server.id) becomes healthy") {
        try await call("GET", "/health", at: server.clients).status == 200 ? true : nil
      }
    }
  }

  /// What `/status` of a server says.
  package func decodedStatus<Part: Decodable>(of server: Server) async throws -> Part {
    let reply = try await call("GET", "/status", at: server.clients)
    return try JSONDecoder().decode(Part.self, from: Data(reply.body.utf8))
  }
}
