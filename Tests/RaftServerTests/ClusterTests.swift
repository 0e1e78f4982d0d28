import Foundation
import ServerTestKit
import Testing

/// Real processes as a cluster, and what they keep when they are killed.
@Suite(.timeLimit(.minutes(5))) struct ClusterTests {
  @Test func everyServerTakesRequestsAndAllEndEqual() async throws {
    let cluster = try TestCluster(members: 3)
    try await cluster.startAll()
    let (leader, followers) = try await cluster.leaderAndFollowers()
    for (position, server) in (followers + [leader]).enumerated() {
      let body = "{\"value\":\(position)}"
      #expect(try await call("PUT", "/kv/k\(position)", body, at: server.clients) == Reply(200, "{}"))
      for reader in cluster.servers {
        #expect(try await call("GET", "/kv/k\(position)", at: reader.clients) == Reply(200, body))
      }
    }
    #expect(try await call("POST", "/kv/k0/cas", #"{"from":5,"to":6}"#, at: followers[0].clients).status == 412)
    #expect(try await call("POST", "/kv/none/cas", #"{"from":5,"to":6}"#, at: followers[0].clients).status == 404)
    #expect(try await call("GET", "/kv/none", at: followers[1].clients).status == 404)
    let statuses = try await cluster.agree()
    #expect(statuses.map(\.id) == [1, 2, 3])
    #expect(statuses.map(\.leader) == Array(repeating: leader.id, count: 3))
    #expect(Set(statuses.map(\.stateHash)).count == 1)
    #expect(statuses.allSatisfy { $0.keys == 3 })
    #expect(statuses.filter { $0.role == "follower" }.count == 2)
  }

  @Test func transactionsOfAllServersAreOneOrderAndSurviveKillNine() async throws {
    let cluster = try TestCluster(members: 3)
    try await cluster.startAll()
    let addresses = cluster.servers.map(\.clients)
    try await withThrowingTaskGroup(of: Reply.self) { group in
      for number in 0..<30 {
        let body = "[[\"append\",\"l\",\(number)],[\"add\",\"n\",1],[\"append\",\"m\",\(number)],[\"r\",\"n\",null]]"
        group.addTask { try await call("POST", "/txn", body, at: addresses[number % 3]) }
      }
      for try await reply in group { #expect(reply.status == 200) }
    }
    for server in cluster.servers { await server.crash() }
    try await cluster.startAll()
    var lists: Set<String> = []
    for address in addresses {
      for key in ["l", "m"] { lists.insert(try await call("GET", "/kv/\(key)", at: address).body) }
      #expect(try await call("GET", "/kv/n", at: address) == Reply(200, #"{"value":30}"#))
    }
    #expect(lists.count == 1, "both lists have the same order on every server")
    let elements = lists.first?.dropFirst(10).dropLast(2).split(separator: ",").compactMap { Int($0) } ?? []
    #expect(elements.sorted() == Array(0..<30))
    #expect(Set(try await cluster.agree().map(\.stateHash)).count == 1)
  }

  @Test func theOthersGoOnWithoutTheLeaderAndItCatchesUp() async throws {
    let cluster = try TestCluster(members: 3)
    try await cluster.startAll()
    let (old, others) = try await cluster.leaderAndFollowers()
    let oldTerm = try await cluster.status(old).term
    #expect(try await call("PUT", "/kv/a", #"{"value":1}"#, at: others[0].clients).status == 200)
    await old.crash()
    _ = try await eventually("the others elect a leader") {
      let status = try await cluster.status(others[0])
      return status.leader != nil && status.leader != old.id ? true : nil
    }
    try await cluster.becomeHealthy(others)
    #expect(try await call("GET", "/kv/a", at: others[1].clients) == Reply(200, #"{"value":1}"#))
    #expect(try await call("PUT", "/kv/b", #"{"value":2}"#, at: others[1].clients).status == 200)
    try cluster.start(old)
    let statuses = try await cluster.agree()
    #expect(statuses.allSatisfy { $0.term > oldTerm && $0.keys == 2 })
    #expect(Set(statuses.map(\.stateHash)).count == 1)
    #expect(try await call("GET", "/kv/b", at: old.clients) == Reply(200, #"{"value":2}"#))
  }

  /// Kills all processes at once while clients write, and starts them again on what their disks hold.
  @Test(arguments: [1, 3]) func acknowledgedWritesSurviveKillNine(members: Int) async throws {
    let cluster = try TestCluster(members: members)
    try await cluster.startAll()
    let addresses = cluster.servers.map(\.clients)
    let acknowledged = Acknowledged()
    let writers = (0..<4).map { writer in
      Task { await write(from: writer, at: addresses[writer % members], acknowledged) }
    }
    _ = try await eventually("60 writes are acknowledged") { await acknowledged.keys.count >= 60 ? true : nil }
    for server in cluster.servers { server.kill9() }
    for writer in writers { await writer.value }
    for server in cluster.servers { await server.crash() }
    try await cluster.startAll()
    let keys = await acknowledged.keys
    #expect(keys.count >= 60)
    for (position, key) in keys.enumerated() {
      let reply = try await call("GET", "/kv/\(key)", at: addresses[position % members])
      #expect(reply == Reply(200, "{\"value\":\"\(key)\"}"))
    }
  }

  /// Writes key after key until a write is not acknowledged.
  private func write(from writer: Int, at address: Address, _ acknowledged: Acknowledged) async {
    for number in 0... {
      let key = "w\(writer)-\(number)"
      let reply = try? await call("PUT", "/kv/\(key)", "{\"value\":\"\(key)\"}", at: address)
      guard reply?.status == 200 else { return }
      await acknowledged.add(key)
    }
  }
}

/// Keys whose writes were answered with 200.
private actor Acknowledged {
  private(set) var keys: [String] = []

  func add(_ key: String) { keys.append(key) }
}
