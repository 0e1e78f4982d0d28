import Clusters

/// Members that are to leave, and how they are asked to.
struct Departure: Sendable {
  /// In the order in which they are removed; at least one.
  var leaving: [String]
  /// Whether all are asked for at once, not one after the answer to the other.
  var atOnce: Bool
  /// The node that is asked: one that says it is primary, where there is one.
  var via: String
  /// Whom the nodes take for members before anything is asked.
  var before: [MembersAnswer]
  /// What is cut before anything is asked: the node that is asked, and those who stay, from all others. Then it alone is
  /// asked, whoever may call itself primary elsewhere.
  var cut: Division?
}

/// Which members leave: one entry of the table of targets.
struct MemberChoice: Sendable {
  enum Primary: Sendable {
    /// It may leave or stay, as chance has it.
    case likeOthers
    /// It comes first, and without one there is no departure.
    case first
    /// It comes first where there is one.
    case firstIfAny
  }

  /// Two members can lose nobody without losing their majority, and one has nobody to agree with: so many stay at least,
  /// where they could agree to be so few.
  static let stayMin = 2

  var target: FaultTarget
  var primary = Primary.likeOthers
  var atOnce = false
  /// Whether those who stay are cut off: a minority, which must not agree to anything.
  var isolates = false
  /// Those who leave, out of the members in a random order.
  var leave: @Sendable ([String]) -> ArraySlice<String>

  static let all = [
    MemberChoice(target: FaultTarget("one", "one random member is removed"), leave: { upTo(1, of: $0) }),
    MemberChoice(
      target: FaultTarget(
        "minority", "as many random members as leave a majority are removed, each after the answer to the one before"),
      leave: { upTo(($0.count - 1) / 2, of: $0) }),
    MemberChoice(
      target: FaultTarget("primary", "a member that says it is primary is removed", requires: [.primaries]),
      primary: .first, leave: { upTo(1, of: $0) }),
    MemberChoice(
      target: FaultTarget(
        "shrink", "all members but two are removed, all asked for at once; a primary is among those who stay"),
      primary: .firstIfAny, atOnce: true, leave: { $0.dropFirst(stayMin) }),
    MemberChoice(
      target: FaultTarget(
        "shrink-isolated", "a primary is cut off with a minority, and asked at once to remove all the others",
        requires: [.primaries, .network]),
      primary: .first, atOnce: true, isolates: true, leave: { $0.dropFirst(($0.count - 1) / 2) }),
  ]

  /// The first `count`, or fewer, so that `stayMin` stay.
  private static func upTo(_ count: Int, of members: [String]) -> ArraySlice<String> {
    members.prefix(max(0, min(count, members.count - stayMin)))
  }

  /// What became of a choice.
  enum Outcome {
    case leave(Departure)
    /// Nobody leaves, and why.
    case none(String)
  }

  /// Who leaves by this action, as things are now.
  ///
  /// - Throws: `CancellationError` when the task is cancelled while a primary is searched for.
  static func departure(
    of action: FaultAction, _ search: PrimarySearch, _ membership: any MembershipControl,
    in cluster: any ClusterControl
  ) async throws -> Outcome {
    guard let choice = all.first(where: { $0.target.name == action.target }) else {
      return .none("\(action.fault) has no target `\(action.target)`")
    }
    let primaryFirst = try await search.primaryFirst(action.order, in: cluster)
    if choice.primary == .first, primaryFirst == nil { return .none(search.failure) }
    let before = await membership.members()
    let answered = before.filter { $0.members != nil }
    guard let via = (primaryFirst ?? action.order).first(where: { node in answered.contains { $0.node == node } }),
      let members = answered.first(where: { $0.node == via })?.members
    else { return .none("no node says who the members are: \(before.problemWords)") }
    let order = choice.primary == .likeOthers ? action.order : primaryFirst ?? action.order
    let leaving = Array(choice.leave(order.filter(members.contains)))
    let staying = order.filter { members.contains($0) && !leaving.contains($0) }
    guard !leaving.isEmpty, staying.contains(via) || !choice.isolates else {
      return .none("only \(words(members, in: cluster)) are members: too few to go on")
    }
    let others = order.filter { !staying.contains($0) }
    let cut = choice.isolates ? Division.sides(of: staying + others, first: staying.count) : nil
    return .leave(Departure(leaving: leaving, atOnce: choice.atOnce, via: via, before: before, cut: cut))
  }
}

extension [MembersAnswer] {
  /// Why nodes gave no list: `n1: timeout; n2: timeout`.
  var problemWords: String {
    compactMap { answer in answer.problem.map { "\(answer.node): \($0)" } }.joined(separator: "; ")
  }
}
