extension FaultSchedule {
  /// Changes actions so that those which last at the same time never together take away a majority.
  ///
  /// In order of time, each is held against those before it that still last. One that would take too much is moved to
  /// another target of its package which takes less, and as much as possible; where none takes little enough, the action is
  /// left out. Times and orders stay, so an action that is left alone is the same as without this. Notices count both.
  mutating func keepQuorum(_ packages: [FaultPackage]) {
    let byName = Dictionary(packages.map { ($0.name, $0) }) { first, _ in first }
    let quorum = Quorum(nodes: nodes)
    var kept: [FaultAction] = []
    /// What still lasts, and until when.
    var lasting: [(end: Int64, toll: QuorumToll)] = []
    var counts: [String: (moved: Int, dropped: Int)] = [:]
    for action in actions {
      lasting.removeAll { $0.end <= action.at }
      let others = lasting.map(\.toll)
      guard let package = byName[action.fault], let fitting = package.fitting(action, beside: others, quorum) else {
        // A fault that nobody knows is skipped by the runner, with its own words.
        if byName[action.fault] == nil {
          kept.append(action)
        } else {
          counts[action.fault, default: (0, 0)].dropped += 1
        }
        continue
      }
      if fitting.target != action.target { counts[action.fault, default: (0, 0)].moved += 1 }
      kept.append(fitting)
      // A quarter more: an injection may be late, and nodes need some time to come back.
      lasting.append((fitting.at + fitting.hold + fitting.hold / 4, package.toll(fitting)))
    }
    actions = kept
    for (fault, count) in counts.sorted(by: { $0.key < $1.key }) {
      notices.append(
        "\(fault): what would take the quorum away: \(count.moved) moved to smaller targets, \(count.dropped) left out")
    }
  }
}

extension FaultPackage {
  /// The action as it is, or with the target that takes most of those that take less; nil where all take too much.
  fileprivate func fitting(_ action: FaultAction, beside others: [QuorumToll], _ quorum: Quorum) -> FaultAction? {
    func fits(_ toll: QuorumToll) -> Bool { toll == .none || quorum.holds(under: others + [toll]) }
    let asked = toll(action)
    if fits(asked) { return action }
    let limit = quorum.loss(under: asked)
    var best: (action: FaultAction, loss: Int)?
    for target in targets where target.requires.isEmpty && target.nodesMin <= quorum.nodes.count {
      var candidate = action
      candidate.target = target.name
      let toll = toll(candidate)
      let loss = quorum.loss(under: toll)
      // A target that takes nothing would be another fault, and of equal ones the package's first is preferred.
      guard loss > best?.loss ?? 0, loss < limit, fits(toll) else { continue }
      best = (candidate, loss)
    }
    return best?.action
  }
}
