import Foundation
import ServerTestKit

/// What `/status` says.
struct Status: Codable, Equatable, Sendable {
  var id: Int
  var role: String
  var term: Int
  var leader: Int?
  var commit: Int
  var applied: Int
  var lastIndex: Int
  var stateHash: String
  var keys: Int
  var droppedMessages: Int
}

/// What `/status` says of the membership, and of what the server keeps.
struct KeptStatus: Codable, Equatable, Sendable {
  var members: [Int]
  var snapshotIndex: Int
  var firstIndex: Int
  var walBytes: Int
}

extension TestCluster {
  /// Servers of raft-kv.
  ///
  /// - Parameters:
  ///   - members: how many servers the cluster has.
  ///   - flags: what each is told besides its addresses.
  convenience init(members: Int, flags: [String] = TestCluster.patient) throws {
    try self.init(of: "raft-kv", members: members, flags: flags)
  }

  func status(_ server: Server) async throws -> Status { try await decodedStatus(of: server) }

  func kept(_ server: Server) async throws -> KeptStatus { try await decodedStatus(of: server) }

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
