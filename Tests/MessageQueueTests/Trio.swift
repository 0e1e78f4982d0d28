@testable import MessageQueue

/// Three brokers whose messages, disks and clocks are in the test's hands.
struct Trio {
  private(set) var brokers: [NodeID: Broker] = [:]
  private(set) var batches: [NodeID: [PersistBatch]] = [:]
  private(set) var snapshots: [NodeID: Snapshot] = [:]
  private(set) var answers: [RequestID: Outcome] = [:]
  private var inFlight: [(messages: [Message], from: NodeID, to: NodeID)] = []
  var now: Nanoseconds = 0
  /// Whose disks are done at once.
  var disksAreFast: Set<NodeID> = [1, 2, 3]
  /// Which messages arrive; the network loses the others.
  var delivers: (_ message: Message, _ from: NodeID, _ to: NodeID) -> Bool = { _, _, _ in true }
  private let adjust: (inout Configuration) -> Void
  private var lastRequest: RequestID = 0

  static let members: [NodeID] = [1, 2, 3]
  /// A partition of which node 1 is the preferred leader.
  static let partition = PartitionID(.topic, Bytes("t".utf8), index(of: 1))

  private static func index(of preferred: NodeID) -> UInt32 {
    let configuration = Configuration(id: 1, members: members)
    let first = (0..<3 as Range<UInt32>).first {
      configuration.replicas(of: PartitionID(.topic, Bytes("t".utf8), $0)).first == preferred
    }
    return first ?? 0
  }

  init(adjust: @escaping (inout Configuration) -> Void = { _ in }) throws {
    self.adjust = adjust
    for id in Self.members { try start(id, RecoveredState()) }
    run(for: 20)
  }

  private mutating func start(_ id: NodeID, _ recovered: RecoveredState) throws {
    var configuration = Configuration(id: id, members: Self.members)
    adjust(&configuration)
    brokers[id] = try Broker(configuration, recovered: recovered, at: now)
  }

  /// A crash that leaves what the disk was told; `batchesLost` at the end never reached it.
  mutating func restart(_ id: NodeID, batchesLost: Int = 0) throws {
    var recovered = RecoveredState(snapshot: snapshots[id])
    batches[id]?.removeLast(batchesLost)
    for batch in batches[id] ?? [] { recovered.replay(batch) }
    inFlight.removeAll { $0.from == id }
    try start(id, recovered)
  }

  mutating func stop(_ id: NodeID) { brokers[id] = nil }

  /// One event and the end of its batch.
  private mutating func step(_ id: NodeID, _ event: Event) {
    for event in [event, .endOfBatch] {
      for directive in brokers[id]?.step(event, at: now) ?? [] { perform(directive, at: id) }
    }
  }

  private mutating func perform(_ directive: Directive, at id: NodeID) {
    switch directive {
    case .send(let messages, let to): inFlight.append((messages, id, to))
    case .persist(let batch):
      if batch.isWhole { batches[id] = [] }
      batches[id, default: []].append(batch)
      if disksAreFast.contains(id) { step(id, .persisted(batch.sequence)) }
    case .saveSnapshot(let snapshot):
      snapshots[id] = snapshot
      step(id, .snapshotSaved(number: snapshot.number))
    case .respond(let request, let outcome): answers[request] = outcome
    case .leads: break
    }
  }

  /// Lets time pass in ticks of ten milliseconds; messages arrive at once.
  mutating func run(for milliseconds: Nanoseconds) {
    for _ in 0..<milliseconds / 10 {
      now += 10_000_000
      for id in Self.members { step(id, .tick) }
      settle()
    }
  }

  private mutating func settle() {
    while !inFlight.isEmpty {
      let (messages, from, to) = inFlight.removeFirst()
      let arriving = messages.filter { delivers($0, from, to) }
      if !arriving.isEmpty { step(to, .received(arriving, from: from)) }
    }
  }

  /// Asks a node, and lets time pass until it answers or half a second longer than it may take.
  mutating func ask(_ operation: Operation, at id: NodeID) -> Outcome? {
    lastRequest += 1
    step(id, .request(operation, id: lastRequest))
    settle()
    for _ in 0..<15 where answers[lastRequest] == nil { run(for: 100) }
    return answers[lastRequest]
  }

  mutating func produce(_ value: UInt8, at id: NodeID, _ name: ProducerSequence? = nil) -> Outcome? {
    ask(.produce(Self.partition, value: [value], name), at: id)
  }

  mutating func fetch(at id: NodeID) -> [UInt8]? {
    guard case .records(let records, _) = ask(.fetch(Self.partition, from: 0, max: 100), at: id) else { return nil }
    return records.flatMap(\.value)
  }

  func replica(_ id: NodeID, of partition: PartitionID = partition) -> ReplicaStatus? {
    brokers[id]?.replica(of: partition)
  }

  /// Values in a replica's log, committed or not.
  func log(_ id: NodeID) -> [UInt8] {
    guard let log = replica(id)?.log else { return [] }
    return (log.start..<log.end).flatMap { offset -> Bytes in
      if case .value(let value) = log[offset].entry { value } else { [] }
    }
  }

  func leaders(of partition: PartitionID = partition) -> [NodeID] {
    Self.members.filter { replica($0, of: partition)?.isr != nil }
  }
}

/// No message between this node and the others.
func isolating(_ id: NodeID) -> (Message, NodeID, NodeID) -> Bool { { _, from, to in from != id && to != id } }
