import RaftKV
import SimulationKit

/// "If a server has applied a log entry at a given index to its state machine, no other server will ever apply a
/// different log entry for the same index" (figure 3, §5.4.3); and equal prefixes give equal states.
struct StateMachineSafety {
  /// By index: the hash of the state after it, as the first server had it that stopped there.
  private var hashes: [LogIndex: UInt64] = [:]

  static func applied(_ entry: Entry, at index: LogIndex, by node: NodeID, committed: CommittedLog) throws {
    guard committed[index].entry == entry else {
      throw Violation(
        "State Machine Safety",
        "node \(node) applied an entry of term \(entry.term) at index \(index); another applied term "
          + "\(committed[index].entry.term) there")
    }
  }

  mutating func reached(hash: UInt64, at index: LogIndex, by node: NodeID) throws {
    if let known = hashes.updateValue(hash, forKey: index), known != hash {
      throw Violation(
        "State Machine Safety", "node \(node) has another state after entry \(index) than a node before it")
    }
  }
}
