import Clusters
import Systems

/// Asks the nodes who the system's members are, and for changes, outside of the history.
struct MembershipProbes: MembershipControl {
  let service: ProbeService
  let client: MembershipClient

  func members() async -> [MembersAnswer] {
    await withTaskGroup(of: (Int, MembersAnswer).self) { group in
      for node in client.nodes {
        group.addTask { (node.number, await members(by: node)) }
      }
      var answers: [(Int, MembersAnswer)] = []
      for await answer in group { answers.append(answer) }
      return answers.sorted { $0.0 < $1.0 }.map(\.1)
    }
  }

  private func members(by node: Node) async -> MembersAnswer {
    do {
      var request = try client.membersRequest(to: node)
      // As with other probes: a node that is up answers at once.
      request.timeoutNanoseconds = min(request.timeoutNanoseconds, NodeProbe.timeoutNanoseconds)
      request.connectTimeoutNanoseconds = request.timeoutNanoseconds
      return client.members(by: node, await service.ask(request))
    } catch {
      return MembersAnswer(node: node.name, problem: "\(error)")
    }
  }

  func request(_ change: MemberChange, via: String) async -> ChangeAnswer {
    guard let node = client.nodes.first(where: { $0.name == via }) else { return .refused("there is no node '\(via)'") }
    do {
      return client.answer(to: change, await service.ask(try client.request(for: change, via: node)))
    } catch {
      return .refused("\(error)")  // nothing was sent
    }
  }
}
