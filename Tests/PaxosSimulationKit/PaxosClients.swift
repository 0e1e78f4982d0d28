import PaxosLog
import SimulationKit

/// What a client knows.
public struct PaxosClient: ClientMemory {
  /// What had to be in effect when it first asked.
  var floor: Slot = 0
  /// The number of its latest command.
  var sequence: UInt64 = 0
  /// By register: the last value it knows, to compare with.
  var lastSeen: [Bytes: Bytes] = [:]

  public init() {}
}

// Clients: appends, writes, compare-and-sets and reads on a few logs and registers. Every value is written once, so that
// it names its operation. Some clients name their commands and ask again, at another node, when they got no answer.
extension PaxosSimulation {
  public mutating func operation(for client: Int) -> Operation? {
    cluster.clients[client].memory.floor = observer.floor
    let name = Bytes("n\(Int.random(in: 0..<cluster.options.names, using: &cluster.random))".utf8)
    let value = withUnsafeBytes(of: cluster.nextRequest.bigEndian) { Bytes($0) }
    switch Int.random(in: 0..<12, using: &cluster.random) {
    case 0..<5: return .update(.append(log: name, value: value), id: commandID(client))
    case 5, 6: return .update(.write(key: name, value: value), id: commandID(client))
    case 7:
      let lastSeen = cluster.clients[client].memory.lastSeen[name]
      return .update(.cas(key: name, from: lastSeen, to: value), id: commandID(client))
    case 8, 9: return .read(.entries(log: name, from: 1, through: .max))
    case 10: return .read(.register(key: name))
    default: return .readLocal(.entries(log: name, from: 1, through: .max))
    }
  }

  /// Clients with even numbers name their commands.
  private mutating func commandID(_ client: Int) -> CommandID? {
    guard client.isMultiple(of: 2) else { return nil }
    cluster.clients[client].memory.sequence += 1
    return CommandID(client: UInt64(client) + 1, sequence: cluster.clients[client].memory.sequence)
  }

  /// Only a command that the client named.
  public func isRepeatable(_ operation: Operation) -> Bool {
    if case .update(_, .some) = operation { true } else { false }
  }

  public mutating func answered(_ client: Int, _ operation: Operation, _ outcome: Outcome) throws {
    try observer.completed(operation, outcome, floorAtStart: cluster.clients[client].memory.floor)
    switch (operation, outcome) {
    case (.read(.register(let key)), .value(let value)): cluster.clients[client].memory.lastSeen[key] = value
    case (.update(.write(let key, let value), _), .written), (.update(.cas(let key, _, let value), _), .written):
      cluster.clients[client].memory.lastSeen[key] = value
    default: break
    }
  }
}

extension Outcome: ClientOutcome {
  public static var unreachable: Outcome { .noLeader }
  public var isRefusal: Bool { self == .noLeader || self == .overloaded }
  public var isUnknown: Bool { self == .unknown || self == .expired }
}
