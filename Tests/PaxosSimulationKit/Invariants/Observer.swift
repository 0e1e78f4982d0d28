import PaxosLog
import SimulationKit

/// Feeds every invariant with what it wants to know, after every step of every node.
struct Observer {
  private(set) var chosen: ChosenOnce
  private var memory: AcceptorMemory
  private(set) var applied: AppliedPrefix
  private var clients = ClientHistory()
  /// Ballots that led.
  private(set) var leaders: Set<Ballot> = []
  private let options: PaxosOptions
  /// A violation found where none can be thrown.
  private var pending: Violation?

  init(_ options: PaxosOptions, _ limits: SessionLimits) {
    chosen = ChosenOnce(nodes: options.nodeCount)
    memory = AcceptorMemory(nodes: options.nodeCount)
    applied = AppliedPrefix(nodes: options.nodeCount, limits)
    self.options = options
  }

  /// Not when the disks lie on purpose: the promises to clients and between nodes have to notice it themselves.
  private var watchesAcceptors: Bool { options.canary == nil && !options.isBlackBox }

  /// The highest slot that a completed operation has shown to be in effect.
  var floor: Slot { clients.floor }

  /// Votes that would survive a crash now.
  mutating func durable(_ votes: [Vote], at node: Int) {
    guard !options.isBlackBox else { return }
    do {
      for vote in votes { try chosen.accepted(vote, by: node) }
    } catch {
      pending = pending ?? error as? Violation
    }
  }

  mutating func sent(_ message: Message, by node: Int) throws {
    if watchesAcceptors { try memory.sent(message, by: node) }
    if !options.isBlackBox, case .accept(let accept) = message { try chosen.proposed(accept) }
  }

  mutating func led(_ ballot: Ballot) throws {
    guard leaders.insert(ballot).inserted || options.isBlackBox else {
      throw Violation("One Leader A Ballot", "\(ballot) leads twice")
    }
  }

  mutating func restarted(_ node: Int, _ recovered: RecoveredState) throws {
    if watchesAcceptors { try memory.restarted(node, recovered) }
  }

  mutating func crashed(_ node: Int) { applied.crashed(node) }

  mutating func stepped(_ node: Int, _ core: MultiPaxos) throws {
    if let pending { throw pending }
    try applied.stepped(node, core, options.isBlackBox ? nil : chosen)
  }

  /// A client got its answer.
  mutating func completed(_ operation: Operation, _ outcome: Outcome, floorAtStart: Slot) throws {
    try clients.completed(operation, outcome, floorAtStart: floorAtStart, applied.reference)
  }
}
