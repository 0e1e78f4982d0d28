import Foundation
import ServerTestKit
import Testing

/// Every route and every status of the HTTP interface, asked of the real process.
@Suite(.timeLimit(.minutes(5))) struct RouteTests {
  struct Exchange: Sendable, CustomTestStringConvertible {
    var method: String
    var target: String
    var body: String
    var expected: Reply
    var testDescription: String { "\(method) \(target.prefix(40)) \(body.prefix(40)) → \(expected)" }

    init(_ method: String, _ target: String, _ body: String, _ status: Int, _ expected: String) {
      self.method = method
      self.target = target
      self.body = body
      self.expected = Reply(status, expected)
    }
  }

  private func expectInOrder(_ exchanges: [Exchange], at address: Address) async throws {
    for exchange in exchanges {
      let reply = try await call(exchange.method, exchange.target, exchange.body, at: address)
      #expect(reply == exchange.expected, "\(exchange.testDescription)")
    }
  }

  @Test func aRegisterIsWrittenReadAndCompared() async throws {
    let cluster = try TestCluster(members: 1)
    try await cluster.startAll()
    try await expectInOrder(
      [
        Exchange("GET", "/kv/a", "", 404, #"{"error":"not-found"}"#),
        Exchange("POST", "/kv/a/cas", #"{"from":1,"to":2}"#, 404, #"{"error":"not-found"}"#),
        Exchange("PUT", "/kv/a", #"{"value":1}"#, 200, "{}"),
        Exchange("GET", "/kv/a", "", 200, #"{"value":1}"#),
        Exchange("POST", "/kv/a/cas", #"{"from":7,"to":2}"#, 412, #"{"error":"compare-failed"}"#),
        Exchange("POST", "/kv/a/cas", #"{"from":null,"to":2}"#, 412, #"{"error":"compare-failed"}"#),
        Exchange("GET", "/kv/a", "", 200, #"{"value":1}"#),
        Exchange("POST", "/kv/a/cas", #"{"from":1,"to":"two"}"#, 200, "{}"),
        Exchange("GET", "/kv/a", "", 200, #"{"value":"two"}"#),
        Exchange("POST", "/kv/b/cas", #"{"from":null,"to":true}"#, 200, "{}"),
        Exchange("GET", "/kv/b?x=y", "", 200, #"{"value":true}"#),
        Exchange("PUT", "/kv/a%2Fb", #" { "value" : -1.50e3 } "#, 200, "{}"),
        Exchange("GET", "/kv/a%2fb", "", 200, #"{"value":-1.50e3}"#),
      ], at: cluster.servers[0].clients)
  }

  @Test func aTransactionIsAnsweredWithItsReadsFilledIn() async throws {
    let cluster = try TestCluster(members: 1)
    try await cluster.startAll()
    try await expectInOrder(
      [
        Exchange(
          "POST", "/txn", #"[["r",5,null],["append",5,1],["r","5",null]]"#, 200,
          #"[["r",5,null],["append",5,1],["r","5",[1]]]"#),
        Exchange(
          "POST", "/txn", #" [ ["append", 5, "two" ] , ["w","x",7],["r","x",null] ] "#, 200,
          #"[["append",5,"two"],["w","x",7],["r","x",7]]"#),
        Exchange(
          "POST", "/txn", #"[["r",5,null],["r","x",null],["r","none",null]]"#, 200,
          #"[["r",5,[1,"two"]],["r","x",7],["r","none",null]]"#),
        Exchange("GET", "/kv/5", "", 200, #"{"value":[1,"two"]}"#),
        Exchange(
          "POST", "/txn", #"[["add","n",-3],["at-least","n",-3],["r","n",null]]"#, 200,
          #"[["add","n",-3],["at-least","n",-3],["r","n",-3]]"#),
        Exchange("POST", "/txn", #"[["w","x",8],["at-least","n",0]]"#, 409, #"{"error":"insufficient"}"#),
        Exchange("POST", "/txn", #"[["w","x",8],["append","n",0]]"#, 409, #"{"error":"wrong-type"}"#),
        Exchange("POST", "/txn", #"[["w","x",8],["add","n",-9223372036854775808]]"#, 409, #"{"error":"too-large"}"#),
        Exchange("GET", "/kv/x", "", 200, #"{"value":7}"#),
        Exchange("POST", "/kv/5/cas", #"{"from":1,"to":2}"#, 412, #"{"error":"compare-failed"}"#),
      ], at: cluster.servers[0].clients)
  }

  @Test func moneyIsTransferredOrNot() async throws {
    let cluster = try TestCluster(members: 1)
    try await cluster.startAll()
    try await expectInOrder(
      [
        Exchange("GET", "/bank/0,1", "", 200, #"{"0":null,"1":null}"#),
        Exchange("POST", "/txn", #"[["w",0,10],["w",1,10]]"#, 200, #"[["w",0,10],["w",1,10]]"#),
        Exchange("POST", "/bank/transfer", #"{"from":0,"to":1,"amount":10}"#, 200, "{}"),
        Exchange("POST", "/bank/transfer", #"{"from":0,"to":1,"amount":1}"#, 409, #"{"error":"insufficient"}"#),
        Exchange("POST", "/bank/transfer", #"{"amount":5,"to":2,"from":"1"}"#, 200, "{}"),
        Exchange("GET", "/bank/0,1,2", "", 200, #"{"0":0,"1":15,"2":5}"#),
        Exchange(
          "GET", "/bank/1,1", "", 400,
          #"{"error":"bad-request","detail":"at most 128 accounts can be read, each once"}"#),
        Exchange("GET", "/bank/1,", "", 400, #"{"error":"bad-key"}"#),
        Exchange("POST", "/bank/open", "{}", 404, #"{"error":"no-route"}"#),
      ], at: cluster.servers[0].clients)
  }

  @Test func whatIsNoRequestIsRefused() async throws {
    let cluster = try TestCluster(members: 1)
    try await cluster.startAll()
    let noRoute = #"{"error":"no-route"}"#
    let badKey = #"{"error":"bad-key"}"#
    let longKey = String(repeating: "k", count: 1025)
    let longBody = String(repeating: " ", count: 1 << 20 + 1)
    try await expectInOrder(
      [
        Exchange("GET", "/", "", 404, noRoute),
        Exchange("GET", "/kv", "", 404, noRoute),
        Exchange("GET", "/kv/a/b", "", 404, noRoute),
        Exchange("DELETE", "/kv/a", "", 404, noRoute),
        Exchange("POST", "/kv/a", "{}", 404, noRoute),
        Exchange("POST", "/kv/a/swap", "{}", 404, noRoute),
        Exchange("PUT", "/health", "{}", 404, noRoute),
        Exchange("GET", "/status/all", "", 404, noRoute),
        Exchange("GET", "/kv/", "", 400, badKey),
        Exchange("PUT", "/kv/\(longKey)", #"{"value":1}"#, 400, badKey),
        Exchange("GET", "/kv/\(longKey.dropLast())", "", 404, #"{"error":"not-found"}"#),
        Exchange("GET", "/kv/%zz", "", 400, #"{"error":"bad-target"}"#),
        Exchange("PUT", "/kv/a", longBody, 413, #"{"error":"body-too-large"}"#),
      ], at: cluster.servers[0].clients)
  }

  @Test(
    arguments: [
      ("PUT", "/kv/a", ""), ("PUT", "/kv/a", "3"), ("PUT", "/kv/a", #"{"value":}"#), ("PUT", "/kv/a", "{}"),
      ("PUT", "/kv/a", #"{"value":[1]}"#), ("PUT", "/kv/a", #"{"value":1,"extra":2}"#),
      ("PUT", "/kv/a", #"{"value":null}"#), ("PUT", "/kv/a", #"{"value":1} x"#),
      ("POST", "/kv/a/cas", #"{"from":1}"#), ("POST", "/kv/a/cas", #"{"from":1,"to":null}"#),
      ("POST", "/kv/a/cas", #"{"from":1,"to":2,"value":3}"#),
      ("POST", "/txn", ""), ("POST", "/txn", "[]"), ("POST", "/txn", "{}"), ("POST", "/txn", #"["w","a",1]"#),
      ("POST", "/txn", #"[["w","a",1],["r","a"]]"#), ("POST", "/txn", #"[["w","a",1],["r","a",1]]"#),
      ("POST", "/txn", #"[["w","a",1],["w","b",null]]"#), ("POST", "/txn", #"[["w","a",1],["w","b",[1]]]"#),
      ("POST", "/txn", #"[["w","a",1],["swap","b",1]]"#), ("POST", "/txn", #"[["w","a",1],["w","",1]]"#),
      ("POST", "/txn", #"[["w","a",1],["w","\u0062",1]]"#), ("POST", "/txn", #"[["w","a",1],["w",1.5,1]]"#),
      ("POST", "/txn", #"[["w","a",1],["w",true,1]]"#), ("POST", "/txn", #"[["w","a",1],["add","b",1.5]]"#),
      ("POST", "/txn", #"[["w","a",1],["at-least","b","1"]]"#), ("POST", "/txn", #"[["w","a",1]] x"#),
      ("POST", "/txn", "[" + String(repeating: #"["w","a",1],"#, count: 128) + #"["w","a",1]]"#),
      ("POST", "/bank/transfer", #"{"from":"a","to":"b"}"#),
      ("POST", "/bank/transfer", #"{"from":"b","to":"a","amount":-1}"#),
      ("POST", "/bank/transfer", #"{"from":"b","to":null,"amount":1}"#),
      ("POST", "/bank/transfer", #"{"from":"b","to":"a","amount":"1"}"#),
    ] as [(String, String, String)])
  func aBadBodyIsRefusedWithTheReasonAndChangesNothing(method: String, target: String, body: String) async throws {
    let cluster = try TestCluster(members: 1)
    try await cluster.startAll()
    let address = cluster.servers[0].clients
    let reply = try await call(method, target, body, at: address)
    #expect(reply.status == 400)
    #expect(reply.body.hasPrefix(#"{"error":"bad-request","detail":""#))
    #expect(try await call("GET", "/kv/a", at: address).status == 404)
  }

  @Test func statusTellsWhatTheServerDid() async throws {
    let cluster = try TestCluster(members: 1)
    try await cluster.startAll()
    let server = cluster.servers[0]
    let before = try await cluster.status(server)
    #expect(before.id == 1 && before.leader == 1 && before.role == "leader" && before.term >= 1)
    #expect(before.keys == 0 && before.stateHash == String(repeating: "0", count: 16) && before.droppedMessages == 0)
    #expect(before.commit == before.lastIndex && before.applied == before.lastIndex)
    for key in ["a", "b", "a"] {
      #expect(try await call("PUT", "/kv/\(key)", #"{"value":1}"#, at: server.clients).status == 200)
    }
    var expected = before
    expected.commit += 3
    expected.applied += 3
    expected.lastIndex += 3
    expected.keys = 2
    let after = try await cluster.status(server)
    expected.stateHash = after.stateHash
    #expect(after == expected)
    #expect(after.stateHash != before.stateHash)
    #expect(try await call("GET", "/health", at: server.clients) == Reply(200, #"{"status":"ok"}"#))
  }

  @Test func aLoneMemberOfThreeRefusesForCertain() async throws {
    let cluster = try TestCluster(members: 3)
    let server = cluster.servers[0]
    try cluster.start(server)
    let status = try await eventually("the server listens") { try await cluster.status(server) }
    #expect(status.leader == nil && status.role != "leader")
    try await expectInOrder(
      [
        Exchange("GET", "/health", "", 503, #"{"error":"not-ready"}"#),
        Exchange("GET", "/kv/a", "", 503, #"{"error":"no-leader"}"#),
        Exchange("PUT", "/kv/a", #"{"value":1}"#, 503, #"{"error":"no-leader"}"#),
        Exchange("POST", "/kv/a/cas", #"{"from":1,"to":2}"#, 503, #"{"error":"no-leader"}"#),
        Exchange("POST", "/txn", #"[["w","a",1]]"#, 503, #"{"error":"no-leader"}"#),
        Exchange("GET", "/bank/a,b", "", 503, #"{"error":"no-leader"}"#),
      ], at: server.clients)
  }

  /// A leader that lost its followers can promise nothing about a write, but a read it refuses has no effect.
  @Test func withoutAQuorumAWriteIsUnknownAndAReadRefused() async throws {
    // The leader keeps its role for 3 s without contact, and requests end after 0.2 s: the order of events is certain.
    let cluster = try TestCluster(
      members: 3, flags: ["--election-timeout-ms", "3000..6000", "--request-timeout-ms", "200"])
    try await cluster.startAll()
    let (leader, followers) = try await cluster.leaderAndFollowers()
    for follower in followers { await follower.crash() }
    try await expectInOrder(
      [
        Exchange("PUT", "/kv/a", #"{"value":1}"#, 504, #"{"error":"unknown"}"#),
        Exchange("GET", "/kv/a", "", 503, #"{"error":"no-leader"}"#),
        Exchange("POST", "/txn", #"[["r","a",null],["append","b",1]]"#, 504, #"{"error":"unknown"}"#),
        Exchange("POST", "/bank/transfer", #"{"from":0,"to":1,"amount":1}"#, 504, #"{"error":"unknown"}"#),
        Exchange("POST", "/txn", #"[["r","a",null],["r","b",null]]"#, 503, #"{"error":"no-leader"}"#),
      ], at: leader.clients)
  }
}
