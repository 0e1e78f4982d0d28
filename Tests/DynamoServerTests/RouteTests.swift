import ServerTestKit
import Testing

/// Every route and every status of the HTTP interface, asked of the real process.
@Suite(.timeLimit(.minutes(5))) struct RouteTests {
  struct Exchange: Sendable {
    var method: String
    var target: String
    var body: String
    var expected: Reply

    init(_ method: String, _ target: String, _ body: String, _ status: Int, _ expected: String) {
      self.method = method
      self.target = target
      self.body = body
      self.expected = Reply(status, expected)
    }
  }

  private static let alone = ["--read-quorum", "1", "--write-quorum", "1"]

  private func expectInOrder(_ exchanges: [Exchange]) async throws {
    let cluster = try TestCluster(of: "dynamo-ring", members: 1, flags: Self.alone)
    try await cluster.startAll()
    for exchange in exchanges {
      let reply = try await call(exchange.method, exchange.target, exchange.body, at: cluster.servers[0].clients)
      #expect(reply == exchange.expected, "\(exchange)")
    }
  }

  @Test func blindPutsAreSiblingsUntilAContextCoversThem() async throws {
    try await expectInOrder([
      Exchange("GET", "/kv/a", "", 200, #"{"values":[],"context":""}"#),
      Exchange("PUT", "/kv/a", #"{"value":1}"#, 200, #"{"context":"1:1"}"#),
      Exchange("PUT", "/kv/a", #"{"value":"x","context":null}"#, 200, #"{"context":"+1:2"}"#),
      Exchange("GET", "/kv/a", "", 200, #"{"values":[1,"x"],"context":"1:2"}"#),
      Exchange("PUT", "/kv/a", #"{"value":3,"context":"1:1"}"#, 200, #"{"context":"1:1+1:3"}"#),
      Exchange("GET", "/local/kv/a", "", 200, #"{"values":["x",3],"context":"1:3"}"#),
      Exchange("PUT", "/kv/a", #"{"value":null,"context":"1:3"}"#, 200, #"{"context":"1:3"}"#),
      Exchange("GET", "/kv/a", "", 200, #"{"values":[],"context":"1:3"}"#),
      Exchange("PUT", "/kv/a", #"{"value":1,"context":"2:1"}"#, 400, #"{"error":"bad-context"}"#),
      Exchange(
        "PUT", "/kv/a", #"{"value":1,"context":"1:4611686018427387903"}"#, 400, #"{"error":"bad-context"}"#),
    ])
  }

  @Test func countersGoUpAndDown() async throws {
    try await expectInOrder([
      Exchange("GET", "/counters/a", "", 200, #"{"value":0}"#),
      Exchange("POST", "/counters/a", #"{"add":5}"#, 200, "{}"),
      Exchange("POST", "/counters/a", #"{"subtract":7}"#, 200, "{}"),
      Exchange("GET", "/counters/a", "", 200, #"{"value":-2}"#),
      Exchange("POST", "/counters/a", #"{"add":9007199254740992}"#, 413, #"{"error":"too-large"}"#),
      Exchange("GET", "/local/counters/a", "", 200, #"{"value":-2}"#),
      Exchange("GET", "/sets/a", "", 200, #"{"value":[]}"#),
    ])
  }

  @Test func removalsSayWhatTheyTook() async throws {
    try await expectInOrder([
      Exchange("POST", "/sets/a", #"{"add":"b"}"#, 200, #"{"id":["n1",1]}"#),
      Exchange("POST", "/sets/a", #"{"add":"a"}"#, 200, #"{"id":["n1",2]}"#),
      Exchange("POST", "/sets/a", #"{"add":"b"}"#, 200, #"{"id":["n1",3]}"#),
      Exchange("GET", "/sets/a", "", 200, #"{"value":["a","b"]}"#),
      Exchange("POST", "/sets/a", #"{"remove":"b"}"#, 200, #"{"context":[["n1",1],["n1",3]]}"#),
      Exchange("POST", "/sets/a", #"{"remove":"b"}"#, 200, #"{"context":[]}"#),
      Exchange("GET", "/local/sets/a", "", 200, #"{"value":["a"]}"#),
    ])
  }

  @Test func otherRoutes() async throws {
    try await expectInOrder([
      Exchange("GET", "/ring/a", "", 200, #"{"preference":[1]}"#),
      Exchange("GET", "/lww/a", "", 200, #"{"value":null}"#),
      Exchange("GET", "/local/lww/a", "", 200, #"{"value":null}"#),
      Exchange("GET", "/health", "", 200, #"{"status":"ok"}"#),
      Exchange("GET", "/local/a", "", 404, #"{"error":"no-route"}"#),
      Exchange("POST", "/kv/a", #"{"value":1}"#, 404, #"{"error":"no-route"}"#),
      Exchange("GET", "/kv/" + String(repeating: "x", count: 1025), "", 400, #"{"error":"bad-key"}"#),
    ])
  }

  @Test func aQuorumThatCannotBeIsRefusedAtTheStart() async throws {
    let cluster = try TestCluster(of: "dynamo-ring", members: 1, flags: ["--read-quorum", "2"])
    try cluster.start(cluster.servers[0])
    #expect(await cluster.servers[0].exitStatus() == 64)
    #expect(try cluster.servers[0].log().contains("the read quorum is from 1 to the 1 replicas, not 2"))
  }
}
