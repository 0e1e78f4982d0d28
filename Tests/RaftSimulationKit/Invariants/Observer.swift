import RaftKV

/// Feeds every invariant with what it wants to know, after every step of every server.
struct Observer {
  private(set) var committed = CommittedLog()
  private(set) var elections = ElectionSafety()
  private var appendOnly = LeaderAppendOnly()
  private var logMatching = LogMatching()
  private var stateMachines = StateMachineSafety()
  private var clients = Linearizability()
  var transactions: Isolation
  /// By node: the last applied index that was checked.
  private var checkedApplied: [LogIndex]

  /// Off when the disks lie on purpose, so that the promises of the paper have to notice it themselves.
  private let watchesDisks: Bool

  init(nodes: Int, watchesDisks: Bool, promise: TransactionPromise) {
    transactions = Isolation(promise)
    checkedApplied = Array(repeating: 0, count: nodes)
    self.watchesDisks = watchesDisks
  }

  /// Named writes that were committed again.
  var repetitions: Int { clients.repetitions }

  /// The highest index that a completed operation has shown to be in effect.
  var floor: LogIndex { max(clients.floor, transactions.floor) }

  /// A client got its answer. `floorAtStart` is ``floor`` at the time of its invocation.
  mutating func completed(_ operation: Operation, _ outcome: Outcome, floorAtStart: LogIndex) throws {
    if case .write(.transaction(let transaction), _) = operation {
      try transactions.completed(transaction, outcome, floorAtStart: floorAtStart)
    } else {
      try clients.completed(operation, outcome, floorAtStart: floorAtStart)
    }
  }

  mutating func crashed(_ node: Int, id: NodeID) {
    checkedApplied[node] = 0
    appendOnly.stoppedLeading(id)
  }

  mutating func roleChanged(_ role: Role, term: Term, of raft: Raft) throws {
    let id = raft.configuration.id
    guard role == .leader else { return appendOnly.stoppedLeading(id) }
    try elections.elected(id, term: term)
    appendOnly.elected(id, log: raft.log)
    try LeaderCompleteness.elected(id, term: term, log: raft.log, committed: committed)
  }

  mutating func logChanged(_ suffix: PersistBatch.Suffix, of raft: Raft) throws {
    let id = raft.configuration.id
    try appendOnly.changed(suffix, of: id)
    try logMatching.changed(suffix, previousTerm: raft.log.term(at: suffix.firstIndex - 1) ?? 0, of: id)
  }

  /// After a step: what the server applied since the last one. Steps apply in order, so the committed log grows here.
  mutating func stepped(_ node: Int, _ raft: Raft, disks: [SimulatedDisk]) throws {
    let id = raft.configuration.id
    guard raft.lastApplied > checkedApplied[node] else { return }
    for index in checkedApplied[node] + 1...raft.lastApplied {
      guard let entry = raft.log[index] else {
        throw Violation("State Machine Safety", "node \(id) applied entry \(index) that its log does not hold")
      }
      if index > committed.lastIndex {
        if watchesDisks { try DurableMajority.committed(index: index, term: entry.term, disks: disks) }
        try clients.committed(entry, at: index)
        try transactions.committed(entry, at: index)
        committed.append(CommittedLog.Position(entry: entry, commitTerm: raft.currentTerm))
      }
      try StateMachineSafety.applied(entry, at: index, by: id, committed: committed)
    }
    checkedApplied[node] = raft.lastApplied
    if raft.lastApplied == committed.lastIndex { try clients.check(raft.machine, of: id) }
    try stateMachines.reached(hash: raft.stateHash, at: raft.lastApplied, by: id)
  }
}
