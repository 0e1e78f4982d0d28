/// Everything that shapes a system's simulated cluster besides its seed.
public protocol SimulationOptions: Sendable {
  /// The named bugs of the core.
  associatedtype Bug: RawRepresentable<String>, CaseIterable, Sendable
  /// Proof that the invariants bite: ways to break what safety rests on.
  associatedtype Canary: SimulationCanary

  /// What every run has if nothing else is said.
  init()
  /// What all systems have in common.
  var cluster: ClusterOptions { get set }
  /// What is wrong with the core, if anything.
  var bug: Bug? { get set }
  /// What is wrong with the world around it, if anything.
  var canary: Canary? { get set }
  /// Members that a cluster may begin with.
  static var nodesAllowed: ClosedRange<Int> { get }
  /// Nodes that are started.
  var nodeCount: Int { get }
  /// Whether a log that was written is safe when the shell says so.
  var syncsLog: Bool { get }
  /// Chooses faults and clients that a bug needs.
  mutating func steer(towards bug: Bug)
}

/// See ``SimulationOptions/Canary``.
public protocol SimulationCanary: RawRepresentable<String>, CaseIterable, Equatable, Sendable {
  /// The disk confirms at once and writes later; a crash loses what it confirmed.
  static var lyingDisk: Self { get }
}

extension SimulationOptions {
  /// One to nine.
  public static var nodesAllowed: ClosedRange<Int> { 1...9 }
  /// As it must be.
  public var syncsLog: Bool { true }
  /// All of the cluster.
  public var nodeCount: Int { cluster.nodes }
  /// The ordinary mix finds it.
  public mutating func steer(towards bug: Bug) {}

  /// Plants a bug, and steers towards it.
  public mutating func plant(_ bug: Bug) {
    self.bug = bug
    steer(towards: bug)
  }
}
