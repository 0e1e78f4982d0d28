import Clusters
import Synchronization

/// A system's members in memory. They change when asked; what nodes say of them can be old, and answers can be scripted.
final class FakeMembership: MembershipControl {
  struct State {
    let nodes: [String]
    var members: Set<String>
    /// `remove n3 via n1`, in order of arrival.
    var calls: [String] = []
    /// Nodes that give this list whatever the members are.
    var stale: [String: [String]] = [:]
    /// Nodes that answer no question; changes they do carry out.
    var silent: Set<String> = []
    /// Answers in place of carrying a change out, one a request, before all others.
    var script: [ChangeAnswer] = []
    /// The answer to every change that is asked for by this node, in place of carrying it out.
    var answers: [String: ChangeAnswer] = [:]
    /// Says that changes are made, and makes none.
    var ignores = false
    /// A removal that is made when so many more looks were taken.
    var late: (node: String, looks: Int)?
    /// So many requests must have arrived before one is answered.
    var barrier = 0
    var arrived: [CheckedContinuation<Void, Never>] = []
    /// What is noted when a change is asked for: how much is cut then.
    var whenAsked: @Sendable () -> Int = { 0 }
    var cutWhenAsked: [Int] = []
    /// Requests under way now, and the most that there ever were.
    var asking = 0
    var askingMax = 0
  }

  let state: Mutex<State>

  init(_ nodes: [String]) { state = Mutex(State(nodes: nodes, members: Set(nodes))) }

  var members: [String] { state.withLock { state in state.nodes.filter(state.members.contains) } }
  var calls: [String] { state.withLock { $0.calls } }
  var cutWhenAsked: [Int] { state.withLock { $0.cutWhenAsked } }
  var askingMax: Int { state.withLock { $0.askingMax } }
  func configure(_ change: @Sendable (inout State) -> Void) { state.withLock { change(&$0) } }

  func members() async -> [MembersAnswer] {
    state.withLock { state in
      if let late = state.late {
        state.late = late.looks > 0 ? (late.node, late.looks - 1) : nil
        if late.looks == 0 { state.members.remove(late.node) }
      }
      return state.nodes.map { node in
        if state.silent.contains(node) { return MembersAnswer(node: node, problem: "timeout") }
        let list = state.stale[node] ?? state.nodes.filter(state.members.contains)
        return MembersAnswer(node: node, members: list)
      }
    }
  }

  func request(_ change: MemberChange, via: String) async -> ChangeAnswer {
    await arrive(change, via)
    return state.withLock { state in
      state.asking -= 1
      if !state.script.isEmpty { return state.script.removeFirst() }
      if let answer = state.answers[via] { return answer }
      if state.ignores { return .accepted }
      switch change {
      case .add(let node): state.members.insert(node)
      case .remove(let node): state.members.remove(node)
      }
      return .accepted
    }
  }

  private func arrive(_ change: MemberChange, _ via: String) async {
    await withCheckedContinuation { continuation in
      let ready = state.withLock { state in
        let verb = if case .add = change { "add" } else { "remove" }
        state.cutWhenAsked.append(state.whenAsked())
        state.calls.append("\(verb) \(change.node) via \(via)")
        state.asking += 1
        state.askingMax = max(state.askingMax, state.asking)
        state.arrived.append(continuation)
        guard state.arrived.count >= state.barrier else { return [CheckedContinuation<Void, Never>]() }
        defer { (state.barrier, state.arrived) = (0, []) }
        return state.arrived
      }
      for waiting in ready { waiting.resume() }
    }
  }
}
