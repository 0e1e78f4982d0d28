import DynamoRing
import SimulationKit

/// How an update ended, as its client knows it.
enum Fate: Sendable {
  /// Still under way, or nobody knows.
  case open
  /// Acknowledged.
  case done
  /// It certainly did not happen.
  case refused

  init(_ outcome: Outcome) {
    self = outcome.isUnknown ? .open : outcome.isRefusal ? .refused : .done
  }
}

/// Sees what clients ask and are told, and at the end what the replicas hold. One history per type of value.
struct Observer {
  /// An operation that a client asked for.
  struct Began {
    var operation: Operation
    /// The values that the client had seen with the context that it uses.
    var known: Set<Bytes>
    var client: Int
    /// Whether what the client sees here must not fall behind what it saw before.
    var isSession: Bool
    /// Whether its coordinator is the same each time.
    var isSticky: Bool
    /// The place of an update among those of its key.
    var index = 0
  }

  let ring: Ring
  /// Whether every quorum of reads meets every quorum of writes, and of reads.
  private let quorumsMeet: Bool
  private var siblings: [Key: SiblingsHistory] = [:]
  private var registers: [Key: RegisterHistory] = [:]
  private var counters: [Key: CounterHistory] = [:]
  private var sets: [Key: SetHistory] = [:]

  init(_ configuration: Configuration) {
    ring = Ring(
      members: configuration.members, virtualNodes: configuration.virtualNodes, replicas: configuration.replicas)
    quorumsMeet =
      !configuration.isSloppy && configuration.readQuorum + configuration.writeQuorum > ring.replicas
      && configuration.readQuorum * 2 > ring.replicas
  }

  mutating func began(_ operation: Operation, known: Set<Bytes>, client: Int, isSticky: Bool) -> Began {
    var began = Began(
      operation: operation, known: known, client: client, isSession: isSticky || quorumsMeet, isSticky: isSticky)
    guard case .update(_, let update) = operation else { return began }
    let key = operation.key
    switch update {
    case .put(let value, _): began.index = siblings[key, default: SiblingsHistory()].began(value, known, client)
    case .write(let value): began.index = registers[key, default: RegisterHistory()].began(value)
    case .add(let amount): began.index = counters[key, default: CounterHistory()].began(Int(amount))
    case .subtract(let amount): began.index = counters[key, default: CounterHistory()].began(-Int(amount))
    case .insert(let element): began.index = sets[key, default: SetHistory()].began(element, isRemoval: false, client)
    case .remove(let element): began.index = sets[key, default: SetHistory()].began(element, isRemoval: true, client)
    }
    return began
  }

  mutating func ended(_ began: Began, _ outcome: Outcome) throws {
    let key = began.operation.key
    switch (began.operation, key.kind) {
    case (.update, .siblings): siblings[key]?.ended(began.index, outcome)
    case (.update, .lastWriter): try registers[key]?.ended(began, outcome)
    case (.update, .counter): counters[key]?.ended(began.index, outcome)
    case (.update, .set): try sets[key]?.ended(began.index, outcome)
    case (.readLocal, _): break
    case (.read, _): try read(key, began, outcome)
    }
  }

  private mutating func read(_ key: Key, _ began: Began, _ outcome: Outcome) throws {
    switch outcome {
    case .reading(.siblings(let values, _)): try siblings[key]?.read(values, began)
    case .reading(.lastWriter(let value, let timestamp)):
      try registers[key, default: RegisterHistory()].read(value, timestamp, began)
    case .reading(.set(let elements)): try sets[key]?.read(elements, began)
    default: break
    }
  }

  /// Everything healed long ago: all replicas of each key hold the same, and that is what clients were told.
  func checkEnd(_ cores: [DynamoNode?]) throws {
    let cores = cores.compactMap { $0 }
    try Convergence.check(cores)
    for key in Set(cores.flatMap(\.keys)).union(acknowledgedKeys).sorted() {
      let replica = ring.preferenceList(of: ring.range(of: key)).first ?? 1
      let object = cores.first { $0.configuration.id == replica }?.object(at: key) ?? Object(key.kind)
      try checkEnd(key, object.reading)
    }
  }

  private var acknowledgedKeys: Set<Key> {
    Set(siblings.keys).union(registers.keys).union(counters.keys).union(sets.keys)
  }

  private func checkEnd(_ key: Key, _ reading: Reading) throws {
    switch reading {
    case .siblings(let values, _): try siblings[key, default: SiblingsHistory()].checkEnd(values, key)
    case .lastWriter(let value, let timestamp):
      try registers[key, default: RegisterHistory()].checkEnd(value, timestamp, key)
    case .counter(let value): try counters[key, default: CounterHistory()].checkEnd(Int(value), key)
    case .set(let elements): try sets[key, default: SetHistory()].checkEnd(elements, key)
    }
  }
}
