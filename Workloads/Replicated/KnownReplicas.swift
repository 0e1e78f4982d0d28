import Checkers
import Generators
import Histories

/// Which nodes may hold a copy of each object: all that have not refused to read it because they hold none.
struct KnownReplicas: Sendable {
  private let nodes: [String]
  /// By slot: the nodes that refused, of the newest key heard of.
  private var refusals: [(key: Int, nodes: Set<String>)]

  init(_ nodes: [String], slots: Int) {
    self.nodes = nodes
    refusals = Array(repeating: (-1, []), count: slots)
  }

  /// Takes in the completion of a read of a replica.
  mutating func note(_ completion: Event, key: Int, slot: Int) {
    guard completion.type == .fail, completion.error == ConvergenceChecker.notAReplica, let node = completion.node,
      key >= refusals[slot].key
    else { return }
    if key > refusals[slot].key { refusals[slot] = (key, []) }
    refusals[slot].nodes.insert(node)
  }

  /// A node whose replica may be read; any, if all have refused.
  func draw(key: Int, slot: Int, _ stream: inout RandomStream) -> String {
    let refused = refusals[slot].key == key ? refusals[slot].nodes : []
    let left = nodes.filter { !refused.contains($0) }
    let choice = left.isEmpty ? nodes : left
    return choice[stream.below(choice.count)]
  }
}
