import Foundation
import ServerTestKit
import Testing

/// What every bundled server refuses: flags, ports and data that it cannot use, and requests that are none.
@Suite(.timeLimit(.minutes(5))) struct RefusalTests {
  @Test(arguments: BundledSystem.all, [true, false])
  func aTakenPortEndsItWithAMessage(system: BundledSystem, isClientPort: Bool) async throws {
    let lone = try LoneServer(system)
    let address = isClientPort ? lone.server.clients : lone.server.peers
    let taken = try Socket()
    try taken.bind(address)
    try taken.listen()
    let (exit, log) = try await lone.failure()
    #expect(exit == 1)
    #expect(log.contains("cannot start: cannot listen for \(isClientPort ? "clients" : "peers") on \(address)"))
    #expect(log.contains("is another process using the port?"))
    withExtendedLifetime(taken) {}
  }

  @Test(arguments: BundledSystem.all, ["--id", "--listen", "--peer-listen", "--peers", "--data"])
  func aMissingFlagIsNamed(system: BundledSystem, flag: String) async throws {
    let lone = try LoneServer(system)
    var arguments = lone.server.arguments(in: lone.cluster.servers)
    let position = try #require(arguments.firstIndex(of: flag))
    arguments.removeSubrange(position...position + 1)
    try lone.server.start(arguments)
    #expect(await lone.server.exitStatus() == 64)
    #expect(try lone.server.log().contains("Missing expected argument '\(flag)"))
  }

  @Test(arguments: BundledSystem.all) func anUnknownBugIsRefusedWithTheKnownOnes(system: BundledSystem) async throws {
    let lone = try LoneServer(system, flags: ["--bug", "no-such-bug"])
    let (exit, log) = try await lone.failure()
    #expect(exit == 64)
    #expect(log.contains("--bug") && log.contains("none"))
  }

  @Test(arguments: BundledSystem.all) func dataInUseIsNotTouched(system: BundledSystem) async throws {
    let lone = try LoneServer(system)
    try await lone.cluster.startAll()
    let folder = try Folder()
    let second = try Server(system.program, id: 1, in: folder)
    var arguments = second.arguments(in: [second]) + system.flags
    arguments[try #require(arguments.firstIndex(of: "--data")) + 1] = lone.server.data
    try second.start(arguments)
    #expect(await second.exitStatus() == 1)
    #expect(try second.log().contains("another process uses this data?"))
    #expect(try await call("GET", "/health", at: lone.server.clients).status == 200)
  }

  @Test(arguments: BundledSystem.all) func anotherServersDataIsRefused(system: BundledSystem) async throws {
    let lone = try await LoneServer.killed(system, writes: 0..<1)
    let folder = try Folder()
    let other = try Server(system.program, id: 2, in: folder)
    var arguments = other.arguments(in: [other]) + system.flags
    arguments[try #require(arguments.firstIndex(of: "--data")) + 1] = lone.server.data
    try other.start(arguments)
    #expect(await other.exitStatus() == 1)
    let expected = "\(lone.server.data) belongs to \(system.program) node 1, this is \(system.program) node 2"
    #expect(try other.log().contains(expected))
    withExtendedLifetime(folder) {}
    try await lone.cluster.startAll()
    try await lone.expectValues(0..<1)
  }

  @Test(arguments: BundledSystem.all) func whatIsNoRequestIsRefused(system: BundledSystem) async throws {
    let lone = try LoneServer(system)
    try await lone.cluster.startAll()
    let address = lone.server.clients
    let noRoute = Reply(404, #"{"error":"no-route"}"#)
    for (method, target) in [
      ("GET", "/"), ("GET", "/no-such-thing"), ("DELETE", "/health"), ("PUT", "/status"), ("GET", "/status/all"),
    ] { #expect(try await call(method, target, at: address) == noRoute, "\(method) \(target)") }
    let write = system.write(1)
    let longBody = String(repeating: " ", count: 1 << 20 + 1)
    #expect(
      try await call(write.method, write.target, longBody, at: address) == Reply(413, #"{"error":"body-too-large"}"#))
    #expect(try await call("GET", write.target + "%zz", at: address) == Reply(400, #"{"error":"bad-target"}"#))
    try await lone.write(2..<3)
    try await lone.expectValues(2..<3)
  }

  @Test(arguments: BundledSystem.all) func wrongBodiesAndNamesAreRefusedInJSON(system: BundledSystem) async throws {
    let lone = try LoneServer(system)
    try await lone.cluster.startAll()
    for wrong in system.wrong {
      let reply = try await call(wrong.method, wrong.target, wrong.body, at: lone.server.clients)
      #expect(reply.status == 400, "\(wrong): \(reply)")
      #expect(reply.body.hasPrefix(#"{"error":""#), "\(wrong): \(reply)")
    }
    try await lone.write(2..<3)
    try await lone.expectValues(2..<3)
  }

  /// Every connection is answered, in JSON.
  @Test(arguments: BundledSystem.all) func malformedHTTPDoesNotKillIt(system: BundledSystem) async throws {
    let lone = try LoneServer(system)
    try await lone.cluster.startAll()
    let long = String(repeating: "x", count: 200_000)
    var answered = 0
    for text in [
      "\r\n\r\n", "no HTTP at all\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "GET /\(long) HTTP/1.1\r\n\r\n",
      "PUT /kv/a HTTP/1.1\r\ncontent-length: -5\r\n\r\n",
      "PUT /kv/a HTTP/1.1\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nabcde",
      "POST /a HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n", "GET / HTTP/1.1\r\nx: \(long)\r\n\r\n",
    ] {
      // A connection that is closed with bytes unread is reset, which may take the answer with it.
      guard let answer = try? await exchange(Array(text.utf8), isAll: true, at: lone.server.clients), !answer.isEmpty
      else { continue }
      #expect(answer.hasPrefix("HTTP/1.1 4") && answer.contains(#"{"error":""#), "\(answer)")
      answered += 1
    }
    #expect(answered >= 5)
    try await lone.write(2..<3)
    try await lone.expectValues(2..<3)
  }
}
