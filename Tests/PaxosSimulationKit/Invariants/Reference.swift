import PaxosLog
import SimulationKit

/// What the chosen sequence means, computed apart from the nodes and without bounds: the first time that a command is
/// chosen counts, all later ones do not.
struct Reference {
  /// An entry or a value, and the slot that put it there.
  struct Version {
    var slot: Slot
    var value: Bytes
  }

  /// Values by slot, as the first node that applied them did.
  private(set) var slots: [Value] = []
  private(set) var logs: [Bytes: [Version]] = [:]
  private(set) var registers: [Bytes: [Version]] = [:]
  /// By slot: entries of all logs after it.
  private(set) var entryCounts: [Int] = []
  /// By slot: the digest of a state machine after it.
  private(set) var hashes: [UInt64] = []
  private(set) var repetitions = 0
  private var done: Set<CommandID> = []
  private var machine: StateMachine

  init(_ limits: SessionLimits) { machine = StateMachine(limits) }

  var lastSlot: Slot { Slot(slots.count) }

  mutating func apply(_ value: Value) {
    slots.append(value)
    if case .command(let command) = value {
      if done.insert(command.id).inserted { perform(command.action) } else { repetitions += 1 }
      _ = machine.apply(command, at: lastSlot)
    }
    entryCounts.append(logs.values.reduce(0) { $0 + $1.count })
    hashes.append(machine.stateHash)
  }

  private mutating func perform(_ action: Action) {
    switch action {
    case .append(let log, let value): logs[log, default: []].append(Version(slot: lastSlot, value: value))
    case .write(let key, let value): registers[key, default: []].append(Version(slot: lastSlot, value: value))
    case .cas(let key, let from, let to):
      guard registers[key]?.last?.value == from else { return }
      registers[key, default: []].append(Version(slot: lastSlot, value: to))
    }
  }
}
