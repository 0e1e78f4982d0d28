extension TransactionCycle.Link {
  /// As in results: `ww`, `wr`, `rw`, `process` or `realtime`.
  var name: String {
    switch self {
    case .process: "process"
    case .realtime: "realtime"
    case .dependency(let kind): ["ww", "wr", "rw"][Int(kind.rawValue)]
    }
  }
}

/// A proof that some versions have no good order, in words: transactions are called by the events that invoked them.
struct ProofText {
  /// Statements, and dependencies that they rest on, that are shown.
  static let (statementsMax, groundsMax) = (24, 16)

  private let proof: OrderProof
  private let explanation: RegisterExplanation
  private var history: RegisterHistory { explanation.history }
  /// Statements that were numbered.
  private var count = 0
  private var shown = 0
  /// Dependencies that rules give, as far as the statements use them.
  private var grounds: [String] = []

  init(_ proof: OrderProof, _ explanation: RegisterExplanation) {
    (self.proof, self.explanation) = (proof, explanation)
  }

  /// All of the proof, with the dependencies that it rests on.
  mutating func all() -> String { text(proof.whole) + rest() }

  /// The lemmas alone, for a proof that ends in one cycle; nil if it needs none.
  mutating func lemmas() -> String? {
    if proof.whole.lemmas.isEmpty { return nil }
    return proof.whole.lemmas.map { text($0) }.compactMap(\.self).joined(separator: "; ") + rest()
  }

  /// What follows of the cycle's own steps, each with the reason.
  mutating func derived(_ edges: [OrderProof.Edge]) -> RegisterExplanation.Derived {
    var found: RegisterExplanation.Derived = [:]
    for edge in edges {
      guard let choice = edge.choice, case .dependency(let kind) = edge.edge.link.link else { continue }
      let (source, target) = (node(edge.edge.link.source), node(edge.edge.link.target))
      let isFirst = proof.whole.lemmas.first { $0.choice == choice }?.isFirst ?? isFirst(edge.edge, choice)
      guard let pair = pair(choice, isFirst) else { continue }
      let lemma = proof.whole.lemmas.first { $0.choice == choice }
      let reason = lemma.map { "else there is the circle \(text($0.cycle))" } ?? "the opposite order makes a circle too"
      found[.init(source: source, kind: kind, target: target)] = DerivedOrder(pair: pair, reason: reason)
    }
    return found
  }

  // MARK: Statements

  private mutating func text(_ part: OrderProof.Case) -> String {
    var words = part.lemmas.compactMap { text($0) }
    switch part.end {
    case .cycle(let edges):
      if let circle = statement({ $0.text(edges) }) { words.append("there is the circle \(circle)") }
    case .cases(let choice, let first, let second):
      words.append("either \(order(choice, true)), and then [\(text(first))]")
      words.append("or \(order(choice, false)), and then [\(text(second))]")
    }
    return words.joined(separator: "; ")
  }

  private mutating func text(_ lemma: OrderProof.Lemma) -> String? {
    count += 1
    let number = count
    return statement {
      "(\(number)) \($0.order(lemma.choice, lemma.isFirst)), else there is the circle \($0.text(lemma.cycle))"
    }
  }

  private mutating func statement(_ make: (inout ProofText) -> String) -> String? {
    shown += 1
    return shown > Self.statementsMax ? nil : make(&self)
  }

  /// What the statements rest on besides reads, and what was left out.
  private func rest() -> String {
    var text = ""
    if !grounds.isEmpty { text += "; where " + grounds.prefix(Self.groundsMax).joined(separator: "; ") }
    let hidden = max(0, shown - Self.statementsMax) + max(0, grounds.count - Self.groundsMax)
    return hidden == 0 ? text : text + "; … and \(hidden) more statements that are not shown"
  }

  // MARK: Parts

  private func node(_ member: UInt32) -> UInt32 { proof.region.members[Int(member)] }

  private func pair(_ choice: Int, _ isFirst: Bool) -> VersionPair? {
    let known = proof.region.choices[choice]
    let versions = [known.first, known.second].map { history.version(of: known.key, by: Int(node($0))) }
    if versions.contains(RegisterHistory.none) { return nil }
    return isFirst
      ? VersionPair(before: versions[0], after: versions[1]) : VersionPair(before: versions[1], after: versions[0])
  }

  /// Which of the two orders the edge belongs to.
  private func isFirst(_ edge: OrderRegion.Edge, _ choice: Int) -> Bool {
    edge.link.target == proof.region.choices[choice].second
  }

  private func order(_ choice: Int, _ isFirst: Bool) -> String {
    guard let pair = pair(choice, isFirst) else { return "" }
    func version(_ version: UInt32) -> String {
      "\(explanation.value(version)) (event \(explanation.event(history.writers[Int(version)])))"
    }
    return "of key \(explanation.key(pair.before)), \(version(pair.before)) comes before \(version(pair.after))"
  }

  /// `event 2 wr x→ 4 rw y→ 2`, and notes what the steps rest on.
  private mutating func text(_ edges: [OrderProof.Edge]) -> String {
    guard let cycle = RegionCycle.steps(edges.map(\.edge), proof.region), let first = cycle.steps.first else {
      return ""
    }
    var choices: [TransactionCycle.Step: Int] = [:]
    for edge in edges { if let choice = edge.choice { choices[edge.edge.link] = choice } }
    var text = "event \(explanation.event(node(first.source)))"
    for step in cycle.steps {
      let event = explanation.event(node(step.target))
      text += " \(step.link.name)\(key(step, choices[step]).map { " \($0)" } ?? "")→ \(event)"
    }
    return text
  }

  private mutating func key(_ step: TransactionCycle.Step, _ choice: Int?) -> String? {
    guard case .dependency(let kind) = step.link else { return nil }
    if let choice, let pair = pair(choice, true) { return explanation.key(pair.before) }
    let (source, target) = (node(step.source), node(step.target))
    let (version, reason) = explanation.dependency(
      kind, source, target, "event \(explanation.event(source))", "event \(explanation.event(target))", nil)
    if kind != .writeRead, !grounds.contains(reason) { grounds.append(reason) }
    return version.map(explanation.key)
  }
}

extension RegisterExplanation {
  /// Transactions whose versions have no good order.
  func anomaly(_ nodes: [UInt32], _ proof: OrderProof?, _ level: IsolationLevel) -> IsolationReport.Anomaly {
    guard let proof else { return anomaly(nodes, "; they are too many for the proof to be shown", level) }
    var text = ProofText(proof, self)
    let names = RegisterCycleName(graphs, claim, level)
    let circles = proof.whole.circles.compactMap { cycle($0, proof) }
    guard case .cycle(let edges) = proof.whole.end, let last = cycle(edges, proof) else {
      return anomaly(nodes, ": " + text.all(), level, name: names.name(circles))
    }
    let name = proof.whole.lemmas.isEmpty ? nil : names.name(circles)
    var anomaly = anomaly(last.cycle, text.derived(edges), level, name: name)
    if let lemmas = text.lemmas() { anomaly.summary += "; that the versions come in this order follows: " + lemmas }
    return anomaly
  }

  /// The circle among nodes, with the steps that rest on choices.
  private func cycle(
    _ edges: [OrderProof.Edge], _ proof: OrderProof
  ) -> (cycle: TransactionCycle, derived: Set<OrderSolver.DerivedLink>)? {
    let members = proof.region.members
    guard let steps = RegionCycle.steps(edges.map(\.edge), proof.region)?.steps else { return nil }
    let links = edges.compactMap { edge -> OrderSolver.DerivedLink? in
      guard edge.choice != nil, case .dependency(let kind) = edge.edge.link.link else { return nil }
      return .init(source: members[Int(edge.edge.link.source)], kind: kind, target: members[Int(edge.edge.link.target)])
    }
    let cycle = TransactionCycle(
      steps: steps.map {
        .init(source: members[Int($0.source)], link: $0.link, target: members[Int($0.target)])
      })
    return (cycle, Set(links))
  }

  private func anomaly(_ nodes: [UInt32], _ proof: String, _ level: IsolationLevel, name: String? = nil)
    -> IsolationReport.Anomaly
  {
    let name = name ?? RegisterCycleName(graphs, claim, level).leastName
    let shown = nodes.prefix(OrderProof.membersMax)
    return IsolationReport.Anomaly(
      name: name,
      summary:
        "\(name): every order of the versions that these \(nodes.count) transactions wrote makes a circle of them"
        + proof,
      transactions: shown.map(event), steps: [])
  }
}
