import RaftKV
import SimulationKit

// Clients: put, get and compare-and-set on a few keys, and transactions on others. Every value is written once, so that it
// names its write. Some clients name their writes for the servers too and ask again, anywhere, when they get no answer.
extension Simulation {
  mutating func invoke(_ client: Int) throws {
    guard clients[client].running == nil, now < options.faultTime + options.recoveryTime / 2 else { return }
    let id = nextOperation
    nextOperation += 1
    let operation = randomOperation(client, id: id)
    if case .write(.transaction(let transaction), _) = operation { observer.transactions.began(transaction) }
    clients[client].running = SimulatedClient.Running(id: id, operation: operation, floor: observer.floor)
    try ask(operation, client, id: id)
  }

  /// One attempt at an operation.
  private mutating func ask(_ operation: Operation, _ client: Int, id: UInt64) throws {
    // Clients that may ask again are impatient: the write is often under way still, and is committed twice.
    let isNamed = if case .write(_, .some) = operation { true } else { false }
    let patience = isNamed ? random.time(millisecond..<options.patienceMax) : options.clientTimeout
    queue.insert(.clientTimeout(client: client, operation: id), at: now + patience)
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
    case 1: return .write(.put(key: key, value: value), id: nextName(client))
    default: return .write(.cas(key: key, from: clients[client].lastSeen[key], to: value), id: nextName(client))
    }
  }

  /// nil for the clients that do not name their writes.
  private mutating func nextName(_ client: Int) -> CommandID? {
    guard options.namesWrites, client.isMultiple(of: 2) else { return nil }
    clients[client].sequence += 1
    return CommandID(client: UInt64(client) + 1, sequence: clients[client].sequence)
  }

  /// Only a write that the client named may be asked for again.
  private mutating func asksAgain(_ client: Int) -> Bool {
    guard let running = clients[client].running, case .write(_, .some) = running.operation, running.retries < 4,
      now < options.faultTime + options.recoveryTime / 2
    else { return false }
    queue.insert(.retry(client: client, operation: running.id), at: now + random.time(0..<20 * millisecond))
    return true
  }

  mutating func retry(_ client: Int, operation: UInt64) throws {
    guard let running = clients[client].running, running.id == operation else { return }
    let id = nextOperation
    nextOperation += 1
    clients[client].running?.id = id
    clients[client].running?.retries += 1
    result.retries += 1
    try ask(running.operation, client, id: id)
  }

  /// A server answered, or the request found no server. Late answers to what the client gave up are checked too.
  mutating func responded(to id: UInt64, _ outcome: Outcome) throws {
    guard let client = clients.firstIndex(where: { $0.running?.id == id }), let running = clients[client].running
    else { return }
    try observer.completed(running.operation, outcome, floorAtStart: running.floor)
    if outcome == .unknown || outcome == .noLeader, asksAgain(client) { return }
    clients[client].running = nil
    remember(running.operation, outcome, client)
    result.count(outcome)
    queue.insert(.invoke(client: client), at: now + random.time(millisecond..<20 * millisecond))
  }

  private mutating func remember(_ operation: Operation, _ outcome: Outcome, _ client: Int) {
    switch (operation, outcome) {
    case (.get(let key), .value(let value)): clients[client].lastSeen[key] = value
    case (.write(.put(let key, let value), _), .written), (.write(.cas(let key, _, let value), _), .written):
      clients[client].lastSeen[key] = value
    default: break
    }
  }

  mutating func clientTimedOut(_ client: Int, operation: UInt64) {
    guard clients[client].running?.id == operation, !asksAgain(client) else { return }
    clients[client].running = nil
    result.count(.unknown)
    queue.insert(.invoke(client: client), at: now)
  }
}
