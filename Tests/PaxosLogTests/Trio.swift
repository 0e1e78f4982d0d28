@testable import PaxosLog

/// Three cores whose messages, disks and clocks are in the test's hands.
struct Trio {
  var cores: [NodeID: MultiPaxos] = [:]
  /// What each node asked its shell to do and the test has not dealt with.
  private(set) var sent: [(message: Message, from: NodeID, to: NodeID)] = []
  private(set) var batches: [NodeID: [PersistBatch]] = [:]
  private(set) var answers: [RequestID: Outcome] = [:]
  private(set) var snapshots: [NodeID: [Snapshot]] = [:]
  private(set) var halts: [NodeID: String] = [:]
  var now: Nanoseconds = 0
  /// Whether disks are done at once.
  var disksAreFast = true
  /// Which messages arrive in ``settle()``; the network loses the others.
  var delivers: (_ message: Message, _ from: NodeID, _ to: NodeID) -> Bool = { _, _, _ in true }

  static let members: [NodeID] = [1, 2, 3]

  init(adjust: (inout Configuration) -> Void = { _ in }) throws {
    for id in Self.members {
      var configuration = Configuration(id: id, members: Self.members)
      adjust(&configuration)
      cores[id] = try MultiPaxos(configuration, at: 0)
      step(id, .tick)
    }
  }

  subscript(id: NodeID) -> MultiPaxos? { cores[id] }

  /// One event and the end of its batch.
  mutating func step(_ id: NodeID, _ event: Event) {
    for event in [event, .endOfBatch] {
      for directive in cores[id]?.step(event, at: now) ?? [] { perform(directive, at: id) }
    }
  }

  private mutating func perform(_ directive: Directive, at id: NodeID) {
    switch directive {
    case .send(let message, let to): sent.append((message, id, to))
    case .persist(let batch):
      batches[id, default: []].append(batch)
      if disksAreFast { step(id, .persisted(batch.sequence)) }
    case .saveSnapshot(let snapshot): snapshots[id, default: []].append(snapshot)
    case .respond(let request, let outcome): answers[request] = outcome
    case .halt(let reason): halts[id] = reason
    case .roleChanged: break
    }
  }

  /// The disk of a node is done with everything.
  mutating func sync(_ id: NodeID) {
    if let last = batches[id]?.last { step(id, .persisted(last.sequence)) }
  }

  /// Takes what waits to be delivered.
  mutating func takeSent() -> [(message: Message, from: NodeID, to: NodeID)] {
    defer { sent = [] }
    return sent
  }

  /// Delivers messages in the order of sending until none is left.
  mutating func settle() {
    while !sent.isEmpty {
      let (message, from, to) = sent.removeFirst()
      if delivers(message, from, to) { step(to, .received(message, from: from)) }
    }
  }

  /// Lets only `id` notice that time passes, until it leads.
  mutating func elect(_ id: NodeID) {
    for _ in 0..<3 where self[id]?.role != .leader {
      now += 400_000_000
      step(id, .tick)
      settle()
    }
  }

  /// An append of one byte to a log, asked for at a node.
  mutating func append(_ value: UInt8, at id: NodeID, request: RequestID, name: CommandID? = nil) {
    step(id, .request(.update(.append(log: [0], value: [value]), id: name), id: request))
    settle()
  }

  /// The log as a node has it.
  func log(_ id: NodeID) -> [Bytes] { self[id]?.machine.logs[[0]] ?? [] }

  /// What a crash of a node leaves when its disk was done with everything.
  func recovered(_ id: NodeID, snapshot: Snapshot? = nil) -> RecoveredState {
    var state = RecoveredState(snapshot: snapshot)
    for batch in batches[id] ?? [] { state.replay(batch) }
    return state
  }

  /// Puts a restarted core in the place of a node's.
  mutating func restart(_ id: NodeID, _ recovered: RecoveredState, adjust: (inout Configuration) -> Void = { _ in })
    throws
  {
    var configuration = Configuration(id: id, members: Self.members)
    adjust(&configuration)
    batches[id] = [recovered.compacted]
    snapshots[id] = recovered.snapshot.map { [$0] }
    cores[id] = try MultiPaxos(configuration, recovered: recovered, at: now)
    step(id, .tick)
  }
}

/// A command that appends one byte.
func command(_ value: UInt8, client: UInt64 = 7, sequence: UInt64 = 1) -> Command {
  Command(id: CommandID(client: client, sequence: sequence), action: .append(log: [0], value: [value]))
}
