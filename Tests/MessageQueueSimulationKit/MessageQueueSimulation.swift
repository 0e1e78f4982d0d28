import MessageQueue
import SimulationKit

/// The message queue under the faults of `SimulationKit`: what lies between core and cluster, and what must hold in the
/// end. ``Observer`` checks after every batch, and before every answer.
public struct MessageQueueSimulation: ClusterSimulation {
  public typealias Core = Broker
  public typealias Batch = PersistBatch
  public typealias Outcome = MessageQueue.Outcome
  public typealias Client = MessageQueueClient
  public typealias Counter = MessageQueueCounter
  public typealias Options = MessageQueueOptions

  public static let sufficiency = Sufficiency<MessageQueueCounter>(
    progress: .committed, usual: [(.elections, Int(partitionCount) + 3)],
    somewhere: [.divergences, .installs, .redeliveries, .deadLetters, .rebalances])
  public let cluster: SimulatedCluster<MessageQueueSimulation>
  var observer = Observer()

  public init(_ cluster: SimulatedCluster<MessageQueueSimulation>) { self.cluster = cluster }

  public mutating func boot(_ node: Int) throws -> Broker {
    observer.restarted(cluster.nodes[node].id)
    return try Broker(
      cluster.options.configuration(of: node, in: cluster),
      recovered: cluster.disks[node].recovered(cluster.options.canary), at: cluster.clock(of: node))
  }

  public mutating func perform(_ directive: Directive, at node: Int) throws {
    switch directive {
    case .send(let messages, let to):
      for message in messages { count(message) }
      try cluster.send(messages, from: node, to: to)
    case .persist(let batch): try cluster.write(batch, at: node)
    case .saveSnapshot(let snapshot):
      cluster.save(cluster.options.cluster.encodes ? try snapshot.recoded() : snapshot, at: node)
    case .respond(let id, let outcome): try respond(to: id, outcome)
    case .leads(let partition, let epoch, true): try observer.led(partition, epoch, cluster.nodes[node].id)
    case .leads: break
    }
  }

  private func count(_ message: Message) {
    switch message.body {
    case .accept: cluster.result[.isrChanges] += 1
    case .diverging: cluster.result[.divergences] += 1
    case .install: cluster.result[.installs] += 1
    default: break
    }
  }

  public mutating func stepped(_ node: Int, _ event: Event) throws {
    switch event {
    case .endOfBatch, .request:
      if let core = cluster.nodes[node].core { try observer.stepped(cluster.nodes[node].id, core) }
    default: break
    }
  }

  /// Whoever leads some partition.
  public func leader() -> Int? {
    guard let id = observer.partitions.randomElement(using: &cluster.random) else { return nil }
    return cluster.nodes.firstIndex { $0.core?.replica(of: id)?.isr != nil }
  }

  /// Everybody is up; each partition has one leader, with all replicas in sync and in agreement; and everything that was
  /// promised is there.
  public func checkEnd() throws {
    let wanted = min(3, cluster.nodes.count)
    for id in observer.partitions {
      let replicas = cluster.nodes.compactMap { node in node.core?.replica(of: id).map { (node.id, $0) } }
      let leaders = replicas.filter { $0.1.isr != nil }
      let described = replicas.map { node, replica in
        "node \(node): epoch \(replica.epoch), leader \(replica.leader ?? 0), in sync \(replica.isr ?? []), "
          + "end \(replica.log.end), committed \(replica.highWatermark)"
      }
      guard leaders.count == 1, let leader = leaders.first, leader.1.isr?.count == wanted, replicas.count == wanted,
        replicas.allSatisfy({ $0.1.highWatermark == leader.1.log.end && $0.1.log.end == leader.1.log.end })
      else { throw Violation("Recovery", "\(id): \(described.joined(separator: "; "))") }
    }
    try observer.checkEnd()
  }

  public func report() { observer.report(to: &cluster.result) }
}

extension Broker: SimulatedCore {}
extension PersistBatch: PersistedBatch {}
extension Snapshot: ByteCoded {}

extension [Message]: ByteCoded {
  public func encoded() -> [UInt8] { Message.encoded(self) }
  public init(decoding bytes: [UInt8]) throws { self = try Message.decoded(bytes) }
}

extension Event: CoreEvent {
  public static func timePassed(_ clock: Nanoseconds) -> Event { .tick }
  public static func saved(_ snapshot: Snapshot) -> Event { .snapshotSaved(number: snapshot.number) }
}

extension SimulatedDisk<PersistBatch, Snapshot> {
  /// What a restarted node finds.
  func recovered(_ canary: MessageQueueOptions.Canary?) -> RecoveredState {
    var recovered = RecoveredState(snapshot: snapshot)
    for var batch in batches {
      if canary == .forgottenRegister {
        for position in batch.changes.indices { batch.changes[position].state = PersistentState() }
      }
      recovered.replay(batch)
    }
    return recovered
  }
}
