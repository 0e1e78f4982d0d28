import Foundation
import Testing

/// What a user may get wrong, and what the command says then.
@Suite(.serialized) struct BadInputTests {
  @Test(arguments: [
    (["run", "raft-vk"], "raft-kv"),
    (["run", "raft-kv", "--faults", "partitoin"], "partition"),
    (["run", "raft-kv", "--faults", "partition:targets=halfs"], "halves"),
    (["run", "raft-kv", "--workload", "registre"], "register"),
    (["run", "raft-kv", "--nodes", "0"], "nodes"),
    (["run", "raft-kv", "--time", "soon"], "duration"),
    (["run", "raft-kv", "--time", "-1s"], "time"),
    (["run", "raft-kv", "--concurrency", "0"], "concurrency"),
    (["run", "raft-kv", "--rate", "fast"], "rate"),
    (["run", "raft-kv", "--set", "bug=stale-reed"], "stale-read"),
    (["run", "raft-kv", "--set", "colour=red"], "bug"),
    (["run", "raft-kv", "--seed", "x"], "seed"),
    (["run", "missing.yaml"], "missing.yaml"),
    (["run", "/"], "/"),
    (["run"], "target"),
    (["run", "raft-kv", "--frobnicate"], "frobnicate"),
    (["list", "planets"], "planets"),
    (["report", "nowhere"], "nowhere"),
  ])
  func `bad usage exits with 64 and names what is wrong`(arguments: [String], hint: String) async throws {
    let folder = try Folder()
    let ended = try await Command.run(arguments, in: folder.path)
    #expect(ended.exit == 64, "\(ended.errors)")
    #expect(ended.errors.contains(hint), "\(ended.errors)")
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/store"), "it made a run directory")
  }

  /// Without the unknown option, each would end at once.
  @Test(arguments: [
    ["checkers-bench", "1k/5 small valid", "--frobnicate"], ["history-bench", "1", "edn", "--frobnicate"],
    ["history-fuzz", "--seconds", "1", "--frobnicate"], ["http-bench", "1", "--frobnicate"],
  ])
  func `benches and fuzzers refuse what they do not know, and tell what they do`(call: [String]) async throws {
    let folder = try Folder()
    let program = Command.binaries + "/" + call[0]
    let refused = try await Command.start(executable: program, Array(call.dropFirst()), in: folder.path).end()
    #expect(refused.exit == 64 && refused.errors.contains("frobnicate"), "\(refused.output)\(refused.errors)")
    #expect(refused.errors.contains("Usage: \(call[0])"), "\(refused.errors)")
    try #require(refused.exit == 64)  // one that takes everything would take --help, too
    let helped = try await Command.start(executable: program, ["--help"], in: folder.path).end()
    #expect(helped.exit == 0 && helped.output.contains("USAGE: \(call[0])"), "\(helped.output)\(helped.errors)")
  }

  @Test(arguments: [
    ("version: 1\nname: x\nsystem: [\n", 4), ("version: 1\nnames: x\n", 2), ("version: 2\n", 1),
    ("version: 1\nname: x\nworkload: {name: nothing}\n", 3), ("a: 1\na: 2\n", 1), ("\tversion: 1\n", 1),
  ])
  func `a bad plan is refused at its line`(text: String, line: Int) async throws {
    let folder = try Folder()
    try text.write(toFile: folder.path + "/plan.yaml", atomically: true, encoding: .utf8)
    let ended = try await Command.run(["run", "plan.yaml"], in: folder.path)
    #expect(ended.exit == 64, "\(ended.errors)")
    #expect(ended.errors.contains("plan.yaml:\(line):"), "\(ended.errors)")
  }

  /// A plan whose only node runs this shell command.
  private func plan(command: String) -> String {
    """
    version: 1
    name: broken
    system:
      nodes: {count: 2}
      ports: [http]
      processes:
        - command: [/bin/sh, -c, "\(command)"]
      ready: {http: {path: /, status: 200}, timeout: 1s}
    client: {baseURL: "http://{{ node.address }}:{{ node.ports.http }}"}
    operations:
      read: {readOnly: true, request: {method: GET, path: /}, outcomes: [{when: {status: 200}, is: ok, value: null}]}
      write: {request: {method: PUT, path: /}, outcomes: [{when: {status: 200}, is: ok}]}
      cas: {request: {method: POST, path: /}, outcomes: [{when: {status: 200}, is: ok}]}
    workload: {name: register}
    faults: []
    duration: 1s
    """
  }

  @Test(arguments: [
    ("echo the port is taken; exit 3", "the port is taken"), ("echo waiting; exec sleep 60", "waiting"),
  ])
  func `a node that does not come up exits with 75 and shows its log`(command: String, log: String) async throws {
    let folder = try Folder()
    try plan(command: command).write(toFile: folder.path + "/plan.yaml", atomically: true, encoding: .utf8)
    let ended = try await Command.run(["run", "./plan.yaml"], in: folder.path)
    #expect(ended.exit == 75, "\(ended.errors)")
    #expect(ended.errors.contains(log), "\(ended.errors)")
    #expect(ended.errors.contains("n1") || ended.errors.contains("n2"), "\(ended.errors)")
  }

  @Test func `a program that does not exist exits with 75 and says where it was looked for`() async throws {
    let folder = try Folder()
    let text = plan(command: "x").replacingOccurrences(of: "/bin/sh", with: "no-such-server")
    try text.write(toFile: folder.path + "/plan.yaml", atomically: true, encoding: .utf8)
    let ended = try await Command.run(["run", "./plan.yaml"], in: folder.path)
    #expect(ended.exit == 75, "\(ended.errors)")
    #expect(ended.errors.contains("no-such-server"), "\(ended.errors)")
  }
}
