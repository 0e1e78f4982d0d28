import Clusters

/// The way back of removed nodes: they are asked for until the system lists them again.
struct Homecoming: Sendable {
  /// Who is to be a member in the end.
  let home: Set<String>
  /// Those of them whom the system has not said to have taken back.
  private(set) var away: Set<String>
  /// Who was still to be asked for at the last look, in the order of the nodes.
  private(set) var missing: [String] = []
  private(set) var asked: [AskedChange] = []
  /// The last look.
  private(set) var answers: [MembersAnswer] = []

  init(home: Set<String>, away: Set<String>) {
    self.home = home
    self.away = away
  }

  /// Looks and asks until nobody was missing for `looks` looks in a row, or `deadline` has come.
  ///
  /// - Throws: `CancellationError` when the task is cancelled.
  mutating func complete(_ requests: MemberRequests, until deadline: Int64, looks: Int) async throws {
    var looksLeft = looks
    var turn = 0
    while true {
      // Side by side: a node that stands still answers neither, and is waited for once.
      async let primaries = requests.claimants()
      async let lists = requests.membership.members()
      let claimants = await primaries
      answers = await lists
      missing = requests.cluster.nodes.map(\.name).filter { isMissing($0, claimants) }
      looksLeft = missing.isEmpty ? looksLeft - 1 : looks
      if looksLeft == 0 { return }
      let voices = voices(claimants)
      // A node that calls itself primary may be one no more: whoever failed is not asked again next.
      if !voices.isEmpty, try await !ask(requests, via: voices[turn % voices.count], until: deadline) { turn += 1 }
      let next = requests.clock.now() + MemberRequests.pauseNanoseconds
      guard next < deadline else { return }
      try await requests.clock.sleep(next)
    }
  }

  /// Whether somebody who should know does not list the node, or it has not been taken back.
  ///
  /// A node that was removed may never have heard of it, and lists itself for ever: where nodes call themselves primary,
  /// they are the ones to know, and a removed node must have been accepted again at least once.
  private func isMissing(_ node: String, _ claimants: [String]) -> Bool {
    guard home.contains(node) else { return false }
    let lists = answers.filter { $0.members != nil }
    let ofPrimaries = lists.filter { claimants.contains($0.node) }
    let trusted = ofPrimaries.isEmpty ? lists : ofPrimaries
    return away.contains(node) || trusted.isEmpty || trusted.contains { $0.members?.contains(node) == false }
  }

  /// Whom to ask, in this order: primaries, then all others that answer.
  private func voices(_ claimants: [String]) -> [String] {
    let answering = answers.filter { $0.members != nil }.map(\.node)
    return claimants + answering.filter { !claimants.contains($0) }
  }

  /// Asks for all who are missing, one after the other; whether all were accepted.
  private mutating func ask(_ requests: MemberRequests, via: String, until deadline: Int64) async throws -> Bool {
    var allAccepted = true
    for node in missing where requests.clock.now() < deadline {
      let answer = await requests.membership.request(.add(node), via: via)
      asked.note(AskedChange(change: .add(node), via: via, answer: answer))
      switch answer {
      case .accepted: away.remove(node)
      case .refused where answers.allSatisfy({ $0.members?.contains(node) == true }): away.remove(node)  // it is one
      case .refused, .unknown: allAccepted = false
      }
    }
    return allAccepted
  }

  /// `n4 n5 are not members again: n4 refused (not-caught-up), n5 not asked`.
  var missingWords: String {
    "\(missing.joined(separator: " ")) \(missing.count == 1 ? "is not a member" : "are not members") again: "
      + asked.lastWords(of: missing)
  }
}
