import RaftKV
import SimulationKit

/// "If a log entry is committed in a given term, then that entry will be present in the logs of the leaders for all
/// higher-numbered terms" (figure 3, §5.4).
enum LeaderCompleteness {
  static func elected(_ node: NodeID, term: Term, log: Log, committed: CommittedLog) throws {
    for (offset, position) in committed.positions.enumerated() where position.commitTerm < term {
      let index = LogIndex(offset) + 1
      // What a snapshot covers is compared by the hash of the state.
      if index < log.base { continue }
      guard log.term(at: index) == position.entry.term else {
        throw Violation(
          "Leader Completeness",
          "leader \(node) of term \(term) lacks entry \(index), committed in term \(position.commitTerm)")
      }
    }
  }
}
