import RaftKV
import SimulationKit

/// "If two logs contain an entry with the same index and term, then the logs are identical in all entries up through the
/// given index" (figure 3, §5.3). Checked by induction: wherever (index, term) appears, the entry and the term before it
/// are the same.
struct LogMatching {
  private struct Place: Hashable {
    var index: LogIndex
    var term: Term
  }

  private var known: [Place: (payload: Payload, previousTerm: Term)] = [:]

  mutating func changed(_ suffix: PersistBatch.Suffix, previousTerm: Term, of node: NodeID) throws {
    var previousTerm = previousTerm
    var index = suffix.firstIndex
    for entry in suffix.entries {
      let place = Place(index: index, term: entry.term)
      if let seen = known[place] {
        guard seen.payload == entry.payload, seen.previousTerm == previousTerm else {
          throw Violation(
            "Log Matching", "node \(node) has another entry \(index) of term \(entry.term) than a node before it")
        }
      } else {
        known[place] = (entry.payload, previousTerm)
      }
      previousTerm = entry.term
      index += 1
    }
  }
}
