import ProtocolKit

/// The replicated state: named logs that only grow, and registers. "A deterministic state machine" (§3): the same values
/// in the same order give the same state, the same outcomes and the same digest on every node.
public struct StateMachine: Sendable {
  private(set) var logs: [Bytes: [Bytes]] = [:]
  private(set) var registers: [Bytes: Bytes] = [:]
  /// What took effect already.
  public private(set) var sessions: Sessions
  /// Digest of logs and registers: the exclusive or of a digest of each entry and each register. It is kept up to date
  /// in constant time and does not depend on the order of a dictionary.
  private var contentHash: UInt64 = 0

  /// An empty machine.
  package init(_ limits: SessionLimits) { sessions = Sessions(limits) }

  /// A machine with this content, as a snapshot has it.
  init(logs: [Bytes: [Bytes]], registers: [Bytes: Bytes], sessions: Sessions) {
    self.logs = logs
    self.registers = registers
    self.sessions = sessions
    for (name, values) in logs {
      for (position, value) in values.enumerated() {
        contentHash ^= Self.digest(ofEntry: UInt64(position) + 1, in: name, value)
      }
    }
    for (key, value) in registers { contentHash ^= Self.digest(ofRegister: key, value) }
  }

  /// Digest of the whole state, sessions included; equal on nodes that applied the same slots.
  public var stateHash: UInt64 { mix64(contentHash) ^ sessions.hash }

  /// How many entries a log has; 0 for one that nobody appended to.
  public func length(ofLog log: Bytes) -> UInt64 { UInt64(logs[log]?.count ?? 0) }

  /// Entries of all logs.
  public var entryCount: Int { logs.values.reduce(0) { $0 + $1.count } }

  /// The answer to a question, but to none about more than `entriesMax` entries.
  public func answer(to query: Query, entriesMax: Int) -> Outcome {
    switch query {
    case .register(let key): return .value(registers[key])
    case .entries(let log, let from, let through):
      let first = max(1, from)
      guard let values = logs[log], first <= through, first <= UInt64(values.count) else {
        return .entries(first: first, [])
      }
      let count = min(through, UInt64(values.count)) - first + 1
      guard count <= UInt64(entriesMax) else { return .tooManyEntries }
      return .entries(first: first, Array(values[Int(first - 1)..<Int(first - 1 + count)]))
    }
  }

  /// Applies the command chosen in `slot`: once, however often it is chosen. A repetition gets the first outcome.
  package mutating func apply(_ command: Command, at slot: Slot) -> Outcome {
    switch sessions.lookup(command.id) {
    case .done(let outcome): return outcome
    case .forgotten: return .expired
    case .new:
      let outcome = perform(command.action)
      sessions.record(command.id, outcome, at: slot)
      return outcome
    }
  }

  private mutating func perform(_ action: Action) -> Outcome {
    switch action {
    case .append(let log, let value):
      logs[log, default: []].append(value)
      let index = length(ofLog: log)
      contentHash ^= Self.digest(ofEntry: index, in: log, value)
      return .appended(index: index)
    case .write(let key, let value):
      set(key, to: value)
      return .written
    case .cas(let key, let from, let to):
      if registers[key] == nil, from != nil { return .notFound }
      guard registers[key] == from else { return .compareFailed }
      set(key, to: to)
      return .written
    }
  }

  private mutating func set(_ key: Bytes, to value: Bytes) {
    if let old = registers.updateValue(value, forKey: key) { contentHash ^= Self.digest(ofRegister: key, old) }
    contentHash ^= Self.digest(ofRegister: key, value)
  }

  private static func digest(ofEntry index: UInt64, in log: Bytes, _ value: Bytes) -> UInt64 {
    var digest = Digest()
    digest.fold(index)
    digest.fold(log)
    digest.fold(value)
    return digest.value
  }

  private static func digest(ofRegister key: Bytes, _ value: Bytes) -> UInt64 {
    var digest = Digest()
    digest.fold(UInt64(0))
    digest.fold(key)
    digest.fold(value)
    return digest.value
  }
}

extension StateMachine {
  /// With ``PaxosBug/sessionLostInSnapshot`` only.
  mutating func forgetSessions() { sessions = Sessions(sessions.limits) }
}
