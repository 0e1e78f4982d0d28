/// The world of one seed: nodes, disks, network and clients in simulated time. ``ClusterSimulation`` sets it in motion.
public final class SimulatedCluster<System: ClusterSimulation> {
  public typealias Core = System.Core
  public typealias Snapshot = Core.Event.Snapshot

  /// Decides everything.
  public let seed: UInt64
  /// What the seed lives under.
  public let options: System.Options
  /// The only source of chance.
  public var random: SeededGenerator
  /// The true time in nanoseconds, from 0 on. Nodes know their own clocks only.
  public internal(set) var now: UInt64 = 0
  /// Node number `i` is called `i + 1`.
  public internal(set) var nodes: [SimulatedNode<Core>]
  /// They outlive what runs on them.
  public internal(set) var disks: [SimulatedDisk<System.Batch, Snapshot>]
  /// Those of the options; a system may add others before it begins.
  public var clients: [SimulatedClient<System>]
  /// What has happened so far.
  public var result: SeedResult<System.Counter>
  /// No fault strikes any more.
  public internal(set) var isHealed = false
  /// Numbers requests, over all clients.
  public internal(set) var nextRequest: UInt64 = 1
  var network: SimulatedNetwork
  var queue = EventQueue<Occurrence<Core.Event>>()
  /// Numbers cuts of the network.
  var cuts = 0

  /// Nodes that are down, with empty disks.
  public init(seed: UInt64, options: System.Options) {
    self.seed = seed
    self.options = options
    random = SeededGenerator(seed: seed)
    nodes = (1...options.nodeCount).map { SimulatedNode(id: UInt32($0)) }
    disks = Array(repeating: SimulatedDisk(), count: nodes.count)
    clients = Array(repeating: SimulatedClient(), count: options.cluster.clients)
    network = SimulatedNetwork(nodes: nodes.count)
    network.lossPercent = options.cluster.lossPercent
    result = SeedResult(seed: seed)
  }

  /// Whether clients still begin operations.
  public var clientsAreActive: Bool { now < options.cluster.clientsEnd }

  /// One of the nodes.
  public func anyNode() -> Int { Int.random(in: nodes.indices, using: &random) }

  /// The running node whose core ranks highest, of those that have a rank.
  public func node<Rank: Comparable>(highest rank: (Core) -> Rank?) -> Int? {
    let ranked = nodes.indices.compactMap { node in nodes[node].core.flatMap(rank).map { (node: node, rank: $0) } }
    return ranked.max { $0.rank < $1.rank }?.node
  }

  /// A seed for a core: another in each life of a node.
  public func coreSeed(of node: Int) -> UInt64 { seed &+ UInt64(nodes[node].life) << 32 }
}
