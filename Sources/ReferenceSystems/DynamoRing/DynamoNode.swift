import ProtocolKit

/// One node of a replicated key-value store without a leader: a state machine without clock, socket, disk or global
/// randomness. ``step(_:at:)`` takes an event and returns directives for the shell.
///
/// Names, and the section numbers in the comments (§), are those of DeCandia et al., "Dynamo: Amazon's Highly Available
/// Key-value Store", SOSP 2007. To read beside the paper: Ring (§4.2, §4.3), Causality and Values (§4.4), Coordination
/// (§4.5: Requests, Writes, Reads), HintedHandoff (§4.6), AntiEntropy (§4.7), Membership (§4.8), Storage.
///
/// What the paper leaves open, and where this deviates from it:
/// - **Dotted version vectors** take the place of vector clocks, so that siblings are exactly the values that no put has
///   read, even when one coordinator writes both; and that their size is bounded by the number of replicas, nothing is
///   truncated (§4.4), and a deletion leaves no value behind.
/// - **Values reconcile themselves** where their type says how: counters, sets, last-writer registers (Shapiro et al.,
///   2011). Replicas send each other whole objects, which are merged; an object says by itself what it has seen.
/// - **Any replica of a key coordinates** its reads and writes, and no other node: the names of updates are the
///   coordinator's own count. Another node passes the request on to the first replica that it thinks is alive.
/// - **The coordinator's own copy is always part of a quorum**, and nothing leaves a node that its disk does not have: not
///   even to the other replicas, or a restart could give one name to two updates. The paper's coordinator writes locally
///   and then sends, too, but its W may be met without a disk (§6.1, buffered writes).
/// - **A read is answered when R replicas hold what it shows.** Where they differed, that means that its repair was
///   confirmed by some; the paper repairs after the answer (§5). So a client that reads and writes by way of one coordinator
///   of the preference list never sees an older state than before, and sees what it wrote; and with strict quorums, R + W > N
///   and 2R > N, this holds of reads by way of any node.
/// - **Hinted handoff** begins as soon as a replica has not answered one message in time, or is suspected. With strict
///   quorums, which the paper does not have, stand-ins keep what is meant for others, too, but count for nothing.
/// - **Members are given at the start** and tokens follow from their numbers: what gossip spreads are signs of life, not
///   changes of membership and partitions (§4.8.1).
/// - **Each pair of nodes compares the hash trees of the ranges it shares**, a range being what lies between two tokens: the
///   paper's first strategy of partitioning (§6.2). Nothing is ever scanned: trees follow each change.
public struct DynamoNode: Sendable {
  /// What the node was told at its start; it never changes.
  public let configuration: Configuration
  /// Who keeps which keys.
  public let ring: Ring
  /// The other members, ascending.
  let others: [NodeID]
  /// By member: the ranges that both keep.
  let sharedRanges: [NodeID: [RangeID]]
  /// How often the node was started on this data, this time included.
  public let life: UInt32

  /// The latest time that ``step(_:at:)`` was told; it never goes back.
  var now: Nanoseconds
  /// Chooses peers.
  var random: RandomSource
  /// Gives timestamps to writes of last-writer registers.
  var clock = HybridClock()
  /// The objects of this node's ranges.
  var store: Store
  /// Objects that are kept for other nodes.
  var hints = Hints()
  /// What is not yet on disk, and what waits for it.
  var durability = Durability()
  /// Requests that this node coordinates or forwards.
  var calls = Calls()
  /// By node: what it forwarded to this one.
  var forwardsSeen: [NodeID: ForwardsSeen] = [:]

  var detector: FailureDetector
  /// Rounds of gossip in this life.
  var heartbeats: UInt64 = 0
  var nextGossip: Nanoseconds
  var nextExchange: Nanoseconds
  /// Comparisons of hash trees that this node began.
  public internal(set) var exchanges = 0

  /// By key: the updates that this node named in this life; only planted bugs count them.
  var namedInThisLife: [Key: UInt64] = [:]
  /// What the present step wants done so far, in order.
  var directives: [Directive] = []

  /// Starts a node on what its disk holds. The configuration must have no ``Configuration/problems()``.
  /// - Throws: ``RecoveredState/SnapshotMissing`` when the disk lost something: a node that forgot how far it had counted
  ///   must not name updates.
  public init(_ configuration: Configuration, recovered: RecoveredState = RecoveredState(), at now: Nanoseconds) throws
  {
    var recovered = recovered
    try recovered.unite()
    self.configuration = configuration
    self.now = now
    let ring = Ring(
      members: configuration.members.sorted(), virtualNodes: configuration.virtualNodes,
      replicas: configuration.replicas)
    self.ring = ring
    let others = configuration.members.filter { $0 != configuration.id }.sorted()
    self.others = others
    sharedRanges = Dictionary(
      others.map { ($0, ring.ranges(sharedBy: configuration.id, $0)) }, uniquingKeysWith: { a, _ in a })
    life = recovered.life &+ 1
    random = RandomSource(seed: configuration.seed &+ UInt64(life), stream: UInt64(configuration.id))
    store = Store(ranges: ring.rangeCount)
    detector = FailureDetector(configuration, at: now)
    nextGossip = now
    nextExchange = now + random.next(below: configuration.antiEntropyInterval)
    calls.next = UInt64(life) << 32
    restore(recovered)
  }

  /// Handles one event; `now` must not be before that of the event before.
  public mutating func step(_ event: Event, at now: Nanoseconds) -> [Directive] {
    self.now = max(self.now, now)
    switch event {
    case .tick(let wall): tick(wall: wall)
    case .received(let message, let node): if others.contains(node) { received(message, from: node) }
    case .request(let operation, let id): request(operation, for: .client(id))
    case .persisted(let sequence): persisted(sequence)
    case .snapshotSaved: snapshotSaved()
    case .endOfBatch: flush()
    }
    defer { directives.removeAll(keepingCapacity: true) }
    return directives
  }

  private mutating func tick(wall: Nanoseconds) {
    clock.advance(to: wall / 1_000_000)
    checkCalls()
    if now >= nextGossip {
      gossip()
      handOff()
    }
    if now >= nextExchange { beginExchange() }
  }

  private mutating func received(_ message: Message, from node: NodeID) {
    detector.heard(from: node, at: now)
    switch message {
    case .store(let id, let key, let object): store(object, at: key, by: .write, call: id, from: node)
    case .repair(let id, let key, let object): store(object, at: key, by: .readRepair, call: id, from: node)
    case .hint(let id, let key, let object, let target): keepHint(object, at: key, target: target, call: id, from: node)
    case .done(let id): done(id, by: node)
    case .fetch(let id, let key): fetch(key, call: id, from: node)
    case .fetched(let id, let object): fetched(object, call: id, from: node)
    case .handoff(let key, let object): handedOver(object, at: key, by: node)
    case .handedOff(let key, let hash): handedOff(key, hash: hash, to: node)
    case .hashes(let hashes): compare(hashes, with: node)
    case .leaves(let leaves): compare(leaves, with: node)
    case .exchange(let key, let object): absorb(object, at: key, by: .antiEntropy)
    case .wanted(let keys): exchange(keys, with: node)
    case .gossip(let heartbeats): received(heartbeats)
    case .forward(let id, let operation, let life, let clock):
      self.clock.observe(clock)
      receivedForward(id, operation, life: life, from: node)
    case .forwarded(let id, let outcome, let clock):
      self.clock.observe(clock)
      forwarded(outcome, call: id)
    }
  }

  mutating func send(_ message: Message, to node: NodeID) { directives.append(.send(message, to: node)) }
}
