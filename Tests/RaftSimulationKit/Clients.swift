import RaftKV
import SimulationKit

// Clients: put, get and compare-and-set on a few keys, and transactions on others. Every value is written once, so that it
// names its write.
extension Simulation {
  mutating func invoke(_ client: Int) throws {
    guard clients[client].running == nil, now < options.faultTime + options.recoveryTime / 2 else { return }
    let id = nextOperation
    nextOperation += 1
    let operation = randomOperation(client, id: id)
    if case .write(.transaction(let transaction)) = operation { observer.transactions.began(transaction) }
    clients[client].running = SimulatedClient.Running(id: id, operation: operation, floor: observer.floor)
    queue.insert(.clientTimeout(client: client, operation: id), at: now + options.clientTimeout)
    // A server that is down refuses the connection: the client tries another soon.
    let node = Int.random(in: nodes.indices, using: &random)
    if nodes[node].raft == nil { try responded(to: id, .noLeader) } else { try step(node, .request(operation, id: id)) }
  }

  private mutating func randomOperation(_ client: Int, id: UInt64) -> Operation {
    // Draws nothing when the option is off: seeds then mean what they meant before.
    if options.transactionPercent > 0, random.chance(percent: options.transactionPercent) {
      return .write(.transaction(randomTransaction(client, id: id)))
    }
    let key = Bytes("k\(Int.random(in: 0..<options.keys, using: &random))".utf8)
    let value = withUnsafeBytes(of: id.bigEndian) { Bytes($0) }
    switch Int.random(in: 0..<3, using: &random) {
    case 0: return .get(key: key)
    case 1: return .write(.put(key: key, value: value))
    default: return .write(.cas(key: key, from: clients[client].lastSeen[key], to: value))
    }
  }

  /// A server answered, or the request found no server. Late answers to what the client gave up are checked too.
  mutating func responded(to id: UInt64, _ outcome: Outcome) throws {
    guard let client = clients.firstIndex(where: { $0.running?.id == id }), let running = clients[client].running
    else { return }
    clients[client].running = nil
    try observer.completed(running.operation, outcome, floorAtStart: running.floor)
    remember(running.operation, outcome, client)
    result.count(outcome)
    queue.insert(.invoke(client: client), at: now + random.time(millisecond..<20 * millisecond))
  }

  private mutating func remember(_ operation: Operation, _ outcome: Outcome, _ client: Int) {
    switch (operation, outcome) {
    case (.get(let key), .value(let value)): clients[client].lastSeen[key] = value
    case (.write(.put(let key, let value)), .written), (.write(.cas(let key, _, let value)), .written):
      clients[client].lastSeen[key] = value
    default: break
    }
  }

  mutating func clientTimedOut(_ client: Int, operation: UInt64) {
    guard clients[client].running?.id == operation else { return }
    clients[client].running = nil
    result.count(.unknown)
    queue.insert(.invoke(client: client), at: now)
  }
}
