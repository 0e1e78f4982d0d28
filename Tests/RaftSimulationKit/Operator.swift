import RaftKV
import SimulationKit

// An operator who adds and removes servers, one after the other, at whatever server comes to hand.
extension Simulation {
  mutating func changeMembers() throws {
    guard !isHealed else { return }
    queue.insert(.changeMembers, at: now + random.time(options.changeInterval))
    // Now and then one is asked for before the other can be done.
    for _ in 0..<(random.chance(percent: options.doubleChangePercent) ? 2 : 1) { try askForChange() }
  }

  private mutating func askForChange() throws {
    let members = observer.committed.members
    let node = nodes[Int.random(in: nodes.indices, using: &random)].id
    let change: MembershipChange = members.contains(node) ? .remove(node) : .add(node)
    if case .remove = change, members.count <= 2 { return }
    let id = nextOperation
    nextOperation += 1
    changes[id] = change
    let server = Int.random(in: nodes.indices, using: &random)
    if nodes[server].raft != nil { try step(server, .request(.changeMembers(change), id: id)) }
  }

  /// The operator got an answer: if it was a yes, the log says so too.
  mutating func changed(_ change: MembershipChange, _ outcome: Outcome) throws {
    guard outcome == .written else { return }
    guard observer.committed.hasMadeTrue(change) else {
      throw Violation("Membership", "\(change) was acknowledged before it was committed")
    }
    result.changes += 1
  }
}
