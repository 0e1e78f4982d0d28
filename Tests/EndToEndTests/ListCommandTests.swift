import Foundation
import Histories
import Testing

/// `faultline list` of everything, and of one system.
@Suite struct ListCommandTests {
  private func list(_ arguments: String...) async throws -> Command.Ended {
    let folder = try Folder()
    return try await Command.run(["list"] + arguments, in: folder.path)
  }

  @Test(arguments: ["systems", "workloads", "faults", "models", "claims"])
  func `every kind is listed, as text and as JSON`(kind: String) async throws {
    #expect(try await list(kind).output.count > 100)
    let json = try JSONDecoder().decode(Value.self, from: Data(try await list(kind, "--output", "json").output.utf8))
    let names = (json.list ?? []).compactMap { $0.map?["name"]?.string }
    let first = try #require(names.first)
    #expect(try await list(kind, first).output.contains(first))
  }

  @Test func `a system is shown with all that can be asked of it`() async throws {
    let text = try await list("dynamo-ring")
    #expect(text.exit == 0, "\(text.errors)")
    for line in [
      "    siblings  no-lost-updates, no-resurrection, recovers, no-panic\n",
      "    crdt-set (the plan's own)  converges, recovers, no-panic\n",
      "    read-quorum: R, the replicas that a read waits for",
      "    last-write-wins  siblings\n", "    removed-resurfaces  crdt-set\n", "    partition  halves, isolate-one\n",
    ] { #expect(text.output.contains(line), "\(line) is not in \(text.output)") }
    let json = try await list("systems", "dynamo-ring", "--output", "json")
    let system = try JSONDecoder().decode(Value.self, from: Data(json.output.utf8))
    let workloads = system.map?["workloads"]?.list ?? []
    #expect(
      workloads.compactMap { $0.map?["name"]?.string } == [
        "crdt-counter", "crdt-register", "crdt-set", "register", "siblings",
      ])
    #expect(system.map?["bugs"]?.list?.contains(["name": "clock-ignores-seen", "workload": "register"]) == true)
  }

  @Test(arguments: [
    (["raft-vk"], "did you mean 'raft-kv'?"), (["sytems"], "did you mean 'systems'?"),
    (["workloads", "registre"], "did you mean 'register'?"), (["systems", "raft-vk"], "did you mean 'raft-kv'?"),
    (["raft-kv", "register"], "'register' says nothing"), (["./nothing.yaml"], "no such file"),
  ])
  func `a name that nobody knows is refused`(arguments: [String], message: String) async throws {
    let folder = try Folder()
    let ended = try await Command.run(["list"] + arguments, in: folder.path)
    #expect(ended.exit == 64 && ended.errors.contains(message), "\(ended.exit) \(ended.errors)")
  }
}
