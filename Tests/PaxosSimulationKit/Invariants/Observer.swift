import PaxosLog

/// Feeds every invariant with what it wants to know, after every step of every node.
struct Observer {
  private(set) var chosen: ChosenOnce
  private var memory: AcceptorMemory
  private(set) var applied: AppliedPrefix
  private var clients = ClientHistory()
  /// Ballots that led.
  private(set) var leaders: Set<Ballot> = []
  /// Off when the disks lie on purpose, so that the promises to clients and between nodes have to notice it themselves.
  private let watchesDisks: Bool
  /// A violation found where none can be thrown.
  private var pending: Violation?

  init(nodes: Int, watchesDisks: Bool, _ limits: SessionLimits) {
    chosen = ChosenOnce(nodes: nodes)
    memory = AcceptorMemory(nodes: nodes)
    applied = AppliedPrefix(nodes: nodes, limits)
    self.watchesDisks = watchesDisks
  }

  /// The highest slot that a completed operation has shown to be in effect.
  var floor: Slot { clients.floor }

  /// Votes that would survive a crash now.
  mutating func durable(_ votes: [Vote], at node: Int) {
    do {
      for vote in votes { try chosen.accepted(vote, by: node) }
    } catch {
      pending = pending ?? error as? Violation
    }
  }

  mutating func sent(_ message: Message, by node: Int) throws {
    if watchesDisks { try memory.sent(message, by: node) }
    if case .accept(let accept) = message { try chosen.proposed(accept) }
  }

  mutating func led(_ ballot: Ballot) throws {
    guard leaders.insert(ballot).inserted else { throw Violation("One Leader A Ballot", "\(ballot) leads twice") }
  }

  mutating func restarted(_ node: Int, _ recovered: RecoveredState) throws {
    if watchesDisks { try memory.restarted(node, recovered) }
  }

  mutating func crashed(_ node: Int) { applied.crashed(node) }

  mutating func stepped(_ node: Int, _ core: MultiPaxos) throws {
    if let pending { throw pending }
    try applied.stepped(node, core, chosen)
  }

  /// A client got its answer.
  mutating func completed(_ operation: Operation, _ outcome: Outcome, floorAtStart: Slot) throws {
    try clients.completed(operation, outcome, floorAtStart: floorAtStart, applied.reference)
  }
}
