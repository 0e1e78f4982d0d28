import RaftKV
import SimulationKit

/// Every answer to an operation on one key is right, and respects real time; ``Isolation`` looks at those on
/// several. The committed log gives the order, so the check is exact:
/// each operation gets an index in that order (a read the latest it can have) and may not come before one that had
/// completed when it began.
struct Linearizability {
  private struct Version {
    var index: LogIndex
    var value: Bytes
  }

  private struct Fate {
    var index: LogIndex
    var outcome: Outcome
  }

  /// By key, every value it ever had, ascending by index.
  private var versions: [Bytes: [Version]] = [:]
  /// By the unique value that a write carries.
  private var fates: [Bytes: Fate] = [:]
  /// By client: its latest named write that took effect. Unlike the servers', this memory is unlimited.
  private var sequences: [UInt64: UInt64] = [:]
  /// Named writes that were committed again, and must have had no effect.
  private(set) var repetitions = 0
  /// Keys that committed entries touched since ``check(_:of:)``.
  private var touched: Set<Bytes> = []
  /// Writes of which a client was told that they certainly did not happen.
  private var refused: Set<Bytes> = []
  /// The highest index that a completed operation has shown to be in effect.
  private(set) var floor: LogIndex = 0

  /// Follows the committed log by one entry.
  mutating func committed(_ entry: Entry, at index: LogIndex) throws {
    guard case .command(let command, let id) = entry.payload, let (key, value, outcome) = evaluate(command) else {
      return
    }
    touched.insert(key)
    if let id, isRepetition(id) { return }
    if let first = fates[value] {
      throw Violation("At Most Once", "the write committed at \(first.index) was committed again at \(index)")
    }
    if refused.contains(value) {
      throw Violation("Definite Refusals", "a write that was refused for certain was committed at \(index)")
    }
    fates[value] = Fate(index: index, outcome: outcome)
    if outcome == .written { versions[key, default: []].append(Version(index: index, value: value)) }
  }

  /// "Each (client, sequence) takes effect once" (§8), and none after a later one of its client.
  private mutating func isRepetition(_ id: CommandID) -> Bool {
    guard id.sequence > sequences[id.client] ?? 0 else {
      repetitions += 1
      return true
    }
    sequences[id.client] = id.sequence
    return false
  }

  /// A server that has applied all that is committed holds what the log says, with every named write applied once.
  mutating func check(_ machine: StateMachine, of node: NodeID) throws {
    for key in touched {
      let expected = versions[key]?.last.map { StoredValue.register($0.value) }
      guard machine.value(of: key) == expected else {
        throw Violation("Exactly Once", "node \(node) holds another value than the log says, each write taken once")
      }
    }
    touched = []
  }

  /// nil for a transaction: those write other keys.
  private func evaluate(_ command: Command) -> (key: Bytes, value: Bytes, outcome: Outcome)? {
    switch command {
    case .put(let key, let value):
      return (key, value, .written)
    case .cas(let key, let from, let to):
      let current = versions[key]?.last?.value
      if current == nil, from != nil { return (key, to, .notFound) }
      return (key, to, current == from ? .written : .compareFailed)
    case .transaction: return nil
    }
  }

  /// A client got its answer. `floorAtStart` is ``floor`` at the time of its invocation.
  mutating func completed(_ operation: Operation, _ outcome: Outcome, floorAtStart: LogIndex) throws {
    switch operation {
    case .get(let key): try completed(readOf: key, outcome, floorAtStart: floorAtStart)
    case .write(.put(_, let value), let id), .write(.cas(_, _, let value), let id):
      // A refusal is about one attempt; others of the same write may have been proposed.
      if id != nil, outcome == .noLeader || outcome == .overloaded { return }
      try completed(write: value, outcome, floorAtStart: floorAtStart)
    case .write(.transaction, _), .changeMembers: return
    }
  }

  private mutating func completed(write value: Bytes, _ outcome: Outcome, floorAtStart: LogIndex) throws {
    switch outcome {
    case .unknown: return
    case .noLeader, .overloaded:
      if let fate = fates[value] {
        throw Violation("Definite Refusals", "the write committed at \(fate.index) was refused for certain")
      }
      refused.insert(value)
    default:
      guard let fate = fates[value] else {
        throw Violation("Linearizability", "a write was acknowledged before it was committed")
      }
      guard fate.outcome == outcome, fate.index > floorAtStart else {
        throw Violation("Linearizability", "the write at \(fate.index) was answered \(outcome), not \(fate.outcome)")
      }
      floor = max(floor, fate.index)
    }
  }

  private mutating func completed(readOf key: Bytes, _ outcome: Outcome, floorAtStart: LogIndex) throws {
    let history = versions[key] ?? []
    let position: Int
    switch outcome {
    case .unknown, .noLeader, .overloaded: return
    case .value(let value):
      guard let found = history.lastIndex(where: { $0.value == value }) else {
        throw Violation("Linearizability", "a read returned a value that was never committed")
      }
      position = found
    default: position = -1
    }
    if position + 1 < history.count, history[position + 1].index <= floorAtStart {
      throw Violation(
        "Linearizability",
        "a read missed the write at \(history[position + 1].index), although \(floorAtStart) was in effect when it began"
      )
    }
    if position >= 0 { floor = max(floor, history[position].index) }
  }
}
