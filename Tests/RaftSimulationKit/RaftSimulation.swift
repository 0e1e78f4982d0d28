import RaftKV
import SimulationKit

/// Raft under the faults of `SimulationKit`: what lies between core and cluster, and what must hold in the end.
/// ``Observer`` checks after every single step.
public struct RaftSimulation: ClusterSimulation {
  public typealias Core = Raft
  public typealias Batch = PersistBatch
  public typealias Outcome = RaftKV.Outcome
  public typealias Client = RaftClient
  public typealias Counter = RaftCounter
  public typealias Options = RaftOptions

  public static let sufficiency = Sufficiency<RaftCounter>(progress: .committed, usual: [(.leaders, 2)])
  public let cluster: SimulatedCluster<RaftSimulation>
  var observer: Observer

  public init(_ cluster: SimulatedCluster<RaftSimulation>) {
    self.cluster = cluster
    let options = cluster.options
    observer = Observer(
      members: cluster.nodes.prefix(options.cluster.nodes).map(\.id), nodes: options.nodeCount,
      watchesDisks: options.canary == nil, promise: options.transactionPromise)
    if options.spares > 0 { cluster.clients += [SimulatedClient(), SimulatedClient()] }
  }

  public mutating func boot(_ node: Int) throws -> Raft {
    let options = cluster.options
    let servers = cluster.nodes.map(\.id)
    var configuration = Configuration(
      id: servers[node], members: Array(servers.prefix(options.cluster.nodes)), servers: servers)
    configuration.seed = cluster.coreSeed(of: node)
    configuration.bug = options.bug
    configuration.limits.appendEntriesMax = options.appendEntriesMax
    configuration.snapshotEntries = options.snapshotEntries
    configuration.logTailEntries = options.logTailEntries
    // In some seeds snapshots travel whole, in the others in parts.
    configuration.limits.snapshotChunkBytesMax = cluster.seed.isMultiple(of: 2) ? 700 : 1 << 20
    let recovered = try cluster.disks[node].recovered(options.canary)
    let raft = Raft(configuration, recovered: recovered, at: cluster.clock(of: node))
    try observer.booted(node, raft)
    return raft
  }

  public mutating func perform(_ directive: Directive, at node: Int) throws {
    guard let raft = cluster.nodes[node].core else { return }
    switch directive {
    case .send(let message, let to): try cluster.send(message, from: node, to: to)
    case .persist(let batch):
      try observer.logChanged(batch, of: raft)
      try cluster.write(batch, at: node)
    case .saveSnapshot(let contents):
      let snapshot = contents.encoded()
      guard try SnapshotContents(decoding: snapshot.bytes).lastIncludedIndex == contents.lastIncludedIndex else {
        throw Violation("Codec", "a snapshot changed on its way to the disk")
      }
      cluster.save(snapshot, at: node)
    case .respond(let id, let outcome): try respond(to: id, outcome)
    case .roleChanged(let role, let term):
      try observer.roleChanged(role, term: term, of: raft)
      if role == .leader { cluster.elected(node) }
    case .halt(let reason): throw Violation("Halt", "node \(node + 1): \(reason)")
    }
  }

  public mutating func stepped(_ node: Int, _ event: Event) throws {
    if let raft = cluster.nodes[node].core { try observer.stepped(node, raft, disks: cluster.disks) }
  }

  public mutating func crashed(_ node: Int) { observer.crashed(node, id: cluster.nodes[node].id) }

  public func leader() -> Int? { cluster.node { $0.role == .leader ? $0.currentTerm : nil } }

  /// Every member is up, agrees on one log, and applied it.
  public func checkEnd() throws {
    let last = observer.committed.lastIndex
    for node in cluster.nodes.indices where observer.committed.members.contains(cluster.nodes[node].id) {
      guard let raft = cluster.nodes[node].core else { throw Violation("Recovery", "node \(node + 1) is down") }
      guard raft.lastApplied == last, raft.isHealthy(at: cluster.clock(of: node)) else {
        throw Violation(
          "Recovery",
          "node \(node + 1) (\(raft.role.rawValue), term \(raft.currentTerm)) applied \(raft.lastApplied) of \(last) "
            + "entries after the heal")
      }
    }
  }

  public func report() {
    cluster.result[.committed] = observer.committed.positions.count
    cluster.result[.leaders] = observer.elections.leaders.count
    cluster.result[.installs] = observer.installs
    cluster.result[.repetitions] = observer.repetitions
  }
}

extension Raft: SimulatedCore {}
extension Message: ByteCoded {}

extension Event: CoreEvent {
  public static func timePassed(_ clock: Nanoseconds) -> Event { .tick }
  public static func saved(_ snapshot: Snapshot) -> Event { .snapshotSaved(snapshot) }
}
