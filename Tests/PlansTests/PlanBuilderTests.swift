import Foundation
import Histories
import Nemesis
import Systems
import Testing
import Workloads

@testable import Plans

@Suite struct PlanBuilderTests {
  private func builder(_ directory: String = "/tmp") -> PlanBuilder {
    PlanBuilder(defaultSeed: 3, currentDirectory: directory)
  }

  private func problems(_ target: String, in directory: String = "/tmp") -> [String] {
    do {
      _ = try builder(directory).plan(target)
      return []
    } catch {
      return error.diagnostics.map(\.description)
    }
  }

  @Test(arguments: Presets.names) func bundledPlansAreRight(_ name: String) throws {
    let plan = try builder().plan(name)
    #expect(plan.name == name)
    #expect(plan.source.file == "\(name).yaml (bundled)")
    #expect(plan.seed == 3)
  }

  @Test func raftKVIsWhatItsServersSpeak() throws {
    let plan = try builder().plan("raft-kv", PlanOverrides(set: ["bug=stale-read"]))
    #expect(plan.system.nodeCount == 5)
    #expect(plan.parameters["bug"] == "stale-read")
    #expect(plan.faults.map(\.name) == ["partition", "kill", "kill", "pause", "pause"])
    #expect(
      plan.faults[0].targets == ["primary-minority", "isolate-one", "isolate-primary", "bridge", "majorities-ring"])
    #expect(plan.claims.map(\.claim) == ["linearizable", "recovers", "no-panic"])
    #expect(plan.operations["read"]?.readOnly == true)
    let path = try #require(plan.operations["cas"]?.request.path)
    #expect(path.description == "/kv/r{{ op.key }}/cas")
  }

  @Test(arguments: ["bank", "list-append", "long-fork", "register", "rw-register", "write-skew"])
  func raftKVServesItsWorkloads(_ workload: String) throws {
    let plan = try builder().plan("raft-kv", PlanOverrides(workload: workload))
    #expect(plan.workload.name == workload)
    let path = try #require(plan.operations["read"]?.request.path)
    #expect(path.description == (workload == "bank" ? "/bank/{{ op.value | join(',') }}" : "/kv/r{{ op.key }}"))
  }

  @Test(arguments: [
    ("crdt-counter", ["converges"]), ("crdt-register", ["converges"]), ("crdt-set", ["converges"]),
    ("register", ["read-your-writes", "monotonic-reads"]), ("siblings", ["no-lost-updates", "no-resurrection"]),
  ])
  func dynamoRingServesItsWorkloads(_ workload: String, _ claims: [String]) throws {
    let plan = try builder().plan("dynamo-ring", PlanOverrides(workload: workload))
    #expect(plan.claims.map(\.claim) == claims + ["recovers", "no-panic"])
    let operations = try #require(Catalogue.named(workload)).operations.filter { plan.workload.uses($0) }
    #expect(
      operations.allSatisfy { plan.operations[$0.name] != nil && plan.operations[$0.name]?.readOnly == $0.readOnly })
    #expect(operations.map(\.name).contains("cas") == false)
  }

  @Test func unknownSystemsNameTheKnownOnes() {
    #expect(
      problems("raft-vk") == [
        "faultline: unknown system 'raft-vk'; did you mean 'raft-kv'? (bundled: dynamo-ring, message-queue, paxos-log, raft-kv; a plan of your own ends with .yaml)"
      ])
  }

  @Test func filesThatAreNone() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "plans-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try Data([0x61, 0xFF]).write(to: folder.appending(path: "bytes.yaml"))
    try Data(repeating: 0x23, count: PlanLimits.fileBytesMax + 1).write(to: folder.appending(path: "large.yaml"))
    #expect(mkfifo(folder.appending(path: "pipe.yaml").path, 0o600) == 0)
    #expect(problems("no.yaml", in: folder.path) == ["no.yaml: no such file"])
    #expect(problems("./", in: folder.path) == ["./: is a directory; a plan is a YAML file"])
    #expect(problems("bytes.yaml", in: folder.path) == ["bytes.yaml: is not UTF-8 text"])
    #expect(problems("pipe.yaml", in: folder.path) == ["pipe.yaml: is not a regular file; a plan is a YAML file"])
    let large = "large.yaml: has more than 1048576 bytes, the most that a plan may have"
    #expect(problems("large.yaml", in: folder.path) == [large])
  }

  @Test func plansOfFilesKnowTheirFolder() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "plans-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder.appending(path: "sub"), withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try PlanFixture.text().write(to: folder.appending(path: "sub/small.yml"), atomically: true, encoding: .utf8)
    let plan = try builder(folder.path).plan("sub/small.yml")
    #expect(plan.source.directory == folder.path + "/sub")
    #expect(plan.source.file == "sub/small.yml")
    #expect(plan.source.text == PlanFixture.text())
  }
}
