import Foundation
import ServerTestKit
import Testing

/// Real processes as a cluster, and what they keep when they are killed.
@Suite(.timeLimit(.minutes(5))) struct ClusterTests {
  private struct Ring: Decodable { var preference: [Int] }
  private struct Status: Decodable {
    var keys: Int
    var hints: Int
    var life: Int
    var stateHash: String
  }

  /// The cluster's servers in the order in which they are responsible for a key: three replicas, then two others.
  private func preference(_ key: String, _ cluster: TestCluster) async throws -> [Server] {
    let reply = try await call("GET", "/ring/\(key)", at: cluster.servers[0].clients)
    let replicas = try JSONDecoder().decode(Ring.self, from: Data(reply.body.utf8)).preference
    let others = Set(1...5).subtracting(replicas).sorted()
    return (replicas + others).map { cluster.servers[$0 - 1] }
  }

  private func started(_ members: Int) async throws -> TestCluster {
    let cluster = try TestCluster(of: "dynamo-ring", members: members, flags: ["--request-timeout-ms", "10000"])
    try await cluster.startAll()
    return cluster
  }

  /// Asks until it succeeds: a node that was started just now may not know the others.
  private func succeed(_ method: String, _ target: String, _ body: String, at server: Server) async throws -> Reply {
    try await eventually("\(method) \(target) is answered 200") {
      let reply = try await call(method, target, body, at: server.clients)
      return reply.status == 200 ? reply : nil
    }
  }

  @Test func anyServerTakesRequestsAndThreeKeepTheKey() async throws {
    let cluster = try await started(5)
    let order = try await preference("a", cluster)
    _ = try await succeed("PUT", "/kv/a", #"{"value":1}"#, at: order[4])
    for (position, server) in order.enumerated() {
      let reply = try await succeed("GET", "/kv/a", "", at: server)
      #expect(reply.body.hasPrefix(#"{"values":[1],"#))
      let local = try await call("GET", "/local/kv/a", at: server.clients)
      #expect(position < 3 ? local == reply : local == Reply(404, #"{"error":"not-a-replica"}"#))
    }
  }

  @Test func whatWasAcknowledgedSurvivesKillNineOfAll() async throws {
    let cluster = try await started(3)
    var acknowledged = 0
    try await withThrowingTaskGroup(of: Reply.self) { group in
      for number in 0..<60 {
        let address = cluster.servers[number % 3].clients
        group.addTask { try await call("POST", "/counters/c", #"{"add":1}"#, at: address) }
      }
      for try await reply in group where reply.status == 200 { acknowledged += 1 }
    }
    for server in cluster.servers { await server.crash() }
    try await cluster.startAll()
    #expect(acknowledged == 60)
    let reply = try await succeed("GET", "/counters/c", "", at: cluster.servers[0])
    #expect(reply.body == #"{"value":60}"#)
  }

  @Test func whoWasDownGetsWhatItMissed() async throws {
    let cluster = try await started(5)
    let order = try await preference("a", cluster)
    _ = try await succeed("POST", "/sets/a", #"{"add":1}"#, at: order[0])
    await order[1].crash()
    for element in 2..<6 { _ = try await succeed("POST", "/sets/a", "{\"add\":\(element)}", at: order[0]) }
    // A removal takes what its coordinator has seen.
    _ = try await eventually("the third replica has the first element") {
      try await call("GET", "/local/sets/a", at: order[2].clients).body.contains("1") ? true : nil
    }
    _ = try await succeed("POST", "/sets/a", #"{"remove":1}"#, at: order[2])
    try cluster.start(order[1])
    _ = try await eventually("the server that was down holds what the others hold") {
      try await call("GET", "/local/sets/a", at: order[1].clients).body == #"{"value":[2,3,4,5]}"# ? true : nil
    }
    _ = try await eventually("nobody keeps anything for it any more") {
      var hints = 0
      for server in order {
        let status: Status = try await cluster.decodedStatus(of: server)
        hints += status.hints
      }
      return hints == 0 ? true : nil
    }
    let status: Status = try await cluster.decodedStatus(of: order[1])
    #expect(status.life == 2)
    #expect(status.keys == 1)
  }
}
