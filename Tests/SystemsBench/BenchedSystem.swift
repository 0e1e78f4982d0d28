import ServerTestKit

/// A bundled system as the bench asks it.
struct BenchedSystem: Sendable {
  var program: String
  /// Flags for a log that only grows.
  var noSnapshots: [String]
  /// The write of a number with a value as JSON text, answered 200 when it is durable.
  var write: @Sendable (_ number: Int, _ value: String) -> (method: String, path: String, body: String)
  /// Acknowledged writes per second that are the target, on two cores.
  var target: Int

  static let all: [BenchedSystem] = [
    BenchedSystem(
      program: "raft-kv", noSnapshots: ["--snapshot-entries", "1000000000", "--snapshot-bytes", "4000000000"],
      write: { ("PUT", "/kv/k\($0 % 10_000)", "{\"value\":\($1)}") }, target: 2_000),
    BenchedSystem(
      program: "paxos-log", noSnapshots: ["--snapshot-interval", "1000000000"],
      write: { ("POST", "/logs/l\($0 % 1_000)", "{\"value\":\($1)}") }, target: 2_000),
    BenchedSystem(
      program: "dynamo-ring", noSnapshots: ["--snapshot-bytes", "4000000000"],
      write: { ("PUT", "/lww/k\($0 % 10_000)", "{\"value\":\($1)}") }, target: 4_000),
    BenchedSystem(
      program: "message-queue", noSnapshots: ["--snapshot-bytes", "4000000000"],
      write: { ("POST", "/topics/t/\($0 % 8)", "{\"value\":\($1)}") }, target: 2_000),
  ]
}
