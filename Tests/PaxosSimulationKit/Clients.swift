import SimulationKit
import PaxosLog

// Clients: appends, writes, compare-and-sets and reads on a few logs and registers. Every value is written once, so that
// it names its operation. Some clients name their commands and ask again, at another node, when they got no answer.
extension Simulation {
  mutating func invoke(_ client: Int) throws {
    guard clients[client].running == nil, now < options.faultTime + options.recoveryTime / 2 else { return }
    let operation = randomOperation(client)
    clients[client].running = SimulatedClient.Running(request: 0, operation: operation, floor: observer.floor)
    try ask(client)
  }

  /// Sends the operation that a client runs to some node.
  private mutating func ask(_ client: Int) throws {
    guard let operation = clients[client].running?.operation else { return }
    let request = nextRequest
    nextRequest += 1
    clients[client].running?.request = request
    queue.insert(.clientTimeout(client: client, request: request), at: now + options.clientTimeout)
    let node = Int.random(in: nodes.indices, using: &random)
    // A node that is down refuses the connection: the client tries another soon.
    guard nodes[node].core != nil else { return try responded(to: request, .noLeader) }
    queue.insert(
      .request(operation, id: request, node: node, life: nodes[node].life),
      at: now + random.time(50 * microsecond..<millisecond))
  }

  private mutating func randomOperation(_ client: Int) -> Operation {
    let name = Bytes("n\(Int.random(in: 0..<options.names, using: &random))".utf8)
    let value = withUnsafeBytes(of: nextRequest.bigEndian) { Bytes($0) }
    switch Int.random(in: 0..<12, using: &random) {
    case 0..<5: return .update(.append(log: name, value: value), id: commandID(client))
    case 5, 6: return .update(.write(key: name, value: value), id: commandID(client))
    case 7: return .update(.cas(key: name, from: clients[client].lastSeen[name], to: value), id: commandID(client))
    case 8, 9: return .read(.entries(log: name, from: 1, through: .max))
    case 10: return .read(.register(key: name))
    default: return .readLocal(.entries(log: name, from: 1, through: .max))
    }
  }

  /// Clients with even numbers name their commands.
  private mutating func commandID(_ client: Int) -> CommandID? {
    guard client.isMultiple(of: 2) else { return nil }
    clients[client].sequence += 1
    return CommandID(client: UInt64(client) + 1, sequence: clients[client].sequence)
  }

  /// A node answered, or the request found no node.
  mutating func responded(to request: RequestID, _ outcome: Outcome) throws {
    guard let client = clients.firstIndex(where: { $0.running?.request == request }),
      let running = clients[client].running
    else { return }
    try observer.completed(running.operation, outcome, floorAtStart: running.floor)
    result.count(outcome)
    if outcome == .unknown || outcome == .noLeader, try askedAgain(client) { return }
    clients[client].running = nil
    remember(running.operation, outcome, client)
    queue.insert(.invoke(client: client), at: now + random.time(0..<10 * millisecond))
  }

  /// Only a command that the client named may be asked for again.
  private mutating func askedAgain(_ client: Int) throws -> Bool {
    guard let running = clients[client].running, case .update(_, .some) = running.operation, running.retries < 3,
      nodes.contains(where: { $0.core != nil }), now < options.faultTime + options.recoveryTime / 2
    else { return false }
    clients[client].running?.retries += 1
    result.retries += 1
    try ask(client)
    return true
  }

  private mutating func remember(_ operation: Operation, _ outcome: Outcome, _ client: Int) {
    switch (operation, outcome) {
    case (.read(.register(let key)), .value(let value)): clients[client].lastSeen[key] = value
    case (.update(.write(let key, let value), _), .written), (.update(.cas(let key, _, let value), _), .written):
      clients[client].lastSeen[key] = value
    default: break
    }
  }

  mutating func clientTimedOut(_ client: Int, request: RequestID) throws {
    guard clients[client].running?.request == request else { return }
    result.count(.unknown)
    if try askedAgain(client) { return }
    clients[client].running = nil
    queue.insert(.invoke(client: client), at: now)
  }
}
