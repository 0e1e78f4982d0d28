import RaftKV
import SimulationKit

/// "Any majority of the old configuration overlaps with any majority of the new configuration" (thesis §4.1, figure 4.3),
/// else two leaders could be elected in one term.
enum OverlappingMajorities {
  /// - Parameters:
  ///   - old: the members as of the last committed entry.
  ///   - new: the latest configuration in the same log.
  static func changed(from old: [NodeID], to new: [NodeID], by node: NodeID) throws {
    let all = Set(old).union(new).count
    guard old.count / 2 + 1 + new.count / 2 + 1 > all else {
      throw Violation(
        "Overlapping Majorities",
        "leader \(node) went from \(old) to \(new), which have majorities without a server in common")
    }
  }
}
