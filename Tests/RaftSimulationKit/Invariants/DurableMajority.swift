import RaftKV
import SimulationKit

/// An entry is committed once it is "stored on a majority of the servers" (§5.3, §5.4.2) — on their disks, as figure 2
/// wants: true majorities here, whatever the servers under test believe to be one.
enum DurableMajority {
  /// - Parameter configurations: those that the server which committed the entry may have used: before and after its step.
  static func committed(
    index: LogIndex, term: Term, under configurations: [[NodeID]], disks: [RaftDisk]
  ) throws {
    let isStored = configurations.contains { members in
      members.count { disks[Int($0) - 1].holds(index, term: term) } > members.count / 2
    }
    guard isStored else {
      let holders = disks.indices.filter { disks[$0].holds(index, term: term) }.map { $0 + 1 }
      throw Violation(
        "Durable Majority",
        "entry \(index) of term \(term) was committed on the disks of \(holders), members are \(configurations[0])")
    }
  }
}
