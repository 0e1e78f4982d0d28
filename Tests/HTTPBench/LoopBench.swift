import Clusters
import Foundation
import Generators
import Histories
import Plans
import RunStore
import Runs
import Systems
import Workloads

/// The whole client loop of a run against the trivial server: generator, templates, HTTP, outcome rules, history in
/// memory and on disk. What is left out is the system under test.
enum LoopBench {
  static func run(seconds: Int, port: UInt16) async throws -> String {
    let plan = try PlanBuilder(defaultSeed: 1, currentDirectory: "/").plan(system: "raft-kv")
    guard let workload = Workloads.Catalogue.named(plan.workload.name) else { return "no workload" }
    let node = Node(
      name: "n1", number: 1, address: "127.0.0.1", ports: ["http": Int(port)], dataDirectory: "/", logFile: "/")
    let instance = try workload.build(
      WorkloadSettings(
        parameters: plan.workload.parameters, threads: plan.concurrency, streams: RandomStreams(seed: 1),
        nodes: [node.name]))
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("loop-bench-\(UUID().uuidString).jsonl")
      .path
    defer { try? FileManager.default.removeItem(atPath: file) }
    let clock = RunClock()
    let loop = try LoopThread.start(
      LoopThread.Settings(
        generator: instance.generator, keyed: workload.keyed, threads: plan.concurrency,
        client: try SystemClient(
          client: plan.client, operations: plan.operations, scope: TemplateScope(nodes: [node]),
          slots: plan.concurrency),
        placement: plan.client.placement, historyPath: file,
        resends: RandomStream(seed: 0)),
      clock: clock, nodes: [node.name])
    try await Task.sleep(for: .seconds(seconds))
    loop.post(.stop)
    let elapsed = Double(clock.now) / 1e9
    let history = try await loop.untilEnd()
    let operations = try Operations(history).count
    let bytes = try FileManager.default.attributesOfItem(atPath: file)[.size] as? Int ?? 0
    return String(
      format: "recorded operations=%d ops/s=%.0f threads=%d history-bytes/op=%.0f", operations,
      Double(operations) / elapsed, plan.concurrency, Double(bytes) / Double(operations))
  }
}
