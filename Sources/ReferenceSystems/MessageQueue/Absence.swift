// Partitions come into being by use; to look for what nobody has made must not make it, or whoever asks for enough names
// fills every broker for good.
extension Operation {
  /// Its answer where the partition does not exist; nil for what makes it.
  var outcomeOfNothing: Outcome? {
    switch self {
    case .fetch: .records([], end: 0)
    case .queue(_, .receive): .delivery(nil)
    case .queue(_, .ack), .queue(_, .nack): .notHeld
    case .queue(_, .expire): .dead([])
    case .queue(_, .drain): .values([])
    case .produce, .local, .poll, .commit, .leave, .drain: nil
    }
  }
}

/// A partition does not exist if a majority of its replicas, asked after the request came in, never heard of it: nobody
/// can have become its leader before without a promise of one of them, which that replica would have on disk.
extension Broker {
  /// Asks the replicas who leads, or whether they have never heard of the partition.
  mutating func probe(for number: UInt64, about partition: PartitionID) {
    requests.pending[number]?.isProbing = true
    requests.pending[number]?.notBefore = context.now + configuration.retryInterval / 2
    noteSearch(for: partition)
    for node in configuration.replicas(of: partition) {
      context.send(Message(partition: partition, body: .probe(number: number)), to: node)
    }
  }

  /// Answers a probe, and makes nothing.
  mutating func answerProbe(_ number: UInt64, about id: PartitionID, from sender: NodeID) {
    guard let partition = partitions[id] else {
      return context.send(Message(partition: id, body: .absent(number: number)), to: sender)
    }
    guard partition.isLeader else { return }
    context.send(partition.message(.leaderIs(epoch: partition.state.epoch, leader: partition.me)), to: sender)
  }

  mutating func receiveAbsence(_ number: UInt64, of partition: PartitionID, from sender: NodeID) {
    let replicas = configuration.replicas(of: partition)
    guard var request = requests.pending[number], request.operation.partition == partition, request.isProbing,
      let outcome = request.operation.outcomeOfNothing, replicas.contains(sender)
    else { return }
    request.absentAt.insert(sender)
    requests.pending[number] = request
    if request.absentAt.count > replicas.count / 2 { finish(number, outcome) }
  }
}
