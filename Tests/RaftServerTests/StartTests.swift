import Foundation
import Testing

/// What a server does when it cannot start, or finds its data damaged.
@Suite(.timeLimit(.minutes(1))) struct StartTests {
  /// Starts the only server of a cluster and waits for its end.
  private func failure(of server: Server, _ arguments: [String]) async throws -> (exit: Int32?, log: String) {
    try server.start(arguments)
    return (await server.exitStatus(), try server.log())
  }

  @Test(arguments: [true, false]) func aTakenPortEndsItWithAMessage(isClientPort: Bool) async throws {
    let cluster = try TestCluster(members: 1)
    let server = cluster.servers[0]
    let address = isClientPort ? server.clients : server.peers
    let taken = try Socket()
    try taken.bind(address)
    try taken.listen()
    let (exit, log) = try await failure(of: server, server.arguments(in: cluster.servers))
    #expect(exit == 1)
    #expect(log.contains("cannot start: cannot listen for \(isClientPort ? "clients" : "peers") on \(address)"))
    #expect(log.contains("is another process using the port?"))
    withExtendedLifetime(taken) {}
  }

  /// Each replaces or adds a flag; the second part is what the message must name.
  @Test(
    arguments: [
      (["--id", "2"], "node 2 is not among the members"),
      (["--id", "one"], "--id"),
      (["--peers", "1=127.0.0.1"], "--peers"),
      (["--peers", "1=127.0.0.1:1,1=127.0.0.1:2"], "--peers"),
      (["--listen", "nowhere"], "--listen"),
      (["--peer-listen", "127.0.0.1:65536"], "--peer-listen"),
      (["--data", ""], "--data is empty"),
      (["--bug", "no-such-bug"], "stale-read"),
      (["--election-timeout-ms", "300..150"], "election time-out's range is empty"),
      (["--election-timeout-ms", "300"], "--election-timeout-ms"),
      (["--heartbeat-ms", "100"], "too rare"),
      (["--heartbeat-ms", "0"], "too rare"),
      (["--members", "1,7"], "the members [7] are not among the servers"),
      (["--members", "1,"], "--members"),
      (["--snapshot-entries", "0"], "would never end"),
      (["--request-timeout-ms", "0"], "--request-timeout-ms must be at least 1"),
      (["--no-such-flag"], "--no-such-flag"),
    ] as [([String], String)])
  func aBadFlagIsExplained(flag: [String], message: String) async throws {
    let cluster = try TestCluster(members: 1)
    let server = cluster.servers[0]
    var arguments = server.arguments(in: cluster.servers)
    if let position = arguments.firstIndex(of: flag[0]) { arguments.removeSubrange(position...position + 1) }
    let (exit, log) = try await failure(of: server, arguments + flag)
    #expect(exit == 64)
    #expect(log.contains(message))
    #expect(!FileManager.default.fileExists(atPath: server.data))
  }

  @Test(arguments: ["--id", "--listen", "--peer-listen", "--peers", "--data"])
  func aMissingFlagIsNamed(flag: String) async throws {
    let cluster = try TestCluster(members: 1)
    let server = cluster.servers[0]
    var arguments = server.arguments(in: cluster.servers)
    let position = try #require(arguments.firstIndex(of: flag))
    arguments.removeSubrange(position...position + 1)
    let (exit, log) = try await failure(of: server, arguments)
    #expect(exit == 64)
    #expect(log.contains("Missing expected argument '\(flag)"))
  }

  @Test func dataInUseIsNotTouched() async throws {
    let cluster = try TestCluster(members: 1)
    try await cluster.startAll()
    let folder = try Folder()
    let second = try Server(id: 1, in: folder)
    var arguments = second.arguments(in: [second])
    arguments[try #require(arguments.firstIndex(of: "--data")) + 1] = cluster.servers[0].data
    let (exit, log) = try await failure(of: second, arguments)
    #expect(exit == 1)
    #expect(log.contains("another process uses this data?"))
    #expect(try await call("GET", "/health", at: cluster.servers[0].clients).status == 200)
  }

  /// A server that has written `count` values and was killed.
  private func killedCluster(writes count: Int) async throws -> TestCluster {
    let cluster = try TestCluster(members: 1)
    try await cluster.startAll()
    for key in 0..<count {
      #expect(try await call("PUT", "/kv/k\(key)", "{\"value\":\(key)}", at: cluster.servers[0].clients).status == 200)
    }
    await cluster.servers[0].crash()
    return cluster
  }

  /// What a crash cannot have done: one byte of a record is wrong, and records follow.
  @Test func aDamagedMiddleOfTheLogIsRefusedAndLeftAsItIs() async throws {
    let cluster = try await killedCluster(writes: 5)
    let server = cluster.servers[0]
    let wal = URL(fileURLWithPath: server.walPath)
    var bytes = try Data(contentsOf: wal)
    bytes[bytes.count / 2] ^= 0x40
    try bytes.write(to: wal)
    let (exit, log) = try await failure(of: server, server.arguments(in: cluster.servers))
    #expect(exit == 1)
    #expect(log.contains("cannot start: \(server.walPath) is corrupt at byte"))
    #expect(log.contains("a damaged record is followed by a valid one"))
    #expect(log.contains("Starting would lose acknowledged data"))
    #expect(try Data(contentsOf: wal) == bytes)
  }

  @Test func aFileThatIsNoLogIsRefused() async throws {
    let cluster = try await killedCluster(writes: 1)
    let server = cluster.servers[0]
    try Data("something else entirely".utf8).write(to: URL(fileURLWithPath: server.walPath))
    let (exit, log) = try await failure(of: server, server.arguments(in: cluster.servers))
    #expect(exit == 1)
    #expect(log.contains("it is not a write-ahead log"))
  }

  /// What a crash does: the last record is incomplete. Nothing acknowledged was in it.
  @Test func aTornTailIsCutOffAndTheServerGoesOn() async throws {
    let cluster = try await killedCluster(writes: 5)
    let server = cluster.servers[0]
    let wal = URL(fileURLWithPath: server.walPath)
    let whole = try Data(contentsOf: wal)
    let torn = Data("NKR1".utf8) + Data([200, 0, 0, 0, 1, 2, 3, 4]) + Data(repeating: 7, count: 50)
    try (whole + torn).write(to: wal)
    try await cluster.startAll()
    #expect(try server.log().contains("cut a torn record off the write-ahead log"))
    for key in 0..<5 {
      #expect(try await call("GET", "/kv/k\(key)", at: server.clients) == Reply(200, "{\"value\":\(key)}"))
    }
    #expect(try await call("PUT", "/kv/more", #"{"value":1}"#, at: server.clients).status == 200)
    await server.crash()
    try await cluster.startAll()
    #expect(try !server.log().contains("torn record"))
    #expect(try await call("GET", "/kv/more", at: server.clients) == Reply(200, #"{"value":1}"#))
  }
}
