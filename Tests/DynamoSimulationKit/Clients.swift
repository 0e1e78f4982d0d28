import DynamoRing
import SimulationKit

/// A client: one operation at a time. Sticky ones ask the same replica of a key each time, others any node.
struct SimulatedClient {
  struct Running {
    var request: RequestID
    var key: Key
    var observed: Observer.Began
  }

  let isSticky: Bool
  var running: Running?
  /// By key: the contexts that it got, the latest last.
  var contexts: [Key: [KnownContext]] = [:]
}

/// A context, and the values that the client had seen when it got it.
struct KnownContext {
  var context = CausalContext()
  var values: Set<Bytes> = []
}

// Clients: all types of value, on a few keys at a time, so that updates are concurrent.
extension Simulation {
  private var clientsAreActive: Bool { now < options.faultTime + options.recoveryTime / 10 }

  mutating func invoke(_ client: Int) throws {
    guard clients[client].running == nil, clientsAreActive else { return }
    let request = nextRequest
    nextRequest += 1
    let kind = Kind.allCases.randomElement(using: &random) ?? .siblings
    let name = Bytes("\(now / options.namesLife)-\(Int.random(in: 0..<options.names, using: &random))".utf8)
    let key = Key(kind, name)
    let (operation, known) = randomOperation(on: key, client)
    let node = coordinator(of: key, client)
    let began = observer.began(
      operation, known: known.values, client: client, isSticky: clients[client].isSticky, at: NodeID(node + 1))
    clients[client].running = SimulatedClient.Running(request: request, key: key, observed: began)
    queue.insert(.clientTimeout(client: client, request: request), at: now + options.clientTimeout)
    // A node that is down refuses the connection.
    guard nodes[node].core != nil else { return try responded(to: request, .noQuorum) }
    queue.insert(
      .request(operation, id: request, node: node, life: nodes[node].life),
      at: now + random.time(50 * microsecond..<millisecond))
  }

  private mutating func coordinator(of key: Key, _ client: Int) -> Int {
    let ring = observer.ring
    let replicas = Array(ring.preferenceList(of: ring.range(of: key)))
    guard clients[client].isSticky else { return Int.random(in: nodes.indices, using: &random) }
    return Int(replicas[client % replicas.count]) - 1
  }

  private mutating func randomOperation(on key: Key, _ client: Int) -> (Operation, KnownContext) {
    let choice = Int.random(in: 0..<20, using: &random)
    if choice < 7 { return (.read(key), KnownContext()) }
    if choice == 7 { return (.readLocal(key), KnownContext()) }
    let unique = withUnsafeBytes(of: nextRequest.bigEndian) { Bytes($0) }
    let element = [UInt8.random(in: 0..<6, using: &random)]
    let amount = UInt64.random(in: 1..<10, using: &random)
    switch key.kind {
    case .lastWriter: return (.update(name: key.name, .write(unique)), KnownContext())
    case .counter: return (.update(name: key.name, choice < 15 ? .add(amount) : .subtract(amount)), KnownContext())
    case .set: return (.update(name: key.name, choice < 15 ? .insert(element) : .remove(element)), KnownContext())
    case .siblings:
      let known = knownContext(of: key, client)
      return (.update(name: key.name, .put(choice < 18 ? unique : nil, known.context)), known)
    }
  }

  /// Mostly the latest that the client got, sometimes an older one, or none.
  private mutating func knownContext(of key: Key, _ client: Int) -> KnownContext {
    let all = clients[client].contexts[key] ?? []
    switch Int.random(in: 0..<10, using: &random) {
    case 0: return KnownContext()
    case 1: return all.randomElement(using: &random) ?? KnownContext()
    default: return all.last ?? KnownContext()
    }
  }

  /// A node answered, or the request found no node.
  mutating func responded(to request: RequestID, _ outcome: Outcome) throws {
    guard let client = clients.firstIndex(where: { $0.running?.request == request }),
      let running = clients[client].running
    else { return }
    clients[client].running = nil
    result.count(outcome)
    remember(outcome, running, client)
    try observer.ended(running.observed, outcome)
    queue.insert(.invoke(client: client), at: now + random.time(0..<10 * millisecond))
  }

  private mutating func remember(_ outcome: Outcome, _ running: SimulatedClient.Running, _ client: Int) {
    switch (outcome, running.observed.operation) {
    case (.reading(.siblings(let values, let context)), .read):
      clients[client].contexts[running.key, default: []].append(KnownContext(context: context, values: Set(values)))
    case (.put(let context), .update(_, .put(let value, _))):
      let values = running.observed.known.union(value.map { [$0] } ?? [])
      clients[client].contexts[running.key, default: []].append(KnownContext(context: context, values: values))
    default: break
    }
  }

  mutating func clientTimedOut(_ client: Int, request: RequestID) throws {
    if clients[client].running?.request == request { try responded(to: request, .unknown) }
  }
}
