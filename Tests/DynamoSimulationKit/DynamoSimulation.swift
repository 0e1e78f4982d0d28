import DynamoRing
import SimulationKit

/// dynamo-ring under the faults of `SimulationKit`: what lies between core and cluster. ``Observer`` compares what all
/// replicas hold in the end with what clients were told.
public struct DynamoSimulation: ClusterSimulation {
  public typealias Core = DynamoNode
  public typealias Batch = PersistBatch
  public typealias Outcome = DynamoRing.Outcome
  public typealias Client = DynamoClient
  public typealias Counter = DynamoCounter
  public typealias Options = DynamoOptions

  /// Usual seeds see every way of bringing replicas together at work.
  public static let sufficiency = Sufficiency<DynamoCounter>(
    progress: .updates, usual: [(.repairs, 1), (.exchanged, 1), (.siblings, 1)])
  public let cluster: SimulatedCluster<DynamoSimulation>
  var observer: Observer

  public init(_ cluster: SimulatedCluster<DynamoSimulation>) {
    self.cluster = cluster
    observer = Observer(cluster.options.configuration(of: 0, in: cluster))
  }

  public mutating func boot(_ node: Int) throws -> DynamoNode {
    var recovered = RecoveredState()
    if let snapshot = cluster.disks[node].snapshot { try recovered.restore(snapshot) }
    for batch in cluster.disks[node].batches { recovered.replay(batch) }
    return try DynamoNode(
      cluster.options.configuration(of: node, in: cluster), recovered: recovered, at: cluster.clock(of: node))
  }

  public mutating func perform(_ directive: Directive, at node: Int) throws {
    switch directive {
    case .send(let message, let to):
      if let counter = message.counter { cluster.result[counter] += 1 }
      try cluster.send(message, from: node, to: to)
    case .persist(let batch):
      if batch.isWhole { cluster.result[.newLogs] += 1 }
      try cluster.write(batch, at: node)
    case .saveSnapshot(let snapshot): cluster.save(snapshot.encoded(), at: node)
    case .respond(let id, let outcome): try respond(to: id, outcome)
    }
  }

  public mutating func stepped(_ node: Int, _ event: Event) {}

  public func checkEnd() throws { try observer.checkEnd(cluster.nodes.map(\.core)) }

  public func report() { cluster.result[.keys] = Set(cluster.nodes.compactMap(\.core).flatMap(\.keys)).count }
}

extension DynamoNode: SimulatedCore {}
extension PersistBatch: PersistedBatch {}

extension Message: ByteCoded {
  fileprivate var counter: DynamoCounter? {
    switch self {
    case .hint: .hints
    case .handoff: .handoffs
    case .repair: .repairs
    case .exchange: .exchanged
    case .forward: .forwards
    default: nil
    }
  }
}

extension Event: CoreEvent {
  public static func timePassed(_ clock: Nanoseconds) -> Event { .tick(wall: clock) }
  public static func saved(_ snapshot: Bytes) -> Event { .snapshotSaved }
}
