import Clusters

/// A change that was asked for, with the answer; the same question and answer in a row are one.
struct AskedChange: Sendable, Hashable {
  var change: MemberChange
  var via: String
  var answer: ChangeAnswer
  var times = 1

  /// Whether the system made the change, or may have.
  var mayBeMade: Bool {
    switch answer {
    case .accepted, .unknown: true
    case .refused: false
    }
  }
}

/// Asking for changes of the membership.
struct MemberRequests: Sendable {
  /// From one question to the next about the same node.
  static let pauseNanoseconds: Int64 = 50_000_000

  let cluster: any ClusterControl
  let membership: any MembershipControl
  let clock: NemesisClock

  init(_ cluster: any ClusterControl, _ membership: any MembershipControl, _ clock: NemesisClock) {
    self.cluster = cluster
    self.membership = membership
    self.clock = clock
  }

  /// Asks to remove all who are to leave. Who is refused is asked for again until `deadline`.
  ///
  /// - Throws: `CancellationError` when the task is cancelled between two questions.
  func remove(_ departure: Departure, until deadline: Int64) async throws -> [AskedChange] {
    guard departure.atOnce else {
      var asked: [AskedChange] = []
      for node in departure.leaving { asked += try await remove(node, departure, until: deadline) }
      return asked
    }
    return try await withThrowingTaskGroup(of: (Int, [AskedChange]).self) { group in
      for (index, node) in departure.leaving.enumerated() {
        group.addTask { (index, try await remove(node, departure, until: deadline)) }
      }
      var asked: [(Int, [AskedChange])] = []
      for try await part in group { asked.append(part) }
      return asked.sorted { $0.0 < $1.0 }.flatMap(\.1)
    }
  }

  private func remove(_ node: String, _ departure: Departure, until deadline: Int64) async throws -> [AskedChange] {
    var asked: [AskedChange] = []
    var via = departure.via
    while true {
      let answer = await membership.request(.remove(node), via: via)
      asked.note(AskedChange(change: .remove(node), via: via, answer: answer))
      let next = clock.now() + Self.pauseNanoseconds
      guard case .refused = answer, next < deadline else { return asked }
      try await clock.sleep(next)
      if departure.cut == nil { via = await claimants().first ?? via }
    }
  }

  /// The nodes that say they are primary, in the order of the nodes.
  func claimants() async -> [String] { await cluster.primaries?.primaries() ?? [] }
}

extension [AskedChange] {
  /// Appends it, or counts it where it is the same again.
  mutating func note(_ asked: AskedChange) {
    if let last = indices.last, self[last].change == asked.change, self[last].via == asked.via,
      self[last].answer == asked.answer
    {
      self[last].times += 1
    } else {
      append(asked)
    }
  }

  /// The last answer about each of the nodes: `n3 accepted, n4 refused (change-in-progress)`.
  func lastWords(of nodes: [String]) -> String {
    nodes.map { node in "\(node) \(last { $0.change.node == node }?.answer.words ?? "not asked")" }
      .joined(separator: ", ")
  }
}

extension ChangeAnswer {
  var words: String {
    switch self {
    case .accepted: "accepted"
    case .refused(let reason): "refused (\(reason))"
    case .unknown(let reason): "unknown (\(reason))"
    }
  }
}
