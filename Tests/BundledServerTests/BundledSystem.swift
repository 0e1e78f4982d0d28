import ServerTestKit
import Testing

/// A bundled system as the tests of what all of them promise see it.
struct BundledSystem: Sendable, CustomTestStringConvertible {
  /// A request with the reply that it must get, or the part of the body that it must have.
  struct Exchange: Sendable {
    var method: String
    var target: String
    var body = ""
    var expected = ""
  }

  var program: String
  /// What a lone server is told besides its addresses.
  var flags: [String]
  /// Flags that make snapshots come often.
  var snapshotFlags: [String]
  /// The writes that make a snapshot certain.
  var snapshotWrites: Int
  /// The write of a number, answered 200.
  var write: @Sendable (Int) -> Exchange
  /// The read that shows it: a part of the answer's body.
  var read: @Sendable (Int) -> Exchange
  /// Requests on known paths whose bodies or names are wrong.
  var wrong: [Exchange]

  var testDescription: String { program }

  static let all: [BundledSystem] = [
    BundledSystem(
      program: "raft-kv", flags: TestCluster.patient, snapshotFlags: ["--snapshot-entries", "20"], snapshotWrites: 30,
      write: { Exchange(method: "PUT", target: "/kv/k\($0)", body: "{\"value\":\($0)}") },
      read: { Exchange(method: "GET", target: "/kv/k\($0)", expected: "{\"value\":\($0)}") },
      wrong: [
        Exchange(method: "PUT", target: "/kv/a", body: "3"), Exchange(method: "PUT", target: "/kv/a", body: "{}"),
        Exchange(method: "PUT", target: "/kv/a", body: #"{"value":[1]}"#), Exchange(method: "GET", target: "/kv/"),
      ]),
    BundledSystem(
      program: "paxos-log", flags: TestCluster.patient, snapshotFlags: ["--snapshot-interval", "20"],
      snapshotWrites: 60,
      write: { Exchange(method: "PUT", target: "/registers/k\($0)", body: "{\"value\":\($0)}") },
      read: { Exchange(method: "GET", target: "/registers/k\($0)", expected: "{\"value\":\($0)}") },
      wrong: [
        Exchange(method: "POST", target: "/logs/a", body: ""), Exchange(method: "POST", target: "/logs/a", body: "[]"),
        Exchange(method: "POST", target: "/logs/a", body: #"{"value":null}"#),
        Exchange(method: "POST", target: "/logs/a", body: #"{"value":1,"client":0,"sequence":1}"#),
        Exchange(method: "POST", target: "/logs/a", body: #"{"value":1,"client":1}"#),
        Exchange(method: "GET", target: "/logs/a/0"), Exchange(method: "GET", target: "/logs/a/1/x"),
        Exchange(method: "GET", target: "/registers/"),
        Exchange(method: "PUT", target: "/registers/a", body: #"{"value":{"a":1}}"#),
        Exchange(method: "POST", target: "/registers/a/cas", body: #"{"from":1,"to":null}"#),
      ]),
    BundledSystem(
      program: "dynamo-ring",
      flags: ["--replicas", "1", "--read-quorum", "1", "--write-quorum", "1", "--request-timeout-ms", "10000"],
      snapshotFlags: ["--snapshot-bytes", "2000"], snapshotWrites: 60,
      write: { Exchange(method: "PUT", target: "/lww/k\($0)", body: "{\"value\":\($0)}") },
      read: { Exchange(method: "GET", target: "/lww/k\($0)", expected: "\"value\":\($0)") },
      wrong: [
        Exchange(method: "PUT", target: "/kv/a", body: ""), Exchange(method: "PUT", target: "/kv/a", body: "[]"),
        Exchange(method: "PUT", target: "/kv/a", body: #"{"value":1,"context":"not one of ours"}"#),
        Exchange(method: "PUT", target: "/kv/a", body: #"{"value":[1]}"#), Exchange(method: "GET", target: "/kv/"),
        Exchange(method: "PUT", target: "/kv/a", body: #"{"value":1,"context":7}"#),
        Exchange(method: "PUT", target: "/kv/a", body: #"{"value":1,"context":"1:0"}"#),
        Exchange(method: "PUT", target: "/lww/a", body: "{}"),
        Exchange(method: "PUT", target: "/lww/a", body: #"{"value":null}"#),
        Exchange(method: "POST", target: "/counters/a", body: #"{"add":-1}"#),
        Exchange(method: "POST", target: "/counters/a", body: #"{"add":1.5}"#),
        Exchange(method: "POST", target: "/counters/a", body: #"{"add":1,"subtract":1}"#),
        Exchange(method: "POST", target: "/counters/a", body: #"{"add":99999999999999999999}"#),
        Exchange(method: "POST", target: "/sets/a", body: #"{"add":{}}"#),
        Exchange(method: "POST", target: "/sets/a", body: #"{"add":1,"remove":1}"#),
        Exchange(method: "POST", target: "/sets/a", body: #"{"add":1,"add":2}"#),
        Exchange(method: "GET", target: "/sets/"),
      ]),
    BundledSystem(
      program: "message-queue", flags: ["--replicas", "1", "--min-insync", "1", "--request-timeout-ms", "10000"],
      snapshotFlags: ["--snapshot-bytes", "2000"], snapshotWrites: 60,
      write: { Exchange(method: "POST", target: "/topics/t/0", body: "{\"value\":\($0)}") },
      read: { Exchange(method: "GET", target: "/topics/t/0/0/1000000", expected: ",\($0)]") },
      wrong: [
        Exchange(method: "POST", target: "/topics/t/0", body: ""),
        Exchange(method: "POST", target: "/topics/t/0", body: #"{"value":[1]}"#),
        Exchange(method: "POST", target: "/topics/t/0", body: #"{"value":1,"producer":1}"#),
        Exchange(method: "POST", target: "/topics/t/0", body: #"{"value":1,"producer":0,"sequence":1}"#),
        Exchange(method: "POST", target: "/topics/t/x", body: #"{"value":1}"#),
        Exchange(method: "POST", target: "/topics/t/99999999999", body: #"{"value":1}"#),
        Exchange(method: "GET", target: "/topics/t/0/-1/5"),
        Exchange(method: "POST", target: "/groups/g/poll", body: #"{"member":1,"topic":"t","max":1}"#),
        Exchange(method: "POST", target: "/groups/g/poll", body: #"{"member":"m"}"#),
        Exchange(method: "POST", target: "/queues/q/ack", body: #"{"id":"x"}"#),
        Exchange(method: "POST", target: "/queues/q/receive", body: "3"),
      ]),
  ]
}

/// One server of a system, with its data.
struct LoneServer {
  let system: BundledSystem
  let cluster: TestCluster
  var server: Server { cluster.servers[0] }

  init(_ system: BundledSystem, flags: [String] = []) throws {
    self.system = system
    cluster = try TestCluster(of: system.program, members: 1, flags: system.flags + flags)
  }

  func write(_ numbers: Range<Int>) async throws {
    for number in numbers {
      let write = system.write(number)
      #expect(try await call(write.method, write.target, write.body, at: server.clients).status == 200)
    }
  }

  func expectValues(_ numbers: Range<Int>) async throws {
    for number in numbers {
      let read = system.read(number)
      let reply = try await call(read.method, read.target, read.body, at: server.clients)
      #expect(reply.status == 200 && reply.body.contains(read.expected), "\(number): \(reply)")
    }
  }

  /// A server that has written these values and was killed.
  static func killed(_ system: BundledSystem, writes: Range<Int>, flags: [String] = []) async throws -> LoneServer {
    let lone = try LoneServer(system, flags: flags)
    try await lone.cluster.startAll()
    try await lone.write(writes)
    await lone.server.crash()
    return lone
  }

  /// Starts it and waits for its end.
  func failure() async throws -> (exit: Int32?, log: String) {
    try cluster.start(server)
    return (await server.exitStatus(), try server.log())
  }
}
