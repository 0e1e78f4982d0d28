import MessageQueue
import SimulationKit

/// What a client knows.
public struct MessageQueueClient: ClientMemory {
  /// What had to be visible when it first asked for what it runs now.
  var floor: Offset = 0
  /// The same for all partitions of the topic.
  var floors: [UInt32: Offset] = [:]
  /// Whether no attempt at it so far succeeded, or may have.
  var isCertain = true
  /// The number of its latest record that it may send again.
  var sequence: UInt64 = 0
  /// A record that was acknowledged, and may be sent once more all the same.
  var acknowledged: Operation?
  /// What it was lent and has neither acknowledged nor returned.
  var held: DeliveryID?
  /// Under how many names it was a member of the group.
  var names = 0
  /// Whether it got all that was left in the end.
  var isDone = false

  public init() {}
}

// Clients produce, consume and work. Every value is produced once, so that it names its operation. Clients with even numbers
// name their records, and send them again, to another node, when they got no answer.
extension MessageQueueSimulation {
  public mutating func operation(for client: Int) -> Operation? {
    let operation = randomOperation(client)
    noteBeginning(of: operation, client)
    return operation
  }

  /// In the end somebody takes what is left of the queue, and somebody else of the topic.
  public func lastOperation(for client: Int) -> Operation? {
    guard client < 2, !cluster.clients[client].memory.isDone else { return nil }
    let operation: Operation = client == 0 ? .queue(name: queue.name, .drain) : .drain(group: group, topic: topic)
    noteBeginning(of: operation, client)
    return operation
  }

  private func noteBeginning(of operation: Operation, _ client: Int) {
    var memory = cluster.clients[client].memory
    memory.isCertain = operation != memory.acknowledged
    if case .fetch(let id, _, _) = operation { memory.floor = observer.floor(of: id) }
    for partition in 0..<partitionCount {
      memory.floors[partition] = observer.floor(of: PartitionID(.topic, topic, partition))
    }
    cluster.clients[client].memory = memory
  }

  private func randomOperation(_ client: Int) -> Operation {
    let memory = cluster.clients[client].memory
    let partition = PartitionID(.topic, topic, UInt32.random(in: 0..<partitionCount, using: &cluster.random))
    switch Int.random(in: 0..<20, using: &cluster.random) {
    case 0..<6: return .produce(partition, value: uniqueValue, producerSequence(client))
    case 6: return memory.acknowledged ?? .produce(partition, value: uniqueValue, nil)
    case 7, 8: return .fetch(partition, from: UInt64.random(in: 0..<20, using: &cluster.random), max: 1_000)
    case 9: return .local(partition)
    case 10..<13: return .produce(queue, value: uniqueValue, producerSequence(client))
    case 13..<17: return queueOperation(client)
    default:
      let max = cluster.random.chance(percent: 50) ? 1 : 5
      return .poll(group: group, member: Bytes("c\(client)-\(memory.names)".utf8), topic: topic, max: max)
    }
  }

  private var uniqueValue: Bytes { withUnsafeBytes(of: cluster.nextRequest.bigEndian) { Bytes($0) } }

  private func producerSequence(_ client: Int) -> ProducerSequence? {
    guard client.isMultiple(of: 2) else { return nil }
    cluster.clients[client].memory.sequence += 1
    return ProducerSequence(producer: UInt64(client) + 1, sequence: cluster.clients[client].memory.sequence)
  }

  /// Takes a message, or does something about the one that it has: sometimes nothing, and sometimes too late.
  private func queueOperation(_ client: Int) -> Operation {
    guard let held = cluster.clients[client].memory.held else {
      return .queue(name: queue.name, .receive(visibility: visibility, deliveriesMax: deliveriesMax))
    }
    cluster.clients[client].memory.held = nil
    switch Int.random(in: 0..<6, using: &cluster.random) {
    case 0..<3: return .queue(name: queue.name, .ack(held))
    case 3, 4: return .queue(name: queue.name, .nack(held))
    default: return .queue(name: queue.name, .expire)
    }
  }

  /// Only a record that the client named.
  public func isRepeatable(_ operation: Operation) -> Bool {
    if case .produce(_, _, .some) = operation { true } else { false }
  }

  public mutating func answered(_ client: Int, _ operation: Operation, _ outcome: Outcome) throws {
    if outcome == .unknown { cluster.clients[client].memory.isCertain = false }
    try observer.completed(operation, of: cluster.clients[client].memory, outcome)
  }

  public mutating func ended(_ client: Int, _ operation: Operation, _ outcome: Outcome) throws {
    var memory = cluster.clients[client].memory
    switch (operation, outcome) {
    case (.produce(let id, let value, _), _) where outcome.isRefusal:
      if memory.isCertain { observer.refused.append((id, value)) }
    case (.produce(_, _, .some), .appended): memory.acknowledged = operation
    case (.queue(_, .receive), .delivery(let delivery)): memory.held = delivery?.id
    case (.poll, .polled): break
    // What such a poll got is lost, but not for the group, as nobody polls under this name again.
    case (.poll, _): memory.names += 1
    case (.queue(_, .drain), .values), (.drain, .polled): memory.isDone = true
    default: break
    }
    cluster.clients[client].memory = memory
  }
}

extension Outcome: ClientOutcome {
  public static var unreachable: Outcome { .noLeader }
  public var isRefusal: Bool { self == .noLeader || self == .overloaded || self == .notEnoughReplicas }
  public var isUnknown: Bool { self == .unknown || self == .expired }
}
