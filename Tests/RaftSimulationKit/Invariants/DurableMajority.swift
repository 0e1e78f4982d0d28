import RaftKV

/// An entry is committed once it is "stored on a majority of the servers" (§5.3, §5.4.2) — on their disks, as figure 2
/// wants: true majorities here, whatever the servers under test believe to be one.
enum DurableMajority {
  static func committed(index: LogIndex, term: Term, disks: [SimulatedDisk]) throws {
    let holders = disks.count { $0.durableTerms.count >= index && $0.durableTerms[Int(index - 1)] == term }
    guard holders > disks.count / 2 else {
      throw Violation(
        "Durable Majority", "entry \(index) of term \(term) was committed with \(holders) of \(disks.count) disks")
    }
  }
}
