import Clusters
import Histories

/// What is known of one departure: whom the nodes took for members before and after it, and what the system answered.
struct MembershipTrial: Sendable {
  var leaving: [String] = []
  var before: [MembersAnswer] = []
  /// Each look between the requests and the way back.
  var during: [[MembersAnswer]] = []
  var removals: [AskedChange] = []
  /// What was cut for it; empty where nothing was.
  var links: Set<Link> = []
  /// The kernel's counters of these links.
  var drops: [Link: Drops] = [:]

  /// Proof of a change: a node listed somebody who was to leave, and then did not any more.
  ///
  /// One such node is enough. A system may refuse some of the changes, and nodes that are cut off hear of none; and what
  /// the system says to have accepted is no proof before somebody lists it.
  func evidence(_ homecoming: Homecoming, nanoseconds: Int64, in cluster: any ClusterControl) -> FaultEvidence {
    let sightings = sightings
    var detail: [String: Value] = [
      "members": .list(cluster.nodes.map { lists(of: $0.name, homecoming) }),
      "requests": .list((removals + homecoming.asked).map(\.value)), "nanoseconds": .int(nanoseconds),
      "missing": .list(homecoming.missing.map { .string($0) }),
    ]
    let told = summary(sightings, homecoming, nanoseconds, cluster)
    guard !links.isEmpty else { return FaultEvidence(took: !sightings.isEmpty, summary: told, detail: .map(detail)) }
    let cut = dropEvidence(drops, on: links)
    detail["cut"] = cut.detail
    return FaultEvidence(
      took: !sightings.isEmpty && cut.took, summary: "\(cut.summary); \(told)", detail: .map(detail))
  }

  /// By node that listed it before: who was gone from its list.
  private var sightings: [(witness: String, gone: String)] {
    before.flatMap { first -> [(String, String)] in
      let later = during.flatMap(\.self).filter { $0.node == first.node }.compactMap(\.members)
      return leaving.filter { node in
        first.members?.contains(node) == true && later.contains { !$0.contains(node) }
      }.map { (first.node, $0) }
    }
  }

  private func summary(
    _ sightings: [(witness: String, gone: String)], _ homecoming: Homecoming, _ nanoseconds: Int64,
    _ cluster: any ClusterControl
  ) -> String {
    let gone = Set(sightings.map(\.gone))
    let witnesses = words(Set(sightings.map(\.witness)), in: cluster)
    let seen =
      gone.isEmpty ? "no node was seen to leave" : "\(words(gone, in: cluster)) left by the word of \(witnesses)"
    let back =
      homecoming.missing.isEmpty ? "all back after \(nanoseconds / 1_000_000) ms" : homecoming.missingWords
    return "\(seen); removals: \(removals.lastWords(of: leaving)); \(back)"
  }

  /// One node's lists over time.
  private func lists(of node: String, _ homecoming: Homecoming) -> Value {
    func list(_ answers: [MembersAnswer]) -> Value {
      guard let answer = answers.first(where: { $0.node == node }) else { return .null }
      return answer.members.map { .list($0.map { .string($0) }) } ?? .string(answer.problem ?? "no answer")
    }
    return [
      "node": .string(node), "before": list(before), "during": .list(during.map(list)),
      "after": list(homecoming.answers),
    ]
  }
}

extension AskedChange {
  fileprivate var value: Value {
    let (verb, node) =
      switch change {
      case .add(let node): ("add", node)
      case .remove(let node): ("remove", node)
      }
    return [
      "change": .string(verb), "node": .string(node), "via": .string(via), "answer": .string(answer.words),
      "times": .int(Int64(times)),
    ]
  }
}
