import Foundation

/// Servers of one cluster, numbered from 1, with their data in a folder of their own.
final class TestCluster {
  let folder: Folder
  let servers: [Server]
  private let flags: [String]

  /// Times that a busy machine keeps: no election happens but those that a test provokes.
  static let patient = [
    "--election-timeout-ms", "1500..3000", "--heartbeat-ms", "100", "--request-timeout-ms", "10000",
  ]

  /// - Parameters:
  ///   - members: how many servers the cluster has.
  ///   - flags: what each is told besides its addresses.
  init(members: Int, flags: [String] = patient) throws {
    folder = try Folder()
    servers = try (1...members).map { [folder] in try Server(id: $0, in: folder) }
    self.flags = flags
  }

  deinit { for server in servers { server.kill9() } }

  func start(_ server: Server) throws { try server.start(server.arguments(in: servers) + flags) }

  /// Starts all servers and waits until each knows a leader.
  func startAll() async throws {
    for server in servers { try start(server) }
    try await becomeHealthy(servers)
  }

  func becomeHealthy(_ servers: [Server]) async throws {
    for server in servers {
      _ = try await eventually("server \(server.id) becomes healthy") {
        try await call("GET", "/health", at: server.clients).status == 200 ? true : nil
      }
    }
  }

  func status(_ server: Server) async throws -> Status { try await decodedStatus(of: server) }

  func kept(_ server: Server) async throws -> KeptStatus { try await decodedStatus(of: server) }

  private func decodedStatus<Part: Decodable>(of server: Server) async throws -> Part {
    let reply = try await call("GET", "/status", at: server.clients)
    return try JSONDecoder().decode(Part.self, from: Data(reply.body.utf8))
  }

  /// The server that leads now, and the others.
  func leaderAndFollowers() async throws -> (leader: Server, followers: [Server]) {
    let leader = try await eventually("a server leads") {
      for server in servers where try await status(server).role == "leader" { return server }
      return nil as Server?
    }
    return (leader, servers.filter { $0 !== leader })
  }

  /// Waits until all servers have applied the same log.
  func agree() async throws -> [Status] {
    try await eventually("all servers apply the same log") {
      var statuses: [Status] = []
      for server in servers { statuses.append(try await status(server)) }
      let isSame = statuses.allSatisfy {
        $0.applied == $0.lastIndex && $0.applied == statuses[0].applied && $0.leader != nil
      }
      return isSame ? statuses : nil
    }
  }
}
