import MessageQueue
import SimulationKit

/// Sees everything: what replicas have, and what clients are told. Throws a ``Violation`` as soon as something is wrong.
struct Observer {
  private(set) var logs: [PartitionID: CommittedLog] = [:]
  private var queueModel = QueueModel()
  var groupModel = GroupModel()
  private var leaders: [Leadership: NodeID] = [:]
  /// By node and partition: how far its committed records were compared, in this life.
  private var compared: [NodeID: [PartitionID: Offset]] = [:]
  /// Values that clients were told were not taken, with their partitions.
  var refused: [(id: PartitionID, value: Bytes)] = []

  private struct Leadership: Hashable {
    var id: PartitionID
    var epoch: Epoch
  }

  /// Those that were used, ascending.
  var partitions: [PartitionID] { logs.keys.sorted() }

  // MARK: Replicas

  mutating func restarted(_ node: NodeID) { compared[node] = nil }

  mutating func led(_ id: PartitionID, _ epoch: Epoch, _ node: NodeID) throws {
    if let other = leaders.updateValue(node, forKey: Leadership(id: id, epoch: epoch)) {
      throw Violation("One Leader An Epoch", "\(id): nodes \(other) and \(node) in epoch \(epoch)")
    }
  }

  mutating func stepped(_ node: NodeID, _ broker: Broker) throws {
    for id in broker.partitionIDs {
      guard let replica = broker.replica(of: id) else { continue }
      try compare(replica, id, node)
    }
  }

  private mutating func compare(_ replica: ReplicaStatus, _ id: PartitionID, _ node: NodeID) throws {
    let from = compared[node]?[id] ?? replica.log.start
    guard replica.highWatermark >= from else {
      throw Violation(
        "Committed Records Stay", "\(id): node \(node) goes back from \(from) to \(replica.highWatermark)")
    }
    guard replica.highWatermark > from || logs[id] == nil else { return }
    compared[node, default: [:]][id] = replica.highWatermark
    var log = logs.removeValue(forKey: id) ?? CommittedLog()
    defer { logs[id] = log }
    let first = max(from, replica.log.start)
    for offset in first..<max(first, replica.highWatermark) {
      let record = replica.log[offset]
      if try log.committed(record, at: offset, in: id, by: node), id == queue { queueModel.apply(record, at: offset) }
    }
  }

  // MARK: Clients

  /// What a read that begins now must reflect.
  func floor(of id: PartitionID) -> Offset { logs[id]?.acknowledgedEnd ?? 0 }

  /// A client got its answer.
  mutating func completed(_ operation: Operation, of client: MessageQueueClient, _ outcome: Outcome) throws {
    switch (operation, outcome) {
    case (.produce(let id, let value, _), .appended(let offset)):
      try logs[id, default: CommittedLog()].acknowledged(value, at: offset, in: id)
    case (.fetch(let id, let from, _), .records(let records, let end)):
      try logs[id, default: CommittedLog()].check(records, from: from, in: id)
      guard end >= client.floor else {
        throw Violation("Reads Are Not Stale", "\(id) ends at \(end), acknowledged was \(client.floor)")
      }
    case (.local(let id), .records(let records, _)):
      try logs[id, default: CommittedLog()].check(records, from: 0, in: id)
    case (.poll(_, let member, _, _), .polled(let generation, let records)):
      try checkConsumed(records)
      try groupModel.polled(records, generation: generation, by: member)
    case (.drain, .polled(_, let records)):
      try checkConsumed(records)
      try groupModel.consume(records)
      for (partition, floor) in client.floors { try groupModel.checkDrained(partition, through: floor) }
    case (.queue(_, let command), _): try completed(command, outcome)
    default: break
    }
  }

  private func checkConsumed(_ records: [ConsumedRecord]) throws {
    for record in records {
      let id = PartitionID(.topic, topic, record.partition)
      try logs[id, default: CommittedLog()].check([record], from: record.offset, in: id)
    }
  }

  private mutating func completed(_ command: QueueCommand, _ outcome: Outcome) throws {
    switch (command, outcome) {
    case (.receive, .delivery(let delivery?)): try queueModel.delivered(delivery)
    case (.ack(let id), .done): try queueModel.acknowledged(id)
    case (.nack(let id), .done): try queueModel.returned(id)
    case (.drain, .values(let values)): try queueModel.drained(values)
    default: break
    }
  }

  /// What clients were told was not taken must not be there.
  func checkEnd() throws {
    for (id, value) in refused where logs[id]?.holds(value) == true {
      throw Violation("Refused Is Refused", "\(id) holds a value that was not taken")
    }
  }

  func report(to result: inout SeedResult<MessageQueueCounter>) {
    result[.committed] = logs.values.reduce(0) { $0 + $1.records.count }
    result[.elections] = leaders.count
    result[.redeliveries] = queueModel.redeliveries
    result[.deadLetters] = queueModel.deadLetters
    result[.rebalances] = Int(groupModel.generation)
    result[.consumed] = groupModel.consumed
  }
}
