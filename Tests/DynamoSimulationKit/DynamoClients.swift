import DynamoRing
import SimulationKit

/// What a client knows.
public struct DynamoClient: ClientMemory {
  /// What it asked for last.
  var began: Observer.Began?
  /// By key: the contexts that it got, the latest last.
  var contexts: [Key: [KnownContext]] = [:]

  public init() {}
}

/// A context, and the values that the client had seen when it got it.
struct KnownContext {
  var context = CausalContext()
  var values: Set<Bytes> = []
}

// Clients: all types of value, on a few keys at a time, so that updates are concurrent. Sticky ones ask the same replica of a
// key each time, others any node.
extension DynamoSimulation {
  private func isSticky(_ client: Int) -> Bool { !client.isMultiple(of: 3) }

  public mutating func operation(for client: Int) -> Operation? {
    let kind = Kind.allCases.randomElement(using: &cluster.random) ?? .siblings
    let number = Int.random(in: 0..<cluster.options.names, using: &cluster.random)
    let key = Key(kind, Bytes("\(cluster.now / cluster.options.namesLife)-\(number)".utf8))
    let (operation, known) = randomOperation(on: key, client)
    cluster.clients[client].memory.began = observer.began(
      operation, known: known.values, client: client, isSticky: isSticky(client))
    return operation
  }

  public func server(for client: Int, _ operation: Operation) -> Int {
    guard isSticky(client) else { return cluster.anyNode() }
    let ring = observer.ring
    let replicas = Array(ring.preferenceList(of: ring.range(of: operation.key)))
    return Int(replicas[client % replicas.count]) - 1
  }

  private func randomOperation(on key: Key, _ client: Int) -> (Operation, KnownContext) {
    let choice = Int.random(in: 0..<20, using: &cluster.random)
    if choice < 7 { return (.read(key), KnownContext()) }
    if choice == 7 { return (.readLocal(key), KnownContext()) }
    let unique = withUnsafeBytes(of: cluster.nextRequest.bigEndian) { Bytes($0) }
    let element = [UInt8.random(in: 0..<6, using: &cluster.random)]
    let amount = UInt64.random(in: 1..<10, using: &cluster.random)
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
  private func knownContext(of key: Key, _ client: Int) -> KnownContext {
    let all = cluster.clients[client].memory.contexts[key] ?? []
    switch Int.random(in: 0..<10, using: &cluster.random) {
    case 0: return KnownContext()
    case 1: return all.randomElement(using: &cluster.random) ?? KnownContext()
    default: return all.last ?? KnownContext()
    }
  }

  public mutating func answered(_ client: Int, _ operation: Operation, _ outcome: Outcome) throws {
    guard let began = cluster.clients[client].memory.began else { return }
    count(outcome)
    remember(outcome, began, client)
    try observer.ended(began, outcome)
  }

  private func count(_ outcome: Outcome) {
    switch outcome {
    case .reading(let reading):
      cluster.result[.reads] += 1
      if case .siblings(let values, _) = reading, values.count > 1 { cluster.result[.siblings] += 1 }
    case .put, .written, .counted, .inserted, .removed: cluster.result[.updates] += 1
    default: break
    }
  }

  private func remember(_ outcome: Outcome, _ began: Observer.Began, _ client: Int) {
    let known: KnownContext
    switch (outcome, began.operation) {
    case (.reading(.siblings(let values, let context)), .read):
      known = KnownContext(context: context, values: Set(values))
    case (.put(let context), .update(_, .put(let value, _))):
      known = KnownContext(context: context, values: began.known.union(value.map { [$0] } ?? []))
    default: return
    }
    cluster.clients[client].memory.contexts[began.operation.key, default: []].append(known)
  }
}

extension Outcome: ClientOutcome {
  public static var unreachable: Outcome { .noQuorum }
  public var isRefusal: Bool {
    switch self {
    case .noQuorum, .overloaded, .tooLarge, .notReplica: true
    default: false
    }
  }
}
