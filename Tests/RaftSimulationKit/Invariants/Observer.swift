import RaftKV
import SimulationKit

/// Feeds every invariant with what it wants to know, after every step of every server.
struct Observer {
  private(set) var committed: CommittedLog
  private(set) var elections = ElectionSafety()
  private var appendOnly = LeaderAppendOnly()
  private var logMatching = LogMatching()
  private var stateMachines = StateMachineSafety()
  private var clients = Linearizability()
  var transactions: Isolation
  /// By node: the last applied index that was checked.
  private var checkedApplied: [LogIndex]
  /// By node: the latest configuration in its log after its last step.
  private var members: [[NodeID]]
  /// Snapshots of leaders that were installed.
  private(set) var installs = 0

  /// Off when the disks lie on purpose, so that the promises of the paper have to notice it themselves.
  private let watchesDisks: Bool

  init(members: [NodeID], nodes: Int, watchesDisks: Bool, promise: TransactionPromise) {
    committed = CommittedLog(members: members)
    self.members = Array(repeating: members, count: nodes)
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

  mutating func crashed(_ node: Int, id: NodeID) { appendOnly.stoppedLeading(id) }

  /// A server starts with what its snapshot says.
  mutating func booted(_ node: Int, _ raft: Raft) throws {
    checkedApplied[node] = raft.lastApplied
    members[node] = raft.members
    if raft.lastApplied > 0 {
      try stateMachines.reached(hash: raft.stateHash, at: raft.lastApplied, by: raft.configuration.id)
    }
  }

  mutating func roleChanged(_ role: Role, term: Term, of raft: Raft) throws {
    let id = raft.configuration.id
    guard role == .leader else { return appendOnly.stoppedLeading(id) }
    try elections.elected(id, term: term)
    appendOnly.elected(id, log: raft.log)
    try LeaderCompleteness.elected(id, term: term, log: raft.log, committed: committed)
  }

  mutating func logChanged(_ batch: PersistBatch, of raft: Raft) throws {
    guard let suffix = batch.suffix else { return }
    let id = raft.configuration.id
    try appendOnly.changed(suffix, isWhole: batch.base != nil, of: id)
    try logMatching.changed(suffix, previousTerm: raft.log.term(at: suffix.firstIndex - 1) ?? 0, of: id)
    let isOwnChange = suffix.entries.contains { $0.term == raft.currentTerm && $0.payload.isConfiguration }
    if raft.role == .leader, isOwnChange {
      try OverlappingMajorities.changed(from: raft.committedMembers, to: raft.members, by: id)
    }
  }

  /// After a step: what the server applied since the last one. Steps apply in order, so the committed log grows here.
  mutating func stepped(_ node: Int, _ raft: Raft, disks: [RaftDisk]) throws {
    let id = raft.configuration.id
    defer { members[node] = raft.members }
    guard raft.lastApplied != checkedApplied[node] else { return }
    guard raft.lastApplied > checkedApplied[node] else {
      throw Violation(
        "State Machine Safety", "node \(id) went back from entry \(checkedApplied[node]) to \(raft.lastApplied)")
    }
    if raft.log.base >= raft.lastApplied { installs += 1 }
    for index in checkedApplied[node] + 1...raft.lastApplied {
      guard let entry = raft.log[index] else {
        // A snapshot took its place; the hash of the state tells whether rightly.
        if index <= min(raft.log.base, committed.lastIndex) { continue }
        throw Violation("State Machine Safety", "node \(id) applied entry \(index) that its log does not hold")
      }
      if index > committed.lastIndex {
        if watchesDisks {
          try DurableMajority.committed(
            index: index, term: entry.term, under: [raft.members, members[node]], disks: disks)
        }
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

extension Payload {
  /// Whether it changes the membership.
  var isConfiguration: Bool { if case .configuration = self { true } else { false } }
}
