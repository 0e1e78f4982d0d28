import RaftKV
import SimulationKit

/// "A leader never overwrites or deletes entries in its log; it only appends new entries" (figure 3, §5.3).
struct LeaderAppendOnly {
  /// By node while it leads: the last index of its log.
  private var lastIndex: [NodeID: LogIndex] = [:]

  mutating func elected(_ node: NodeID, log: Log) {
    // The log ends with the entry that opens the term, which the next batch brings.
    lastIndex[node] = log.lastIndex - 1
  }

  mutating func stoppedLeading(_ node: NodeID) { lastIndex[node] = nil }

  /// - Parameter isWhole: whether the batch begins the log anew behind a snapshot: it repeats what stays.
  mutating func changed(_ suffix: PersistBatch.Suffix, isWhole: Bool, of node: NodeID) throws {
    guard let last = lastIndex[node] else { return }
    let end = suffix.firstIndex + LogIndex(suffix.entries.count) - 1
    guard suffix.firstIndex == last + 1 || (isWhole && end >= last) else {
      throw Violation(
        "Leader Append-Only", "leader \(node) rewrote entry \(suffix.firstIndex) of its log that ended at \(last)")
    }
    lastIndex[node] = end
  }
}
