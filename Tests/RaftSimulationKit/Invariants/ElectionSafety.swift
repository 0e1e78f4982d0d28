import RaftKV
import SimulationKit

/// "At most one leader can be elected in a given term" (figure 3, §5.2).
struct ElectionSafety {
  private(set) var leaders: [Term: NodeID] = [:]

  mutating func elected(_ node: NodeID, term: Term) throws {
    if let other = leaders.updateValue(node, forKey: term) {
      throw Violation("Election Safety", "nodes \(other) and \(node) both won term \(term)")
    }
  }
}
