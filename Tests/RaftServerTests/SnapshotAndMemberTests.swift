import Foundation
import ServerTestKit
import Testing

/// Snapshots, sessions and membership changes of real processes.
@Suite(.timeLimit(.minutes(5))) struct SnapshotAndMemberTests {
  /// Writes `count` keys, each with its number.
  private func write(_ count: Int, from first: Int = 0, at address: Address) async throws {
    for number in first..<first + count {
      #expect(try await call("PUT", "/kv/k\(number)", "{\"value\":\(number)}", at: address).status == 200)
    }
  }

  @Test func aServerRestartsFromItsSnapshotAndAShortLog() async throws {
    let cluster = try TestCluster(members: 1, flags: TestCluster.patient + ["--snapshot-entries", "700"])
    try await cluster.startAll()
    let server = cluster.servers[0]
    try await write(2_200, at: server.clients)
    let before = try await eventually("a snapshot took the place of entries") {
      let kept = try await cluster.kept(server)
      return kept.firstIndex > 500 ? kept : nil
    }
    let hash = try await cluster.status(server).stateHash
    #expect(before.snapshotIndex >= before.firstIndex - 1)
    #expect(before.walBytes < 2_200 * 40, "the file began anew")
    await server.crash()
    try cluster.start(server)
    try await cluster.becomeHealthy([server])
    let after = try await cluster.status(server)
    #expect(after.keys == 2_200)
    #expect(after.stateHash == hash)
    #expect(try await cluster.kept(server).firstIndex >= before.firstIndex)
    for number in [0, 1_000, 2_199] {
      #expect(try await call("GET", "/kv/k\(number)", at: server.clients) == Reply(200, "{\"value\":\(number)}"))
    }
    #expect(!FileManager.default.fileExists(atPath: server.data + "/wal.new"))
  }

  @Test func aServerThatWasAwayForLongIsSentTheSnapshot() async throws {
    let cluster = try TestCluster(members: 3, flags: TestCluster.patient + ["--snapshot-entries", "600"])
    try await cluster.startAll()
    let (leader, followers) = try await cluster.leaderAndFollowers()
    await followers[0].crash()
    try await write(2_000, at: leader.clients)
    _ = try await eventually("the leader forgets what the other lacks") {
      try await cluster.kept(leader).firstIndex > 100 ? true : nil
    }
    try cluster.start(followers[0])
    let statuses = try await cluster.agree()
    #expect(Set(statuses.map(\.stateHash)).count == 1)
    #expect(try await cluster.kept(followers[0]).firstIndex > 100)
    #expect(try await call("GET", "/kv/k7", at: followers[0].clients) == Reply(200, #"{"value":7}"#))
  }

  @Test func aNamedWriteTakesEffectOnceAlsoAfterRestarts() async throws {
    let cluster = try TestCluster(members: 3, flags: TestCluster.patient + ["--snapshot-entries", "10"])
    try await cluster.startAll()
    let first = ["client: 17", "sequence: 1"]
    let addresses = cluster.servers.map(\.clients)
    for address in addresses {
      let reply = try await call("POST", "/txn", #"[["append","l",1],["r","l",null]]"#, headers: first, at: address)
      #expect(reply == Reply(200, #"[["append","l",1],["r","l",[1]]]"#))
    }
    try await write(30, at: addresses[0])
    for server in cluster.servers { await server.crash() }
    try await cluster.startAll()
    for address in addresses {
      let reply = try await call("POST", "/txn", #"[["append","l",1],["r","l",null]]"#, headers: first, at: address)
      #expect(reply == Reply(200, #"[["append","l",1],["r","l",[1]]]"#))
    }
    let second = ["Client: 17", "Sequence: 2"]
    #expect(try await call("PUT", "/kv/a", #"{"value":1}"#, headers: second, at: addresses[1]) == Reply(200, "{}"))
    #expect(
      try await call("PUT", "/kv/a", #"{"value":2}"#, headers: first, at: addresses[2])
        == Reply(410, #"{"error":"forgotten"}"#))
    #expect(try await call("GET", "/kv/a", at: addresses[0]) == Reply(200, #"{"value":1}"#))
  }

  @Test(arguments: [["client: 1"], ["sequence: 1"], ["client: 0", "sequence: 1"], ["client: x", "sequence: 1"]])
  func halfANameIsRefused(headers: [String]) async throws {
    let cluster = try TestCluster(members: 1)
    try await cluster.startAll()
    let reply = try await call("PUT", "/kv/a", #"{"value":1}"#, headers: headers, at: cluster.servers[0].clients)
    #expect(reply.status == 400)
    #expect(reply.body.contains("the headers client and sequence"))
    #expect(try await call("GET", "/kv/a", headers: headers, at: cluster.servers[0].clients).status == 404)
  }

  @Test func serversAreAddedAndRemoved() async throws {
    let flags = TestCluster.patient + ["--members", "1,2,3", "--snapshot-entries", "20"]
    let cluster = try TestCluster(members: 4, flags: flags)
    for server in cluster.servers { try cluster.start(server) }
    try await cluster.becomeHealthy(Array(cluster.servers.prefix(3)))
    try await write(60, at: cluster.servers[0].clients)
    let clients = cluster.servers[1].clients
    #expect(try await cluster.status(cluster.servers[3]).keys == 0)
    #expect(try await change(#"{"add":4}"#, at: clients) == Reply(200, "{}"))
    #expect(try await change(#"{"add":4}"#, at: clients) == Reply(200, "{}"), "it is so already")
    let statuses = try await cluster.agree()
    #expect(statuses.allSatisfy { $0.keys == 60 })
    #expect(try await cluster.kept(cluster.servers[3]).members == [1, 2, 3, 4])
    let (leader, followers) = try await cluster.leaderAndFollowers()
    #expect(try await change("{\"remove\":\(leader.id)}", at: followers[0].clients) == Reply(200, "{}"))
    _ = try await eventually("the others elect a leader") {
      try await call("PUT", "/kv/k0", #"{"value":-1}"#, at: followers[2].clients).status == 200 ? true : nil
    }
    #expect(try await cluster.kept(followers[1]).members == followers.map(\.id))
    #expect(try await cluster.status(leader).role == "follower")
    for (body, reply) in [
      (#"{"add":9}"#, Reply(409, #"{"error":"unknown-server"}"#)), (#"{"add":4}"#, Reply(200, "{}")),
      ("{\"remove\":\(leader.id)}", Reply(200, "{}")),
    ] { #expect(try await change(body, at: followers[0].clients) == reply) }
    for body in ["", "{}", #"{"add":"x"}"#, #"{"grow":4}"#, #"{"add":4,"remove":4}"#, "[4]", #"{"add":-1}"#] {
      #expect(try await call("POST", "/members", body, at: clients).status == 400)
    }
  }

  /// A change is refused while the one before, or the leader's first entry, is not committed yet.
  private func change(_ body: String, at address: Address) async throws -> Reply {
    try await eventually("the change \(body) is taken or refused for good") {
      let reply = try await call("POST", "/members", body, at: address)
      let mayGoLater = reply.status == 503 || reply.body.contains("in-progress") || reply.body.contains("not-ready")
      return mayGoLater ? nil : reply
    }
  }
}
