import MessageQueue
import SimulationKit

/// A client: one operation at a time, at a random node.
struct SimulatedClient {
  struct Running {
    /// The request that it waits for now; another after each retry.
    var request: RequestID = 0
    var operation: Operation
    /// What had to be visible when it first asked.
    var floor: Offset = 0
    /// The same for all partitions of the topic.
    var floors: [UInt32: Offset] = [:]
    var retries = 0
    /// Whether no attempt so far succeeded, or may have.
    var isCertain = true
  }

  let number: Int
  var running: Running?
  /// The number of its latest record that it may send again.
  var sequence: UInt64 = 0
  /// A record that was acknowledged, and may be sent once more all the same.
  var acknowledged: Operation?
  /// What it was lent and has neither acknowledged nor returned.
  var held: DeliveryID?
  /// Under how many names it was a member of the group.
  var names = 0

  var member: Bytes { Bytes("c\(number)-\(names)".utf8) }
}

// Clients produce, consume and work. Every value is produced once, so that it names its operation. Clients with even numbers
// name their records, and send them again, to another node, when they got no answer.
extension Simulation {
  private var stopTime: Nanoseconds { options.faultTime + options.recoveryTime / 2 }

  mutating func invoke(_ client: Int) throws {
    guard clients[client].running == nil else { return }
    guard let operation = now < stopTime ? randomOperation(client) : lastOperation(client) else { return }
    var running = SimulatedClient.Running(operation: operation)
    running.isCertain = operation != clients[client].acknowledged
    if case .fetch(let id, _, _) = operation { running.floor = observer.floor(of: id) }
    for partition in 0..<partitionCount {
      running.floors[partition] = observer.floor(of: PartitionID(.topic, topic, partition))
    }
    clients[client].running = running
    try ask(client)
  }

  /// In the end somebody takes what is left of the queue, and somebody else of the topic.
  private mutating func lastOperation(_ client: Int) -> Operation? {
    switch client {
    case 0: .queue(name: queue.name, .drain)
    case 1: .drain(group: group, topic: topic)
    default: nil
    }
  }

  /// Sends the operation that a client runs to some node.
  private mutating func ask(_ client: Int) throws {
    guard let operation = clients[client].running?.operation else { return }
    let request = nextRequest
    nextRequest += 1
    clients[client].running?.request = request
    occurrences.insert(.clientTimeout(client: client, request: request), at: now + options.clientTimeout)
    let node = Int.random(in: nodes.indices, using: &random)
    // A node that is down refuses the connection: the client tries another soon.
    guard nodes[node].broker != nil else { return try responded(to: request, .noLeader) }
    occurrences.insert(
      .request(operation, id: request, node: node, life: nodes[node].life),
      at: now + random.time(50 * microsecond..<millisecond))
  }

  private mutating func randomOperation(_ client: Int) -> Operation {
    let partition = PartitionID(.topic, topic, UInt32.random(in: 0..<partitionCount, using: &random))
    switch Int.random(in: 0..<20, using: &random) {
    case 0..<6: return .produce(partition, value: uniqueValue(), producerSequence(client))
    case 6: return clients[client].acknowledged ?? .produce(partition, value: uniqueValue(), nil)
    case 7, 8: return .fetch(partition, from: UInt64.random(in: 0..<20, using: &random), max: 1_000)
    case 9: return .local(partition)
    case 10..<13: return .produce(queue, value: uniqueValue(), producerSequence(client))
    case 13..<17: return queueOperation(client)
    default:
      let max = random.chance(percent: 50) ? 1 : 5
      return .poll(group: group, member: clients[client].member, topic: topic, max: max)
    }
  }

  private func uniqueValue() -> Bytes { withUnsafeBytes(of: nextRequest.bigEndian) { Bytes($0) } }

  private mutating func producerSequence(_ client: Int) -> ProducerSequence? {
    guard client.isMultiple(of: 2) else { return nil }
    clients[client].sequence += 1
    return ProducerSequence(producer: UInt64(client) + 1, sequence: clients[client].sequence)
  }

  /// Takes a message, or does something about the one that it has: sometimes nothing, and sometimes too late.
  private mutating func queueOperation(_ client: Int) -> Operation {
    guard let held = clients[client].held else {
      return .queue(name: queue.name, .receive(visibility: visibility, deliveriesMax: deliveriesMax))
    }
    clients[client].held = nil
    switch Int.random(in: 0..<6, using: &random) {
    case 0..<3: return .queue(name: queue.name, .ack(held))
    case 3, 4: return .queue(name: queue.name, .nack(held))
    default: return .queue(name: queue.name, .expire)
    }
  }

  /// A node answered, or the request found no node.
  mutating func responded(to request: RequestID, _ outcome: Outcome) throws {
    guard let client = clients.firstIndex(where: { $0.running?.request == request }),
      let running = clients[client].running
    else { return }
    if outcome == .unknown { clients[client].running?.isCertain = false }
    try observer.completed(clients[client].running ?? running, outcome)
    result.count(outcome)
    if outcome == .unknown || outcome == .noLeader, try askedAgain(client) { return }
    end(client, outcome)
    occurrences.insert(.invoke(client: client), at: now + random.time(0..<10 * millisecond))
  }

  /// Only a record that the client named may be sent again, and the last operations must be done.
  private mutating func askedAgain(_ client: Int) throws -> Bool {
    guard let running = clients[client].running, nodes.contains(where: { $0.broker != nil }) else { return false }
    guard case .produce(_, _, .some) = running.operation, running.retries < 3, now < stopTime else { return false }
    clients[client].running?.retries += 1
    result.retries += 1
    try ask(client)
    return true
  }

  private mutating func end(_ client: Int, _ outcome: Outcome) {
    guard let running = clients[client].running else { return }
    let operation = running.operation
    clients[client].running = nil
    switch (operation, outcome) {
    case (.produce(let id, let value, _), .noLeader), (.produce(let id, let value, _), .notEnoughReplicas),
      (.produce(let id, let value, _), .overloaded):
      if running.isCertain { observer.refused.append((id, value)) }
    case (.produce(_, _, .some), .appended): clients[client].acknowledged = operation
    case (.queue(_, .receive), .delivery(let delivery)): clients[client].held = delivery?.id
    case (.poll, .polled): break
    // What such a poll got is lost, but not for the group, as nobody polls under this name again.
    case (.poll, _): clients[client].names += 1
    // The end.
    case (.queue(_, .drain), .values): clients[client].running = SimulatedClient.Running(operation: operation)
    case (.drain, .polled): clients[client].running = SimulatedClient.Running(operation: operation)
    default: break
    }
  }

  mutating func clientTimedOut(_ client: Int, request: RequestID) throws {
    guard clients[client].running?.request == request, request != 0 else { return }
    result.count(.unknown)
    clients[client].running?.isCertain = false
    if try askedAgain(client) { return }
    end(client, .unknown)
    occurrences.insert(.invoke(client: client), at: now)
  }
}
