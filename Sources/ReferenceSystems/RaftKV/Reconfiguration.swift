/// A server that is to become a member, and does not count yet: "a new server joins the cluster as a non-voting member"
/// (thesis §4.2.1).
struct CatchingUp: Sendable {
  var node: NodeID
  var peer: Int
  /// Who asked; nil when that was answered.
  var origin: Origin?
  var deadline: Nanoseconds
  /// "The algorithm waits a fixed number of rounds (such as 10)".
  var round = 1
  /// The round replicates what the log held when it began.
  var roundTarget: LogIndex
  var roundStart: Nanoseconds

  static let roundsMax = 10
}

/// Membership changes, one server at a time (thesis §4.1, figure 4.1).
///
/// Deviations: a change that comes while another is under way is refused instead of kept waiting. Servers that may ever
/// be members are known from the start (``Configuration/servers``), so entries carry no addresses.
extension Raft {
  /// AddServer and RemoveServer of figure 4.1, on the leader.
  mutating func accept(_ change: MembershipChange, origin: Origin) {
    if let refusal = refusal(of: change) {
      answer(origin, .changeRefused(refusal))
    } else if memberships.latest.applying(change) == memberships.latest {
      answer(origin, .written)
    } else if case .add(let node) = change, let peer = peers.firstIndex(of: node) {
      startCatchUp(of: node, peer, origin: origin)
    } else {
      propose(memberships.latest.applying(change), origin: origin)
    }
  }

  private func refusal(of change: MembershipChange) -> ChangeRefusal? {
    // Without this, two leaders could each hold a change that the other does not know of, and the configurations differ
    // by two servers (Ongaro, raft-dev, "bug in single-server membership changes", 2015).
    guard commitsOwnTerm else { return .notReady }
    guard leading.catchingUp == nil else { return .inProgress }
    // "Wait until previous configuration in log is committed" (figure 4.1).
    guard memberships.latestIndex <= commitIndex || configuration.bug == .twoServerMembershipChange else {
      return .inProgress
    }
    guard configuration.servers.contains(change.node) else { return .unknownServer }
    return change == .remove(change.node) && memberships.latest.voters == [change.node] ? .lastMember : nil
  }

  /// "Append new configuration entry to log, commit using majority of new configuration" (figure 4.1). It counts from the
  /// moment that it is in the log.
  private mutating func propose(_ membership: Membership, origin: Origin?) {
    guard mayPropose else {
      if let origin { answer(origin, .overloaded) }
      return
    }
    append(Entry(term: currentTerm, payload: .configuration(membership)))
    if let origin { answerWhenApplied(origin) }
  }

  /// "Catch up new server for fixed number of rounds" (figure 4.1), so that the cluster does not wait for it when it counts.
  private mutating func startCatchUp(of node: NodeID, _ peer: Int, origin: Origin) {
    leading.progress[peer] = Progress(nextIndex: log.lastIndex + 1, waitingSince: now, lastContact: now)
    leading.catchingUp = CatchingUp(
      node: node, peer: peer, origin: origin, deadline: now + configuration.requestTimeout,
      roundTarget: log.lastIndex, roundStart: now)
    ask(peer)
  }

  /// A round is over when the new server has what it was about. "If the last round lasts less than an election timeout,
  /// then the leader adds the new server to the cluster" (thesis §4.2.1).
  mutating func advanceCatchUp() {
    guard let catchingUp = leading.catchingUp,
      leading.progress[catchingUp.peer].matchIndex >= catchingUp.roundTarget
    else { return }
    if now - catchingUp.roundStart <= configuration.electionTimeoutMin {
      leading.catchingUp = nil
      propose(memberships.latest.applying(.add(catchingUp.node)), origin: catchingUp.origin)
    } else if catchingUp.round == CatchingUp.roundsMax {
      abandonCatchUp(.changeRefused(.notCaughtUp))
    } else {
      leading.catchingUp?.round += 1
      leading.catchingUp?.roundTarget = log.lastIndex
      leading.catchingUp?.roundStart = now
      advanceCatchUp()
    }
  }

  /// Gives up a server that cannot be reached; tells whoever waited too long that nothing is known yet.
  mutating func catchUpTick() {
    guard let catchingUp = leading.catchingUp else { return }
    if now >= leading.progress[catchingUp.peer].lastContact + configuration.electionTimeoutMax {
      abandonCatchUp(.changeRefused(.notCaughtUp))
    } else if now >= catchingUp.deadline, let origin = catchingUp.origin {
      leading.catchingUp?.origin = nil
      answer(origin, .unknown)
    }
  }

  /// Nothing was proposed, so the answer is definite.
  mutating func abandonCatchUp(_ outcome: Outcome) {
    guard let catchingUp = leading.catchingUp else { return }
    leading.catchingUp = nil
    if let origin = catchingUp.origin { answer(origin, outcome) }
  }

  /// "A leader that is removed from the configuration steps down once the Cnew entry is committed" (thesis §4.2.2).
  mutating func stepDownIfRemoved() {
    guard role == .leader, !isVoter, memberships.latestIndex <= commitIndex else { return }
    becomeFollower(term: currentTerm, leader: nil)
  }

  /// Whether this server's time-outs start elections. "A server that is not part of its own latest configuration should
  /// still start new elections, as it might still be needed until the Cnew entry is committed" (thesis §4.2.2); one that
  /// never was a member should not.
  var mayCampaign: Bool {
    isVoter || memberships.latest(through: commitIndex).contains(configuration.id)
  }

  /// Follows the latest configuration in the log; to be called whenever it may be another.
  mutating func membershipChanged() {
    let latest = memberships.latest
    isVoter = latest.contains(configuration.id)
    votingPeers = peers.indices.filter { latest.contains(peers[$0]) }
    quorum = latest.quorum(configuration.bug)
  }

  /// The peers that a leader sends to: the other members, and the server that is to become one.
  var audience: [Int] {
    guard let learner = leading.catchingUp?.peer, !votingPeers.contains(learner) else { return votingPeers }
    return votingPeers + [learner]
  }
}
