/// A whole cluster with network, disks, faults and clients in one thread of simulated time: the seed decides everything.
///
/// The life of a seed: clients start, faults strike at random for ``ClusterOptions/faultTime``, everything heals, and
/// after ``ClusterOptions/recoveryTime`` everybody must be well. A system brings its core, its clients' operations, and
/// its invariants, which are told of every single step and throw a ``Violation``.
public protocol ClusterSimulation: SendableMetatype {
  /// What runs on each node.
  associatedtype Core: SimulatedCore
  /// What it keeps in its write-ahead log.
  associatedtype Batch: PersistedBatch
  /// What its clients are told.
  associatedtype Outcome: ClientOutcome
  /// What a client knows; nothing at first.
  associatedtype Client: ClientMemory
  /// What the system wants counted.
  associatedtype Counter: CounterName
  /// What can be asked of a run besides its seed.
  associatedtype Options: SimulationOptions

  /// What seeds must do to prove anything.
  static var sufficiency: Sufficiency<Counter> { get }

  /// The whole life of a seed, or as much as it takes to find a broken promise. Not to be replaced: it stands here so that
  /// each system's is compiled for that system.
  static func run(seed: UInt64, options: Options) -> SeedResult<Counter>
  /// Begins in a cluster where nothing has happened yet.
  init(_ cluster: SimulatedCluster<Self>)
  /// Where everything happens.
  var cluster: SimulatedCluster<Self> { get }

  // MARK: Nodes

  /// The core of a node that starts on its disk.
  mutating func boot(_ node: Int) throws -> Core
  /// Does what a core wants: ``SimulatedCluster`` has network and disks, ``respond(to:_:)`` brings answers to clients.
  mutating func perform(_ directive: Core.Directive, at node: Int) throws
  /// A node handled an event; its directives are still to be carried out.
  mutating func stepped(_ node: Int, _ event: Core.Event) throws
  /// A node lost everything but its disk.
  mutating func crashed(_ node: Int)
  /// A node may take these batches for safe from now on, or found them after a crash.
  mutating func confirmed(_ batches: [Batch], at node: Int)
  /// Whose failure hurts most, if anybody's; half of the faults hit it.
  func leader() -> Int?

  // MARK: Clients

  /// What a client begins now; nil if it stops for good.
  mutating func operation(for client: Int) -> Operation?
  /// The same after ``ClusterOptions/clientsEnd``.
  func lastOperation(for client: Int) -> Operation?
  /// The node that a client asks.
  func server(for client: Int, _ operation: Operation) -> Int
  /// Whether an operation may be asked for again.
  func isRepeatable(_ operation: Operation) -> Bool
  /// One attempt of a client ended.
  mutating func answered(_ client: Int, _ operation: Operation, _ outcome: Outcome) throws
  /// The last attempt ended: the client is about to begin something else.
  mutating func ended(_ client: Int, _ operation: Operation, _ outcome: Outcome) throws
  /// How long a client waits then.
  func pause(of client: Int) -> UInt64

  // MARK: The end

  /// Everything healed long ago: everybody is well.
  func checkEnd() throws
  /// Counts what the invariants saw.
  func report()
}

/// See ``ClusterSimulation/Client``.
public protocol ClientMemory: Sendable { init() }

extension ClusterSimulation {
  /// What its clients ask for.
  public typealias Operation = Core.Event.Operation

  public mutating func crashed(_ node: Int) {}
  public mutating func confirmed(_ batches: [Batch], at node: Int) {}
  public func leader() -> Int? { nil }
  public func lastOperation(for client: Int) -> Operation? { nil }
  public func server(for client: Int, _ operation: Operation) -> Int { cluster.anyNode() }
  public func isRepeatable(_ operation: Operation) -> Bool { false }
  public mutating func ended(_ client: Int, _ operation: Operation, _ outcome: Outcome) throws {}
  public func pause(of client: Int) -> UInt64 { cluster.random.time(0..<10 * millisecond) }
}
