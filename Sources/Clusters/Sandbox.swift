import CLinux
import Synchronization

/// A cluster on this machine in namespaces of its own: a network namespace a node, joined by a bridge, no route out.
///
/// `Sandbox.enter()` comes first. Whatever ends the controller, kill -9 included, ends every node with it and leaves
/// nothing on the host.
///
/// - Note: `/run` inside is a file system of its own: programs and data in the host's `/run` cannot be used.
public final class Sandbox: ClusterControl {
  /// Ends that nobody read are kept up to this many; then the oldest is lost.
  public static let exitsMax = 1024
  private static let hostsFile = "/run/faultline-hosts"

  private struct Parts: Sendable {
    var network: SandboxNetwork
    var processes: NodeProcesses
    var cuts: NetworkCuts?
    var cutsUnavailable: ClusterError?
    var clocks: NodeClocks
    var processors: NodeProcessors
    var versions: NodeVersions
    var boots: NodeBoots?
    var packets: SandboxPackets?
    var packetsUnavailable: ClusterError?
    var disks: SandboxDisks?
    var disksUnavailable: ClusterError?
  }

  static let isInside = Atomic(false)

  public let nodes: [Node]
  public let primaries: (any PrimaryControl)?
  public let membership: (any MembershipControl)?
  /// Every end of a node's process, as it happens. For one reader.
  public let exits: AsyncStream<ProcessExit>

  private let specs: [NodeSpec]
  private let otherVersions: [NodeVersion]
  private let breaksDisks: Bool
  private let report: AsyncStream<ProcessExit>.Continuation
  private let parts = Mutex<Parts?>(nil)
  private let turn = AsyncLock()

  /// - Parameters:
  ///   - versions: what else the nodes may be told to run.
  ///   - breaksDisks: whether a layer that faults can break is mounted over the nodes' data directories.
  public init(
    nodes: [NodeSpec], primaries: (any PrimaryControl)? = nil, membership: (any MembershipControl)? = nil,
    versions: [NodeVersion] = [], breaksDisks: Bool = false
  ) {
    self.nodes = nodes.map(\.node).sorted { $0.number < $1.number }
    self.specs = nodes.sorted { $0.node.number < $1.node.number }
    self.primaries = primaries
    self.membership = membership
    otherVersions = versions
    self.breaksDisks = breaksDisks
    (exits, report) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(Self.exitsMax))
  }

  /// Nil until `setUp` has returned.
  public var processes: (any ProcessControl)? { startedProcesses }
  var startedProcesses: NodeProcesses? { parts.withLock { $0?.processes } }
  /// Nil until `setUp` has returned, and when links cannot be cut here: `networkUnavailable` tells why.
  public var network: (any NetworkControl)? { parts.withLock { $0?.cuts } }
  /// Why links cannot be cut, after `setUp`.
  public var networkUnavailable: ClusterError? { parts.withLock { $0?.cutsUnavailable } }
  /// Nil until `setUp` has returned, when nobody asked for it, and where it cannot be had: `disksUnavailable` tells why.
  public var disks: (any DiskControl)? { parts.withLock { $0?.disks } }
  /// Why disks cannot be broken, after `setUp`.
  public var disksUnavailable: ClusterError? { parts.withLock { $0?.disksUnavailable } }

  /// Nil until `setUp` has returned, and where clocks cannot be set: `clocksUnavailable` tells why. Nothing is done to any
  /// process until a clock is set.
  public var clocks: (any ClockControl)? { clocksUnavailable == nil ? parts.withLock { $0?.clocks } : nil }
  /// Why clocks cannot be set on this machine.
  public var clocksUnavailable: ClusterError? {
    if case .failure(let error) = ClockPatching.here { error } else { nil }
  }

  /// Nil until `setUp` has returned.
  public var processors: (any ProcessorControl)? { parts.withLock { $0?.processors } }
  /// Nil until `setUp` has returned, and when packets cannot be queued here: `packetsUnavailable` tells why.
  public var packets: (any PacketControl)? { parts.withLock { $0?.packets } }
  /// Why packets cannot be queued, after `setUp`.
  public var packetsUnavailable: ClusterError? { parts.withLock { $0?.packetsUnavailable } }

  /// Where probes of our own can stand; nil until `setUp` has returned.
  var probeEnds: PacketEnds? {
    parts.withLock { parts in parts.flatMap { try? PacketEnds(nodes, $0.network.namespaces) } }
  }

  /// Nil until `setUp` has returned, and where the kernel has no time namespaces.
  public var boots: (any BootControl)? { parts.withLock { $0?.boots } }

  /// Nil until `setUp` has returned.
  public var versions: (any VersionControl)? { parts.withLock { $0?.versions } }

  /// Makes directories, network, names and the packet filter's chain; starts no process.
  ///
  /// - Parameter placement: where cuts are made; nil takes the bridge if its packets pass the filter.
  public func setUp(cuts placement: CutPlacement? = nil) async throws {
    guard Self.isInside.load(ordering: .acquiring) else { throw ClusterError.notInSandbox }
    try SandboxLayout.validate(nodes)
    try await turn.with { [self] in
      guard parts.withLock({ $0 == nil }) else { return }
      try createDirectories()
      let network = try await ProcessThread.shared().perform { [nodes] _ in try SandboxNetwork.create(nodes) }
      do {
        let made = try await assemble(network, placement ?? Self.bestPlacement())
        parts.withLock { $0 = made }
      } catch {
        try? await Self.destroy(network)
        throw error
      }
    }
  }

  /// Kills every process of every node and takes the network down. Nothing happens when the cluster is not up.
  public func tearDown() async throws {
    try await turn.with { [self] in
      guard let up = parts.withLock({ $0 }) else { return }
      for node in nodes { _ = try await up.processors.release(node.name) }
      try await up.processes.killAll()
      await up.disks?.end()
      parts.withLock { $0 = nil }
      _ = fl_unmount("/etc/hosts")
      // All are tried: a rule that stays must not keep the interfaces.
      let unshaped = await Result { try await up.packets?.uninstall() }
      let uninstalled = await Result { try await up.cuts?.uninstall() }
      try await Self.destroy(up.network)
      try unshaped.get()
      try uninstalled.get()
    }
  }

  private static func destroy(_ network: SandboxNetwork) async throws {
    try await ProcessThread.shared().perform { _ in try network.destroy() }
  }

  private func assemble(_ network: SandboxNetwork, _ placement: CutPlacement) async throws -> Parts {
    let runtimes = try zip(specs, network.namespaces).map { spec, namespace in
      try NodeRuntime(spec: spec, networkNamespace: namespace) { [report] in report.yield($0) }
    }
    try publishNames()
    var made = Parts(
      network: network, processes: NodeProcesses(runtimes), clocks: NodeClocks(runtimes),
      processors: NodeProcessors(runtimes), versions: NodeVersions(runtimes, otherVersions),
      boots: NodeBoots(runtimes))
    do {
      let cuts = try await NetworkCuts.install(nodes: nodes, namespaces: network.namespaces, placement: placement)
      made.cuts = cuts
      try await addPackets(to: &made, cuts)
    } catch let error as ClusterError {
      made.cutsUnavailable = error
      made.packetsUnavailable = error
    }
    if breaksDisks {
      do {
        made.disks = try await SandboxDisks.start(nodes, made.processes)
      } catch let error as ClusterError {
        made.disksUnavailable = error
      }
    }
    return made
  }

  /// Tries whether packets can be queued here; nothing of it stays.
  private func addPackets(to made: inout Parts, _ cuts: NetworkCuts) async throws {
    let packets = try SandboxPackets(
      nodes: nodes, namespaces: made.network.namespaces, placement: cuts.placement, tools: cuts.tools)
    do {
      try await PacketSites.tryOut(cuts.tools)
      made.packets = packets
    } catch let error as ClusterError {
      made.packetsUnavailable = error
    }
  }

  private func createDirectories() throws {
    for spec in specs {
      let node = spec.node
      try SmallFile.createDirectories(node.dataDirectory)
      try NodeFile.give(node.dataDirectory, to: spec.owner)
      if let slash = node.logFile.lastIndex(of: "/"), slash != node.logFile.startIndex {
        try SmallFile.createDirectories(String(node.logFile[..<slash]))
      }
    }
  }

  /// The mount is in our mount namespace only, which the nodes share.
  private func publishNames() throws {
    try SmallFile.create(Self.hostsFile, text: SandboxLayout.hosts(nodes))
    let error = fl_bind_mount(Self.hostsFile, "/etc/hosts")
    guard error == 0 else { throw ClusterError.system("mounting the nodes' names over /etc/hosts", errno: error) }
  }

  /// Bridged packets pass iptables only if br_netfilter is loaded and switched on in this network namespace.
  private static func bestPlacement() -> CutPlacement {
    SmallFile.text("/proc/sys/net/bridge/bridge-nf-call-iptables")?.hasPrefix("1") == true ? .bridge : .perNode
  }
}
