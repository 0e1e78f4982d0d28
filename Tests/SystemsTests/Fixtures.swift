import Clusters
import Histories

@testable import Systems

/// Three nodes with two ports each, as templates see them.
enum Fixture {
  static let nodes: [Node] = (1...3).map { number in
    Node(
      name: "n\(number)", number: number, address: "10.0.0.\(number)", ports: ["http": 8000, "peer": 8001],
      dataDirectory: "/run/n\(number)/data", logFile: "/run/n\(number)/log")
  }
  static let run = RunIdentity(id: "20261122-7", directory: "/run")

  /// The scope of the second node.
  static func scope(_ invocation: PendingOperation? = nil) -> TemplateScope {
    TemplateScope(
      node: nodes[1], nodes: nodes, parameters: ["bug": "none", "heartbeat": 50], run: run, invocation: invocation)
  }

  static func keyed(_ function: String, _ value: Value) -> PendingOperation {
    PendingOperation(id: 17, function: function, value: .keyed(4, value), keyed: true)
  }
}
