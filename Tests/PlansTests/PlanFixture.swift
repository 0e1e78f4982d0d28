import Histories
import Testing
import Workloads

@testable import Plans

/// A small valid plan whose lines tests replace.
enum PlanFixture {
  static let lines: [String: String] = [
    "version": "version: 1",
    "name": "name: small",
    "nodes": "  nodes: {count: 3}",
    "ports": "  ports: [http]",
    "processes": "  processes: [{command: [./kvd, --listen, \"{{ node.address }}:{{ node.ports.http }}\"]}]",
    "ready": "  ready: {http: {path: /health, status: 200}}",
    "panic": "  panic: ['^panic: ']",
    "client": "client: {baseURL: \"http://{{ node.address }}:{{ node.ports.http }}\", timeout: 1s}",
    "read": "  read: {readOnly: true, request: {method: GET, path: \"/{{ op.key }}\"}, "
      + "outcomes: [{when: {status: 200}, is: ok, value: {jsonpath: $.v}}]}",
    "write": "  write: {request: {method: PUT, path: \"/{{ op.key }}\", body: \"{{ op.value }}\"}, "
      + "outcomes: [{when: {status: 200}, is: ok}]}",
    "cas": "  cas: {request: {method: POST, path: \"/{{ op.key }}\", json: [\"{{ op.from }}\", \"{{ op.to }}\"]}, "
      + "outcomes: [{when: {status: 200}, is: ok}]}",
    "workload": "workload: {name: register}",
    "faults": "faults: [{name: partition, targets: [halves], every: 5s, hold: 2s}, {name: kill}]",
    "claims": "claims: [linearizable]",
    "duration": "duration: 20s",
    "concurrency": "concurrency: 2n",
    "rate": "rate: 500/s",
  ]

  /// The order of the lines, with the headings between them.
  private static let order = [
    "version", "name", "system:", "nodes", "ports", "parameters", "processes", "stop", "ready", "primary", "membership",
    "panic",
    "client", "operations:", "read", "write", "cas", "workload", "faults", "claims", "minimums", "duration",
    "concurrency", "rate", "more",
  ]

  /// The plan's text with some lines replaced (an empty text removes the line).
  static func text(_ changes: [String: String] = [:]) -> String {
    let lines = lines.merging(changes) { _, new in new }
    return order.compactMap { name in
      name.hasSuffix(":") ? name : lines[name].flatMap { $0.isEmpty ? nil : $0 }
    }.joined(separator: "\n") + "\n"
  }

  static func plan(_ changes: [String: String] = [:], _ overrides: PlanOverrides = PlanOverrides()) throws -> Plan {
    try decode(text(changes), overrides)
  }

  static func decode(_ text: String, _ overrides: PlanOverrides = PlanOverrides()) throws -> Plan {
    let source = PlanSource(file: "p.yaml", directory: "/plans", text: text)
    return try PlanDecoder.decode(source, overrides: overrides, defaultSeed: 42)
  }

  /// All that is wrong, a line each.
  static func problems(_ changes: [String: String], _ overrides: PlanOverrides = PlanOverrides()) -> [String] {
    problems(in: text(changes), overrides)
  }

  static func problems(in text: String, _ overrides: PlanOverrides = PlanOverrides()) -> [String] {
    do {
      _ = try decode(text, overrides)
      return []
    } catch let problems as PlanProblems {
      return problems.diagnostics.map(\.description)
    } catch {
      return ["unexpected: \(error)"]
    }
  }
}
