/// Requests that this broker passed on to leaders, its own partitions among them.
struct Requests: Sendable {
  /// Who wants the answer.
  enum Asker: Sendable {
    case client(RequestID)
    /// A coordinator reads a partition of a topic for a member of its group.
    case poll(UInt64, partition: UInt32)
  }

  struct Pending: Sendable {
    var operation: Operation
    var asker: Asker
    var deadline: Nanoseconds
    /// Until then a leader is looked for; after that it is certain that there was none in time.
    var refuseAt: Nanoseconds
    /// When it went to a leader; nil while it is certain that no leader has it.
    var sentAt: Nanoseconds?
    /// Why the last leader refused it.
    var refusal: Outcome = .noLeader
    /// Not before this is it sent again.
    var notBefore: Nanoseconds = 0
    /// Whether replicas were asked for the leader under this number, and no leader was sent it.
    var isProbing = false
    /// Replicas that never heard of the partition, as they said after the request came in.
    var absentAt: Set<NodeID> = []
  }

  struct Route: Sendable {
    var epoch: Epoch
    var leader: NodeID
    /// When the leader itself last answered anything; nil when it only was named.
    var lastHeard: Nanoseconds?
  }

  /// By number.
  var pending: [UInt64: Pending] = [:]
  /// What this broker knows of leaders.
  var routes: [PartitionID: Route] = [:]
  /// When the leader of a partition was last asked for.
  var searches: [PartitionID: Nanoseconds] = [:]
  /// Numbers of requests never repeat over restarts.
  private var lastNumber: UInt64

  init(lives: UInt32) { lastNumber = UInt64(lives) << 40 }

  mutating func nextNumber() -> UInt64 {
    lastNumber += 1
    return lastNumber
  }
}

/// The broker that a client asked finds the leader, passes the request on, and gives up at the deadline. A request that
/// changes something is sent to one leader only, unless that certainly refused it.
extension Broker {
  /// Takes a request of a client of this broker.
  mutating func request(_ operation: Operation, _ id: RequestID) {
    if case .local(let partition) = operation {
      let outcome = partitions[partition]?.ownRecords(configuration)
      let isReplica = configuration.replicas(of: partition).contains(configuration.id)
      context.directives.append(.respond(id, outcome ?? (isReplica ? .records([], end: 0) : .notReplica)))
      return
    }
    guard requests.pending.count < configuration.limits.requestsInFlightMax else {
      context.directives.append(.respond(id, .overloaded))
      return
    }
    submit(operation, for: .client(id), within: configuration.requestTimeout)
  }

  mutating func submit(_ operation: Operation, for asker: Requests.Asker, within time: Nanoseconds) {
    let number = requests.nextNumber()
    requests.pending[number] = Requests.Pending(
      operation: operation, asker: asker, deadline: context.now + time, refuseAt: context.now + time / 2)
    dispatch(number)
  }

  /// Sends a request to the leader, or asks who leads. Not before the number of this life is on disk: names depend on it.
  private mutating func dispatch(_ number: UInt64) {
    guard let request = requests.pending[number], context.durability.persisted > 0 else { return }
    let partition = request.operation.partition
    // A leader that was silent may be dead, and what it is sent would be of unknown outcome.
    guard let route = requests.routes[partition], let heard = route.lastHeard,
      heard + 4 * configuration.retryInterval > context.now
    else {
      return request.operation.outcomeOfNothing == nil ? search(for: partition) : probe(for: number, about: partition)
    }
    requests.pending[number]?.sentAt = context.now
    requests.pending[number]?.isProbing = false
    let body = Message.Body.request(number: number, epoch: route.epoch, request.operation)
    context.send(Message(partition: partition, body: body), to: route.leader)
  }

  private mutating func search(for partition: PartitionID) {
    if let asked = requests.searches[partition], asked + configuration.retryInterval / 2 > context.now { return }
    noteSearch(for: partition)
    for node in configuration.replicas(of: partition) {
      context.send(Message(partition: partition, body: .findLeader), to: node)
    }
  }

  /// An answer is expected.
  mutating func noteSearch(for partition: PartitionID) {
    if requests.searches.count >= configuration.limits.routesMax {
      requests.searches = [:]
      requests.routes = [:]
    }
    requests.searches[partition] = context.now
  }

  /// Somebody says who leads, perhaps the leader itself.
  mutating func learnRoute(to partition: PartitionID, epoch: Epoch, leader: NodeID, from sender: NodeID) {
    let known = requests.routes[partition]
    guard leader != 0, epoch >= known?.epoch ?? 0, requests.searches[partition] != nil else { return }
    let isNew = epoch > known?.epoch ?? 0
    guard isNew || sender == leader else { return }
    requests.routes[partition] = Requests.Route(
      epoch: epoch, leader: leader, lastHeard: sender == leader ? context.now : nil)
    for (number, request) in requests.pending.sorted(by: { $0.key < $1.key })
    where request.operation.partition == partition {
      if request.sentAt == nil || isNew && request.operation.isRead { sendAgain(number) }
    }
  }

  /// Under another number: the network may still bring what was sent before.
  private mutating func sendAgain(_ number: UInt64) {
    guard var request = requests.pending.removeValue(forKey: number) else { return }
    let next = requests.nextNumber()
    request.sentAt = nil
    request.isProbing = false
    requests.pending[next] = request
    dispatch(next)
  }

  mutating func receiveReply(_ reply: Reply, to number: UInt64, from sender: NodeID) {
    guard var request = requests.pending[number] else { return }
    let partition = request.operation.partition
    if requests.routes[partition]?.leader == sender { requests.routes[partition]?.lastHeard = context.now }
    switch reply {
    case .outcome(let outcome): return finish(number, outcome)
    case .notLeader:
      requests.routes[partition]?.lastHeard = nil
    case .notEnoughReplicas:
      request.refusal = .notEnoughReplicas
      requests.routes[partition]?.lastHeard = nil
    }
    request.sentAt = nil
    request.notBefore = context.now + configuration.retryInterval / 2
    requests.pending[number] = request
  }

  mutating func finish(_ number: UInt64, _ outcome: Outcome) {
    guard let request = requests.pending.removeValue(forKey: number) else { return }
    switch request.asker {
    case .client(let id): context.directives.append(.respond(id, outcome))
    case .poll(let poll, let partition): resume(poll, partition: partition, outcome)
    }
  }

  /// Sends what waits, again what may be lost and does no harm, and gives up what has waited too long.
  mutating func requestTick() {
    for (number, request) in requests.pending.sorted(by: { $0.key < $1.key }) {
      if (request.sentAt == nil ? request.refuseAt : request.deadline) <= context.now {
        finish(number, request.sentAt == nil ? request.refusal : .unknown)
      } else if let sentAt = request.sentAt {
        guard request.operation.isRead, sentAt + 4 * configuration.retryInterval <= context.now else { continue }
        requests.routes[request.operation.partition]?.lastHeard = nil
        sendAgain(number)
      } else if request.notBefore <= context.now {
        if request.isProbing { dispatch(number) } else { sendAgain(number) }
      }
    }
  }
}
