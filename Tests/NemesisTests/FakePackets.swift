import Clusters
import Synchronization

/// Rules in memory; what they did is set by the test.
final class FakePackets: PacketControl {
  struct State {
    var rules: [PacketChange.Kind: PacketRule] = [:]
    /// What the next `lift` of a rule in force answers.
    var effects = PacketEffects(affected: PacketCount(), links: [:])
    /// Answers as if all were well, and imposes nothing.
    var ignores = false
    /// So many of the next calls of each throw.
    var imposeFailures = 0
    var liftFailures = 0
    var lifts = 0
  }

  let state = Mutex(State())

  var rules: [PacketRule] {
    state.withLock { $0.rules.values.sorted { $0.change.kind.rawValue < $1.change.kind.rawValue } }
  }
  func configure(_ change: @Sendable (inout State) -> Void) { state.withLock { change(&$0) } }

  func impose(_ rule: PacketRule) async throws {
    try Task.checkCancellation()
    try state.withLock { state in
      // As a cluster may that fails after its work was done.
      if !state.ignores { state.rules[rule.change.kind] = rule }
      guard state.imposeFailures == 0 else {
        state.imposeFailures -= 1
        throw Planned()
      }
    }
  }

  func lift(_ kind: PacketChange.Kind) async throws -> PacketEffects? {
    try Task.checkCancellation()
    return try state.withLock { state in
      state.lifts += 1
      guard state.liftFailures == 0 else {
        state.liftFailures -= 1
        throw Planned()
      }
      return state.rules.removeValue(forKey: kind) == nil ? nil : state.effects
    }
  }
}
