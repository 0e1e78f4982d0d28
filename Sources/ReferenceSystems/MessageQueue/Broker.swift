import ProtocolKit

/// One broker of a message queue: a state machine without clock, socket, disk or global randomness. ``step(_:at:)`` takes
/// an event and returns directives for the shell.
///
/// The model is Kafka's: partitions, each a log with a leader, followers that fetch from it, and a set of replicas in sync.
/// To read beside Kreps, Narkhede, Rao, "Kafka: a Distributed Messaging System for Log Processing" (2011), Kafka's
/// documentation §4.7 ("Replication"), KIP-101 and KIP-279 (leader epochs), KIP-98 (idempotent producers), and Rystsov,
/// "CASPaxos" (2018). Partition is the place to start; it lists the rest.
///
/// What the papers leave open, and where this deviates from them:
/// - **No controller, no ZooKeeper.** Leader, epoch and in-sync set of a partition are in a register of the partition's own
///   replicas (CASPaxos); elections and changes of the set are compare-and-set on it (Register, Electing, InSync).
/// - **Replicas follow from names**: every broker computes who has a copy of a partition (``Configuration/replicas(of:)``).
///   Topics, queues and groups come into being by use.
/// - **The in-sync set never gets smaller than `minInsync`** (InSync; in the spirit of KIP-966).
/// - **Followers find the point of divergence by fetching** (as KIP-595 does), not with a request of its own (KIP-101).
/// - **A follower acknowledges only what is on its disk.** Kafka relies on replication instead of fsync.
/// - **Reads are confirmed by a majority** (Reading), and a new leader answers none before it knows what is committed
///   (KIP-207).
/// - **Sequence numbers of producers may have gaps**, and there are no producer epochs (``ProducerTable``).
/// - **Groups have no join protocol** (ConsumerGroup); the coordinator reads on behalf of its members (Coordinating).
/// - **The work queue**, which Kafka did not have before KIP-932, is a state machine over a partition (WorkQueue).
public struct Broker: Sendable {
  /// What the broker was told at its start; it never changes.
  public let configuration: Configuration
  /// The number of this life of the broker, counted on disk.
  let lives: UInt32
  var context: Context
  /// The replicas on this broker.
  var partitions: [PartitionID: Partition] = [:]
  /// Their names, ascending: kept so, as every tick goes through them.
  private(set) var partitionOrder: [PartitionID] = []
  /// Those to look at at the end of the batch.
  var touched: [PartitionID] = []
  var requests: Requests
  var coordinating = Coordinating()
  var snapshots = Snapshots()

  /// Starts a broker on what its disk holds. The configuration must have no ``Configuration/problems()``.
  /// - Throws: ``RecoveredState/SnapshotMissing`` when the disk lost something: a broker that
  ///   forgot what it acknowledged must not take part.
  public init(_ configuration: Configuration, recovered: RecoveredState = RecoveredState(), at now: Nanoseconds) throws
  {
    try recovered.validate()
    self.configuration = configuration
    lives = recovered.lives &+ 1
    requests = Requests(lives: lives)
    context = Context(configuration, at: now)
    context.durability.hasChanges = true
    snapshots.number = recovered.snapshotNumber
    snapshots.logBytes = recovered.logBytes
    snapshots.latestBytes = recovered.snapshotBytes
    for (id, replica) in recovered.partitions.sorted(by: { $0.key < $1.key }) {
      partitions[id] = Partition(id, &context, recovered: replica)
      partitionOrder.append(id)
      with(id) { _, _ in }
    }
  }

  /// Handles one event at time `now` of the shell's monotonic clock and returns what is to be done about it, in order.
  public mutating func step(_ event: Event, at now: Nanoseconds) -> [Directive] {
    context.now = max(context.now, now)
    switch event {
    case .tick: tick()
    case .received(let messages, let sender):
      guard configuration.members.contains(sender), sender != configuration.id else { break }
      for message in messages { receive(message, from: sender) }
    case .request(let operation, let id): request(operation, id)
    case .persisted(let sequence): persisted(sequence)
    case .snapshotSaved(let number): snapshotSaved(number)
    case .endOfBatch: flush()
    }
    defer { context.directives = [] }
    return context.directives
  }

  /// Time-outs of all partitions, then of requests and group members. Most partitions have nothing to do: only those with
  /// something for the disk are looked at again at the end of the batch.
  private mutating func tick() {
    for id in partitionOrder {
      guard let index = partitions.index(forKey: id) else { continue }
      partitions.values[index].tick(&context)
      if partitions.values[index].isChanged { touch(id, at: index) }
    }
    coordinationTick()
    requestTick()
  }

  /// One message, by kind.
  mutating func receive(_ message: Message, from sender: NodeID) {
    let id = message.partition
    switch message.body {
    case .leaderIs(let epoch, let leader):
      if partitions[id] != nil { with(id) { $0.heard(of: epoch, &$1) } }
      learnRoute(to: id, epoch: epoch, leader: leader, from: sender)
    case .answer(let number, let reply): receiveReply(reply, to: number, from: sender)
    case .request(let number, let epoch, let operation):
      receive(operation, RequestName(origin: sender, number: number), epoch: epoch)
    case .probe(let number): answerProbe(number, about: id, from: sender)
    case .absent(let number): receiveAbsence(number, of: id, from: sender)
    case .findLeader:
      guard open(id), let partition = partitions[id], partition.isLeader else { return }
      context.send(partition.message(.leaderIs(epoch: partition.state.epoch, leader: partition.me)), to: sender)
    default:
      guard open(id) else { return }
      with(id) { $0.receive(message.body, from: sender, &$1) }
    }
  }

  /// Partitions come into being by use.
  /// - Returns: false where this broker has no copy of it, or too many already.
  private mutating func open(_ id: PartitionID) -> Bool {
    if partitions.index(forKey: id) != nil { return true }
    guard partitions.count < configuration.limits.partitionsMax,
      configuration.replicas(of: id).contains(configuration.id)
    else { return false }
    partitions[id] = Partition(id, &context)
    partitionOrder.insert(id, at: partitionOrder.firstIndex { id < $0 } ?? partitionOrder.endIndex)
    return true
  }

  /// Lets a partition do something; it is looked at again at the end of the batch.
  mutating func with(_ id: PartitionID, _ body: (inout Partition, inout Context) -> Void) {
    guard let index = partitions.index(forKey: id) else { return }
    body(&partitions.values[index], &context)
    touch(id, at: index)
  }

  private mutating func touch(_ id: PartitionID, at index: Dictionary<PartitionID, Partition>.Index) {
    guard !partitions.values[index].isTouched else { return }
    partitions.values[index].isTouched = true
    touched.append(id)
  }
}

extension Partition {
  /// Time-outs.
  fileprivate mutating func tick(_ context: inout Context) {
    if isLeader { leaderTick(&context) } else { followerTick(&context) }
    electionTick(&context)
  }

  /// What other replicas, and this one itself, say about the partition.
  mutating func receive(_ body: Message.Body, from sender: NodeID, _ context: inout Context) {
    guard replicas.contains(sender) else { return }
    switch body {
    case .prepare(let ballot): answerPrepare(ballot, from: sender, &context)
    case .promise(let ballot, let accepted, let value):
      receivePromise(ballot, accepted: accepted, value, from: sender, &context)
    case .accept(let ballot, let value): answerAccept(ballot, value, from: sender, &context)
    case .accepted(let ballot): receiveAccepted(ballot, from: sender, &context)
    case .conflict(let ballot, let promised): receiveConflict(ballot, promised: promised, &context)
    case .lead(let value): receiveLead(value, from: sender, &context)
    case .fetch(let fetch): receive(fetch, from: sender, &context)
    case .fetched(let fetched): receive(fetched, from: sender, &context)
    case .diverging(let epoch, let number, let divergingEpoch, let end):
      receiveDivergence(epoch: epoch, number: number, of: divergingEpoch, end: end, from: sender, &context)
    case .install(let epoch, let number, let base, let highWatermark):
      receiveInstall(epoch: epoch, number: number, base, highWatermark: highWatermark, from: sender, &context)
    case .confirm(let epoch, let round): answerConfirm(epoch: epoch, round: round, from: sender, &context)
    case .confirmed(let epoch, let round): receiveConfirmed(epoch: epoch, round: round, from: sender, &context)
    case .leaderIs, .findLeader, .probe, .absent, .request, .answer: break  // the broker's business
    }
  }
}
