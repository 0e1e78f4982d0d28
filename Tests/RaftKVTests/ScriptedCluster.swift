import RaftKV
import SimulationKit

@testable import RaftSimulationKit

/// Five cores whose every message, crash and election is in the test's hands, under the invariants of the simulation.
/// Servers are numbered S1…S5 as in the paper's figures; disks are done at once.
struct ScriptedCluster {
  private var rafts: [Raft?]
  private var disks: [RaftDisk]
  private var observer: Observer
  private var inFlight: [(message: Message, from: NodeID, to: NodeID)] = []
  private var now: Nanoseconds = 0
  private var random = SeededGenerator(seed: 0)
  private let bug: RaftBug?
  /// Which messages arrive; the network loses the others.
  var delivers: (_ message: Message, _ from: NodeID, _ to: NodeID) -> Bool = { _, _, _ in true }

  static let servers: [NodeID] = [1, 2, 3, 4, 5]

  init(bug: RaftBug?) throws {
    self.bug = bug
    rafts = Self.servers.map { _ in nil }
    disks = Self.servers.map { _ in RaftDisk() }
    observer = Observer(
      members: Self.servers, nodes: Self.servers.count, watchesDisks: true, promise: .strictSerializability)
    for server in Self.servers { try start(server) }
  }

  subscript(server: NodeID) -> Raft? { rafts[Int(server) - 1] }

  /// Terms of a server's log, as the figures draw it; empty while it is down.
  func terms(_ server: NodeID) -> [Term] {
    guard let log = self[server]?.log else { return [] }
    return (0..<log.lastIndex).compactMap { log.term(at: $0 + 1) }
  }

  /// Starts a server on its disk. Messages carry one entry each, so that an old entry can arrive without the no-op.
  mutating func start(_ server: NodeID) throws {
    var configuration = Configuration(id: server, members: Self.servers)
    configuration.limits.appendEntriesMax = 1
    configuration.bug = bug
    let recovered = try disks[Int(server) - 1].recovered()
    let raft = Raft(configuration, recovered: recovered, at: now)
    try observer.booted(Int(server) - 1, raft)
    rafts[Int(server) - 1] = raft
    try step(server, .tick)
  }

  mutating func crash(_ server: NodeID) {
    rafts[Int(server) - 1] = nil
    _ = disks[Int(server) - 1].crash(using: &random)
    observer.crashed(Int(server) - 1, id: server)
    inFlight = []
  }

  /// Lets only `server` notice that time passes, until it has won an election.
  /// - Returns: false if it cannot win: each try raises its term above what it has heard of, so three are plenty.
  mutating func elect(_ server: NodeID) throws -> Bool {
    for _ in 0..<3 where self[server]?.role != .leader {
      now += 400_000_000
      try step(server, .tick)
      try settle()
    }
    return self[server]?.role == .leader
  }

  /// Lets a heartbeat interval pass on the leader, which repeats what was not answered.
  mutating func retransmit(_ server: NodeID) throws {
    now += 60_000_000
    try step(server, .tick)
    try settle()
  }

  /// Delivers messages in the order of sending until none is left.
  private mutating func settle() throws {
    while !inFlight.isEmpty {
      let (message, from, to) = inFlight.removeFirst()
      if delivers(message, from, to) { try step(to, .received(message, from: from)) }
    }
  }

  /// One event and the end of its batch, its directives, and the invariants after it.
  private mutating func step(_ server: NodeID, _ event: Event) throws {
    for event in [event, .endOfBatch] {
      guard let directives = rafts[Int(server) - 1]?.step(event, at: now), let raft = self[server] else { return }
      try observer.stepped(Int(server) - 1, raft, disks: disks)
      for directive in directives { try perform(directive, at: server, raft) }
    }
  }

  private mutating func perform(_ directive: Directive, at server: NodeID, _ raft: Raft) throws {
    switch directive {
    case .send(let message, let to): inFlight.append((message, server, to))
    case .persist(let batch):
      try observer.logChanged(batch, of: raft)
      disks[Int(server) - 1].write(batch)
      disks[Int(server) - 1].sync(upTo: batch.sequence)
      try step(server, .persisted(batch.sequence))
    case .roleChanged(let role, let term): try observer.roleChanged(role, term: term, of: raft)
    case .halt(let reason): throw Violation("Halt", reason)
    case .respond, .saveSnapshot: break
    }
  }
}
