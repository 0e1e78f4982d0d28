import Clusters
import Systems

/// Asks the nodes how they are, outside of the history.
struct HealthProbes: Sendable {
  /// Time between two questions to the same node, in nanoseconds.
  static let pauseNanoseconds: Int64 = 10_000_000

  let service: ProbeService
  /// In the order of the nodes; empty where the plan has no ready probe.
  let ready: [NodeProbe]
  /// In the order of the nodes; empty where the plan has no primary probe.
  let primary: [NodeProbe]

  /// Waits until every node has said that it is ready.
  ///
  /// - Returns: the nodes that never said so, each with its last answer: empty when all are ready.
  func untilReady(deadline: ContinuousClock.Instant, giveUp: @escaping @Sendable () -> Bool = { false }) async -> [(
    node: String, answer: String
  )] {
    await withTaskGroup(of: (Int, String?).self) { group in
      for (index, probe) in ready.enumerated() {
        group.addTask { (index, await untilReady(probe, deadline: deadline, giveUp: giveUp)) }
      }
      var unready: [(Int, String)] = []
      for await case (let index, let answer?) in group { unready.append((index, answer)) }
      return unready.sorted { $0.0 < $1.0 }.map { (ready[$0.0].node.name, $0.1) }
    }
  }

  /// Nil when the node became ready, else its last answer.
  private func untilReady(_ probe: NodeProbe, deadline: ContinuousClock.Instant, giveUp: @Sendable () -> Bool) async
    -> String?
  {
    while true {
      let answer = await ask(probe)
      if answer.accepted { return nil }
      if ContinuousClock.now >= deadline || giveUp() || Task.isCancelled { return answer.words }
      try? await Task.sleep(for: .nanoseconds(Self.pauseNanoseconds))
    }
  }

  func ask(_ probe: NodeProbe) async -> (accepted: Bool, words: String) {
    switch await service.ask(probe.request) {
    case .response(let response): (probe.accepts(response), "\(probe.request.url) answered \(response.status)")
    case .failure(let failure): (false, "\(probe.request.url) gave no answer: \(failure.reason.rawValue)")
    }
  }
}

extension HealthProbes: PrimaryControl {
  func primaries() async -> [String] {
    await withTaskGroup(of: (Int, Bool).self) { group in
      for (index, probe) in primary.enumerated() { group.addTask { (index, await ask(probe).accepted) } }
      var leading: [Int] = []
      for await case (let index, true) in group { leading.append(index) }
      return leading.sorted().map { primary[$0].node.name }
    }
  }
}
