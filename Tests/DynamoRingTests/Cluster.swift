@testable import DynamoRing

/// Cores whose messages, disks and clocks are in the test's hands.
struct Cluster {
  var cores: [NodeID: DynamoNode] = [:]
  /// What nodes asked their shells to send and the test has not dealt with.
  private(set) var sent: [(message: Message, from: NodeID, to: NodeID)] = []
  private(set) var batches: [NodeID: [PersistBatch]] = [:]
  private(set) var snapshots: [NodeID: Snapshot] = [:]
  private(set) var answers: [RequestID: Outcome] = [:]
  private(set) var now: Nanoseconds = 0
  /// Whether disks are done at once.
  var disksAreFast = true
  /// Which messages arrive in ``settle()``; the network loses the others.
  var delivers: (_ message: Message, _ from: NodeID, _ to: NodeID) -> Bool = { _, _, _ in true }
  private let adjust: (inout Configuration) -> Void
  private let members: [NodeID]

  init(_ count: NodeID = 5, adjust: @escaping (inout Configuration) -> Void = { _ in }) throws {
    self.adjust = adjust
    members = Array(1...count)
    for id in members { try start(id) }
    // Long enough for everybody to know everybody.
    pass(milliseconds: 3_000)
  }

  /// Starts a node on what its disk has.
  mutating func start(_ id: NodeID) throws {
    var configuration = Configuration(id: id, members: members)
    adjust(&configuration)
    var recovered = RecoveredState()
    if let snapshot = snapshots[id] { try recovered.restore(snapshot.encoded()) }
    for batch in batches[id] ?? [] { recovered.replay(batch) }
    cores[id] = try DynamoNode(configuration, recovered: recovered, at: now)
    step(id, .tick(wall: now))
  }

  /// One event and the end of its batch; nothing if the node is down.
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
    case .saveSnapshot(let snapshot):
      snapshots[id] = snapshot
      step(id, .snapshotSaved)
    case .respond(let request, let outcome): answers[request] = outcome
    }
  }

  /// The disk of a node is done with everything.
  mutating func sync(_ id: NodeID) {
    if let last = batches[id]?.last { step(id, .persisted(last.sequence)) }
  }

  /// Delivers messages in the order of sending until none is left.
  mutating func settle() {
    while !sent.isEmpty {
      let (message, from, to) = sent.removeFirst()
      if delivers(message, from, to) { step(to, .received(message, from: from)) }
    }
  }

  /// Takes what waits to be delivered.
  mutating func takeSent() -> [(message: Message, from: NodeID, to: NodeID)] {
    defer { sent = [] }
    return sent
  }

  /// Time passes for all, in steps of ten milliseconds, and messages arrive.
  mutating func pass(milliseconds: UInt64) {
    for _ in 0..<milliseconds / 10 {
      now += 10_000_000
      for id in cores.keys.sorted() { step(id, .tick(wall: now)) }
      settle()
    }
  }

  /// Asks a node, lets messages arrive, and returns the answer if there is one.
  @discardableResult
  mutating func ask(_ id: NodeID, _ operation: Operation) -> Outcome? {
    let request = RequestID(answers.count + 1)
    step(id, .request(operation, id: request))
    settle()
    return answers[request]
  }

  /// The nodes in the order in which they are responsible for a key.
  func walk(_ key: Key) -> [NodeID] {
    guard let ring = cores.values.first?.ring else { return [] }
    let range = ring.range(of: key)
    return Array(ring.preferenceList(of: range) + ring.fallbacks(of: range))
  }

  /// Cuts a node off from all others until ``delivers`` is set again.
  mutating func isolate(_ node: NodeID) { delivers = { _, from, to in from != node && to != node } }

  func object(_ key: Key, at node: NodeID) -> Object? { cores[node]?.object(at: key) }
}
