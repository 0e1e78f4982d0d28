import Foundation
import ServerTestKit
import Testing

/// Real processes as a cluster, and what they keep when they are killed.
@Suite(.timeLimit(.minutes(5))) struct ClusterTests {
  private func started(_ members: Int) async throws -> TestCluster {
    let cluster = try TestCluster(of: "message-queue", members: members, flags: ["--request-timeout-ms", "10000"])
    try await cluster.startAll()
    return cluster
  }

  /// Asks until it succeeds: a server that was started just now may not have found the others.
  private func succeed(_ method: String, _ target: String, _ body: String, at server: Server) async throws -> Reply {
    try await eventually("\(method) \(target) is answered 200") {
      let reply = try await call(method, target, body, at: server.clients)
      return reply.status == 200 ? reply : nil
    }
  }

  /// Every value is sent until it is acknowledged, under a name of its own, and so stands there once.
  private func send(_ values: Range<Int>, _ cluster: TestCluster) async throws {
    for value in values {
      let body = "{\"value\":\(value),\"producer\":\(value + 1),\"sequence\":1}"
      _ = try await succeed("POST", "/topics/t/0", body, at: cluster.servers[value % cluster.servers.count])
    }
  }

  private func log(_ values: Range<Int>) -> String {
    let records = values.map { "[\($0),\($0)]" }.joined(separator: ",")
    return "{\"records\":[\(records)],\"end\":\(values.count)}"
  }

  @Test func anyServerTakesRequestsAndThreeKeepThePartition() async throws {
    let cluster = try await started(5)
    try await send(0..<10, cluster)
    for server in cluster.servers {
      let reply = try await succeed("GET", "/topics/t/0/0/100", "", at: server)
      #expect(reply.body == log(0..<10))
    }
    let copies = try await eventually("three servers have all") {
      var replies: [Reply] = []
      for server in cluster.servers { replies.append(try await call("GET", "/local/topics/t/0", at: server.clients)) }
      return replies.count { $0.body == log(0..<10) } == 3 ? replies : nil
    }
    #expect(copies.count { $0 == Reply(404, #"{"error":"not-a-replica"}"#) } == 2)
  }

  @Test func whatWasAcknowledgedSurvivesKillNineOfAll() async throws {
    let cluster = try await started(3)
    try await send(0..<20, cluster)
    for server in cluster.servers { await server.crash() }
    try await cluster.startAll()
    try await send(20..<30, cluster)
    let reply = try await succeed("GET", "/topics/t/0/0/100", "", at: cluster.servers[1])
    #expect(reply.body == log(0..<30))
  }

  @Test func anotherLeadsWhenOneIsKilled() async throws {
    let cluster = try await started(3)
    try await send(0..<5, cluster)
    for server in cluster.servers {
      await server.crash()
      let other = cluster.servers[server.id % 3]
      _ = try await succeed("POST", "/queues/q", #"{"value":1}"#, at: other)
      try cluster.start(server)
      try await cluster.becomeHealthy(cluster.servers)
    }
    let left = try await succeed("POST", "/queues/q/drain", "", at: cluster.servers[0])
    #expect(left.body.hasPrefix(#"{"values":[1,1,1"#))
  }

  @Test func tooFewServersRefuse() async throws {
    let cluster = try TestCluster(of: "message-queue", members: 3, flags: ["--request-timeout-ms", "2000"])
    try await cluster.startAll()
    _ = try await succeed("POST", "/topics/t/0", #"{"value":1}"#, at: cluster.servers[0])
    await cluster.servers[1].crash()
    await cluster.servers[2].crash()
    _ = try await eventually("the last one refuses") {
      try await call("POST", "/topics/t/0", #"{"value":2}"#, at: cluster.servers[0].clients).status == 503 ? true : nil
    }
  }
}
