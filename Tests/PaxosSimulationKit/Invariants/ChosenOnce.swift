import PaxosLog
import SimulationKit

/// "Only a single value is chosen" (§2.1), for each slot and for ever: found out from what majorities of disks hold, not
/// from what any node believes. And "for any v and n, if a proposal with value v and number n is issued", then only v is
/// issued with n (§2.5).
struct ChosenOnce {
  private struct Ballots {
    var byBallot: [Ballot: (value: Value, acceptors: UInt64)] = [:]
    var chosen: Proposal?
  }

  private var slots: [Slot: Ballots] = [:]
  private let majority: Int

  init(nodes: Int) { majority = nodes / 2 + 1 }

  /// The value that was chosen, and the first ballot in which this was seen.
  func chosen(in slot: Slot) -> Proposal? { slots[slot]?.chosen }

  /// An acceptor has a proposal on disk.
  mutating func accepted(_ vote: Vote, by node: Int) throws {
    let proposal = vote.proposal
    var ballots = slots[vote.slot, default: Ballots()]
    var seen = ballots.byBallot[proposal.ballot] ?? (proposal.value, 0)
    guard seen.value == proposal.value else {
      throw Violation("One Value A Ballot", "ballot \(proposal.ballot) has two values in slot \(vote.slot)")
    }
    seen.acceptors |= 1 << UInt64(node)
    ballots.byBallot[proposal.ballot] = seen
    if seen.acceptors.nonzeroBitCount >= majority {
      if let chosen = ballots.chosen, chosen.value != proposal.value {
        throw Violation(
          "Chosen Once",
          "slot \(vote.slot): ballots \(chosen.ballot) and \(proposal.ballot) chose different values")
      }
      if ballots.chosen.map({ $0.ballot > proposal.ballot }) ?? true { ballots.chosen = proposal }
    }
    slots[vote.slot] = ballots
  }

  /// P2c: "if a proposal with value v is chosen, then every higher-numbered proposal issued by any proposer has value v".
  func proposed(_ accept: Accept) throws {
    for (position, value) in accept.values.enumerated() {
      let slot = accept.firstSlot + Slot(position)
      guard let chosen = chosen(in: slot), chosen.ballot < accept.ballot, chosen.value != value else { continue }
      throw Violation(
        "P2c", "slot \(slot): ballot \(chosen.ballot) chose a value, ballot \(accept.ballot) proposes another")
    }
  }
}
