import PaxosLog
import SimulationKit

/// Multi-Paxos under the faults of `SimulationKit`: what lies between core and cluster, and what must hold in the end.
/// ``Observer`` checks after every single step.
public struct PaxosSimulation: ClusterSimulation {
  public typealias Core = MultiPaxos
  public typealias Batch = PersistBatch
  public typealias Outcome = PaxosLog.Outcome
  public typealias Client = PaxosClient
  public typealias Counter = PaxosCounter
  public typealias Options = PaxosOptions

  public static let sufficiency = Sufficiency<PaxosCounter>(progress: .chosen, usual: [(.leaders, 2)])
  public let cluster: SimulatedCluster<PaxosSimulation>
  var observer: Observer

  public init(_ cluster: SimulatedCluster<PaxosSimulation>) {
    self.cluster = cluster
    observer = Observer(cluster.options, SessionLimits())
  }

  public mutating func boot(_ node: Int) throws -> MultiPaxos {
    let options = cluster.options
    var configuration = Configuration(id: cluster.nodes[node].id, members: cluster.nodes.map(\.id))
    configuration.seed = cluster.coreSeed(of: node)
    configuration.bug = options.bug
    configuration.snapshotInterval = options.snapshotInterval
    configuration.logTailSlots = options.logTailSlots
    configuration.limits.snapshotChunkBytesMax = 1_000
    configuration.limits.candidateLagSlotsMax = 60
    // In some seeds each slot travels alone, so that one is lost and the next is not: a gap.
    configuration.limits.messageSlotsMax = cluster.seed.isMultiple(of: 2) ? 1 : 16
    let recovered = cluster.disks[node].recovered(options.canary)
    try observer.restarted(node, recovered)
    return try MultiPaxos(configuration, recovered: recovered, at: cluster.clock(of: node))
  }

  public mutating func perform(_ directive: Directive, at node: Int) throws {
    switch directive {
    case .send(let message, let to):
      try observer.sent(message, by: node)
      if case .snapshot = message { cluster.result[.snapshotParts] += 1 }
      if case .values = message { cluster.result[.catchUps] += 1 }
      try cluster.send(message, from: node, to: to)
    case .persist(let batch): try cluster.write(batch, at: node)
    case .saveSnapshot(let snapshot): cluster.save(snapshot, at: node)
    case .respond(let id, let outcome): try respond(to: id, outcome)
    case .roleChanged(.leader, let ballot):
      try observer.led(ballot)
      cluster.elected(node)
    case .roleChanged: break
    case .halt(let reason): throw Violation("Halt", "node \(node + 1): \(reason)")
    }
  }

  public mutating func stepped(_ node: Int, _ event: Event) throws {
    if let core = cluster.nodes[node].core { try observer.stepped(node, core) }
  }

  public mutating func crashed(_ node: Int) { observer.crashed(node) }

  public mutating func confirmed(_ batches: [PersistBatch], at node: Int) {
    observer.durable(batches.flatMap(\.votes), at: node)
  }

  public func leader() -> Int? { cluster.node { $0.role == .leader ? $0.promised : nil } }

  /// Everybody is up, agrees on one sequence, and applied it.
  public func checkEnd() throws {
    let last = observer.applied.reference.lastSlot
    for node in cluster.nodes.indices {
      guard let core = cluster.nodes[node].core else { throw Violation("Recovery", "node \(node + 1) is down") }
      guard core.chosenThrough == last, core.isHealthy(at: cluster.clock(of: node)) else {
        throw Violation(
          "Recovery",
          "node \(node + 1) (\(core.role.rawValue), promised \(core.promised), leader \(core.leader ?? 0)) applied "
            + "\(core.chosenThrough) of \(last) slots after the heal")
      }
    }
  }

  public func report() {
    let reference = observer.applied.reference
    cluster.result[.chosen] = reference.slots.count
    cluster.result[.noops] = reference.slots.count { $0 == .noop }
    cluster.result[.repetitions] = reference.repetitions
    cluster.result[.leaders] = observer.leaders.count
  }
}

extension MultiPaxos: SimulatedCore {}
extension Message: ByteCoded {}
extension PersistBatch: PersistedBatch {}

extension Event: CoreEvent {
  public static func timePassed(_ clock: Nanoseconds) -> Event { .tick }
  public static func saved(_ snapshot: Snapshot) -> Event { .snapshotSaved(through: snapshot.through) }
}

extension SimulatedDisk<PersistBatch, Snapshot> {
  /// What a restarted node finds.
  func recovered(_ canary: PaxosOptions.Canary?) -> RecoveredState {
    var recovered = RecoveredState(snapshot: snapshot)
    for batch in batches { recovered.replay(batch) }
    if canary == .forgottenPromise {
      let state = AcceptorState(lives: recovered.state.lives)
      recovered.replay(PersistBatch(sequence: 0, state: state, votes: [], chosenThrough: 0))
    }
    return recovered
  }
}
