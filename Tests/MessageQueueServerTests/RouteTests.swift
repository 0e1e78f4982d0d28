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

  private func expectInOrder(_ exchanges: [Exchange], _ flags: [String] = []) async throws {
    let alone = ["--replicas", "1", "--min-insync", "1", "--request-timeout-ms", "10000"]
    let cluster = try TestCluster(of: "message-queue", members: 1, flags: alone + flags)
    try await cluster.startAll()
    for exchange in exchanges {
      let reply = try await call(exchange.method, exchange.target, exchange.body, at: cluster.servers[0].clients)
      #expect(reply == exchange.expected, "\(exchange)")
    }
  }

  @Test func recordsStandInTheOrderOfTheirOffsets() async throws {
    try await expectInOrder([
      Exchange("GET", "/topics/t/0/0/10", "", 200, #"{"records":[],"end":0}"#),
      Exchange("POST", "/topics/t/0", #"{"value":"a"}"#, 200, #"{"offset":0}"#),
      Exchange("POST", "/topics/t/0", #"{"value":2.50}"#, 200, #"{"offset":1}"#),
      Exchange("POST", "/topics/t/7", #"{"value":true}"#, 200, #"{"offset":0}"#),
      Exchange("GET", "/topics/t/0/0/10", "", 200, #"{"records":[[0,"a"],[1,2.50]],"end":2}"#),
      Exchange("GET", "/topics/t/0/1/10", "", 200, #"{"records":[[1,2.50]],"end":2}"#),
      Exchange("GET", "/topics/t/0/0/1", "", 200, #"{"records":[[0,"a"]],"end":2}"#),
      Exchange("GET", "/local/topics/t/0", "", 200, #"{"records":[[0,"a"],[1,2.50]],"end":2}"#),
      Exchange("GET", "/local/topics/other/0", "", 200, #"{"records":[],"end":0}"#),
    ])
  }

  @Test func aRecordThatIsSentAgainStandsThereOnce() async throws {
    let second = #"{"value":2,"producer":9,"sequence":5}"#
    try await expectInOrder([
      Exchange("POST", "/topics/t/0", #"{"value":1,"producer":9,"sequence":1}"#, 200, #"{"offset":0}"#),
      Exchange("POST", "/topics/t/0", second, 200, #"{"offset":1}"#),
      Exchange("POST", "/topics/t/0", second, 200, #"{"offset":1}"#),
      Exchange(
        "POST", "/topics/t/0", #"{"value":3,"producer":9,"sequence":3}"#, 409, #"{"error":"out-of-order-sequence"}"#),
      Exchange("GET", "/topics/t/0/0/10", "", 200, #"{"records":[[0,1],[1,2]],"end":2}"#),
    ])
  }

  @Test func aGroupConsumesEachRecord() async throws {
    let poll = #"{"member":"m\u0031","topic":"t","max":1}"#
    try await expectInOrder(
      [
        Exchange("POST", "/topics/t/0", #"{"value":1}"#, 200, #"{"offset":0}"#),
        Exchange("POST", "/topics/t/0", #"{"value":2}"#, 200, #"{"offset":1}"#),
        Exchange("POST", "/groups/g/commit", #"{"member":"m1","topic":"t"}"#, 409, #"{"error":"not-a-member"}"#),
        Exchange("POST", "/groups/g/poll", poll, 200, #"{"generation":1,"records":[[0,0,1]]}"#),
        Exchange("POST", "/groups/g/poll", poll, 200, #"{"generation":1,"records":[[0,1,2]]}"#),
        Exchange("POST", "/groups/g/poll", poll, 200, #"{"generation":1,"records":[]}"#),
        Exchange("POST", "/topics/t/0", #"{"value":3}"#, 200, #"{"offset":2}"#),
        Exchange("POST", "/groups/g/commit", #"{"member":"m1","topic":"t"}"#, 200, "{}"),
        Exchange("POST", "/groups/g/drain", #"{"topic":"t"}"#, 200, #"{"records":[[0,2,3]]}"#),
        Exchange("POST", "/groups/g/drain", #"{"topic":"t"}"#, 200, #"{"records":[]}"#),
        Exchange("POST", "/groups/g/leave", #"{"member":"m1"}"#, 200, "{}"),
        Exchange("POST", "/groups/g/commit", #"{"member":"m1","topic":"t"}"#, 409, #"{"error":"not-a-member"}"#),
      ], ["--partitions", "1"])
  }

  @Test func aQueueLendsItsMessages() async throws {
    let receive = #"{"receiver":"r"}"#
    try await expectInOrder(
      [
        Exchange("POST", "/queues/q/receive", receive, 200, #"{"id":null}"#),
        Exchange("POST", "/queues/q", #"{"value":"a"}"#, 200, #"{"id":0}"#),
        Exchange("POST", "/queues/q", #"{"value":"b"}"#, 200, #"{"id":1}"#),
        Exchange("POST", "/queues/q/receive", receive, 200, #"{"id":"0-1","value":"a","attempt":1}"#),
        Exchange("POST", "/queues/q/nack", #"{"id":"0-1"}"#, 200, "{}"),
        Exchange("POST", "/queues/q/ack", #"{"id":"0-1"}"#, 409, #"{"error":"not-held"}"#),
        Exchange("POST", "/queues/q/receive", receive, 200, #"{"id":"0-2","value":"a","attempt":2}"#),
        Exchange("POST", "/queues/q/nack", #"{"id":"0-2"}"#, 200, "{}"),
        Exchange("GET", "/queues/q/dead", "", 200, #"{"messages":[{"value":"a","attempts":2}]}"#),
        Exchange("POST", "/queues/q/receive", receive, 200, #"{"id":"1-1","value":"b","attempt":1}"#),
        Exchange("POST", "/queues/q/ack", #"{"id":"1-1"}"#, 200, "{}"),
        Exchange("POST", "/queues/q/drain", "", 200, #"{"values":["a"]}"#),
        Exchange("POST", "/queues/q/drain", "{}", 200, #"{"values":[]}"#),
      ], ["--max-deliveries", "2"])
  }

  @Test func refusalsNameTheFieldThatIsWrong() async throws {
    func refusal(_ detail: String) -> String { #"{"error":"bad-request","detail":"\#(detail)"}"# }
    let most = 4_611_686_018_427_387_903
    let receive = "/queues/q/receive"
    let visibility = refusal("visibilityMs is an integer from 1 to 4294967295")
    try await expectInOrder([
      Exchange("POST", receive, #"{"receiver":"r","visibilityMs":0}"#, 400, visibility),
      Exchange("POST", receive, #"{"receiver":"r","visibilityMs":4294967296}"#, 400, visibility),
      Exchange("POST", receive, #"{"receiver":"r","visibilityMs":"soon"}"#, 400, visibility),
      Exchange(
        "POST", receive, "{}", 400, refusal("the body must have exactly the fields receiver, and may have visibilityMs")
      ),
      Exchange(
        "POST", "/groups/g/poll", #"{"member":"m","topic":"t","max":0}"#, 400,
        refusal("max is an integer from 1 to \(most)")),
      Exchange(
        "POST", "/topics/t/0", #"{"value":1,"producer":0,"sequence":1}"#, 400,
        refusal("producer is an integer from 1 to \(most)")),
      Exchange(
        "POST", "/topics/t/0", #"{"value":1,"producer":1,"sequence":4611686018427387904}"#, 400,
        refusal("sequence is an integer from 1 to \(most)")),
      Exchange("GET", "/topics/t/0/x/1", "", 400, refusal("from is an integer from 0 to \(most)")),
      Exchange(
        "POST", "/queues/q/drain", #"{"a":1}"#, 400, refusal("the body must be empty, or an object without fields")),
    ])
  }

  @Test func whatDoesNotExist() async throws {
    let noRoute = #"{"error":"no-route"}"#
    try await expectInOrder([
      Exchange("GET", "/nothing", "", 404, noRoute), Exchange("DELETE", "/topics/t/0", "", 404, noRoute),
      Exchange("POST", "/groups/g/steal", "{}", 404, noRoute), Exchange("GET", "/queues/q/receive", "", 404, noRoute),
      Exchange("POST", "/queues/" + String(repeating: "q", count: 1025), "{}", 400, #"{"error":"bad-name"}"#),
    ])
  }
}
