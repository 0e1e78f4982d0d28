import RaftKV
import SimulationKit

/// What a client knows.
public struct RaftClient: ClientMemory {
  /// What had to be in effect when its operation began.
  var floor: LogIndex = 0
  /// Numbers the writes that it names.
  var sequence: UInt64 = 0
  /// By key: the last value it knows, to compare with.
  var lastSeen: [Bytes: Bytes] = [:]

  public init() {}
}

// Clients: put, get and compare-and-set on a few keys, and transactions on others. Every value is written once, so that it
// names its write. Some clients name their writes for the servers too and ask again, anywhere, when they get no answer. The
// last two are operators: they add and remove servers.
extension RaftSimulation {
  private func isOperator(_ client: Int) -> Bool { client >= cluster.options.cluster.clients }

  public mutating func operation(for client: Int) -> Operation? {
    if isOperator(client) { return cluster.isHealed ? nil : .changeMembers(randomChange()) }
    let operation = randomOperation(client)
    if case .write(.transaction(let transaction), _) = operation { observer.transactions.began(transaction) }
    cluster.clients[client].memory.floor = observer.floor
    return operation
  }

  private func randomChange() -> MembershipChange {
    let members = observer.committed.members
    let node = cluster.nodes[cluster.anyNode()].id
    return members.contains(node) && members.count > 2 ? .remove(node) : .add(node)
  }

  /// Operators work to one beat, the second of them only now and then: one change is asked for before another can be done.
  public func pause(of client: Int) -> Nanoseconds {
    guard isOperator(client) else { return cluster.random.time(millisecond..<20 * millisecond) }
    let period = cluster.options.changePeriod
    var pause = period - cluster.now % period
    if client > cluster.options.cluster.clients {
      while !cluster.random.chance(percent: cluster.options.doubleChangePercent) { pause += period }
    }
    return pause
  }

  private func randomOperation(_ client: Int) -> Operation {
    let id = cluster.nextRequest
    if cluster.random.chance(percent: cluster.options.transactionPercent) {
      return .write(.transaction(randomTransaction(client, id: id)))
    }
    let key = Bytes("k\(Int.random(in: 0..<cluster.options.keys, using: &cluster.random))".utf8)
    let value = withUnsafeBytes(of: id.bigEndian) { Bytes($0) }
    switch Int.random(in: 0..<3, using: &cluster.random) {
    case 0: return .get(key: key)
    case 1: return .write(.put(key: key, value: value), id: nextName(client))
    default:
      let lastSeen = cluster.clients[client].memory.lastSeen[key]
      return .write(.cas(key: key, from: lastSeen, to: value), id: nextName(client))
    }
  }

  /// nil for the clients that do not name their writes.
  private func nextName(_ client: Int) -> CommandID? {
    guard cluster.options.namesWrites, client.isMultiple(of: 2) else { return nil }
    cluster.clients[client].memory.sequence += 1
    return CommandID(client: UInt64(client) + 1, sequence: cluster.clients[client].memory.sequence)
  }

  /// Only a write that the client named.
  public func isRepeatable(_ operation: Operation) -> Bool {
    if case .write(_, .some) = operation { true } else { false }
  }

  public mutating func answered(_ client: Int, _ operation: Operation, _ outcome: Outcome) throws {
    if case .changeMembers(let change) = operation { return try changed(change, outcome) }
    if case .committed = outcome { cluster.result[.transactions] += 1 }
    if case .aborted = outcome { cluster.result[.aborts] += 1 }
    try observer.completed(operation, outcome, floorAtStart: cluster.clients[client].memory.floor)
    switch (operation, outcome) {
    case (.get(let key), .value(let value)): cluster.clients[client].memory.lastSeen[key] = value
    case (.write(.put(let key, let value), _), .written), (.write(.cas(let key, _, let value), _), .written):
      cluster.clients[client].memory.lastSeen[key] = value
    default: break
    }
  }

  /// The operator got an answer: if it was a yes, the log says so too.
  private func changed(_ change: MembershipChange, _ outcome: Outcome) throws {
    guard outcome == .written else { return }
    guard observer.committed.hasMadeTrue(change) else {
      throw Violation("Membership", "\(change) was acknowledged before it was committed")
    }
    cluster.result[.changes] += 1
  }
}

extension Outcome: ClientOutcome {
  public static var unreachable: Outcome { .noLeader }
  public var isRefusal: Bool {
    switch self {
    case .noLeader, .overloaded, .changeRefused: true
    default: false
    }
  }
}
