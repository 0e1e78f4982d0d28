/// To which node a client process talks.
public enum Placement: String, Hashable, Sendable, CaseIterable {
  /// Thread t stays with node t modulo the number of nodes for the whole run.
  case sticky
  /// A new process, begun because the old one's operation ended `info`, talks to the next node: a client whose node is
  /// dead or cut off goes elsewhere, as real clients do.
  case roundRobin = "round-robin"

  /// The position of a process' node in the list of nodes; nil when there are none.
  ///
  /// - Parameters:
  ///   - process: client process number: thread + clients × (number of processes that ended on this thread).
  ///   - clients: number of client threads, at least 1.
  public func node(process: Int, clients: Int, nodes: Int) -> Int? {
    guard nodes > 0 else { return nil }
    let (ended, thread) = process.quotientAndRemainder(dividingBy: clients)
    switch self {
    case .sticky: return thread % nodes
    case .roundRobin: return (thread + ended) % nodes
    }
  }
}
