import Foundation
import ServerTestKit
import Testing

/// Flags that raft-kv refuses.
@Suite(.timeLimit(.minutes(5))) struct StartTests {
  /// Starts the only server of a cluster and waits for its end.
  private func failure(of server: Server, _ arguments: [String]) async throws -> (exit: Int32?, log: String) {
    try server.start(arguments)
    return (await server.exitStatus(), try server.log())
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
}
