import CLinux
import Glibc

/// Something that a machine may be able to do, tried out.
public struct Ability: Sendable, Hashable {
  /// `processes`, `network`, …
  public var name: String
  /// What it is good for: the faults that need it.
  public var purpose: String
  /// What was tried and what came of it, or why it cannot be had and what would allow it.
  public var finding: String
  public var isThere: Bool

  public init(name: String, purpose: String, finding: String, isThere: Bool) {
    self.name = name
    self.purpose = purpose
    self.finding = finding
    self.isThere = isThere
  }
}

/// What this machine can do to a cluster, found out by doing it to a small one: two nodes that sleep, in a sandbox of
/// their own.
public struct Examination: Sendable {
  /// For how long a link is cut, or its packets are lost, while datagrams are sent through it.
  static let probeNanoseconds: UInt64 = 350_000_000

  private let sandbox: Sandbox
  private let names: [String]

  /// - Parameters:
  ///   - folder: for the nodes' data: an empty one.
  ///   - disks: whether disks are examined, which need a layer over the data directories.
  /// - Throws: `ClusterError.missingTool` where there is not even a program to run.
  public init(folder: String, disks: Bool) throws {
    guard let sleep = Tool.find("sleep") else { throw ClusterError.missingTool("sleep", package: "coreutils") }
    let nodes = zip(1..., SandboxLayout.addresses(count: 2)).map { number, address in
      NodeSpec(
        node: Node(
          name: "n\(number)", number: number, address: address, ports: [:],
          dataDirectory: "\(folder)/n\(number)/data", logFile: "\(folder)/n\(number)/log"),
        processes: [
          ProcessSpec(
            executable: sleep.path, arguments: ["3600"], environment: [:], workingDirectory: "\(folder)/n\(number)/data"
          )
        ])
    }
    names = nodes.map(\.node.name)
    sandbox = Sandbox(nodes: nodes, breaksDisks: disks)
  }

  /// Tries everything, and leaves nothing behind.
  public func run() async -> [Ability] {
    do {
      try await sandbox.setUp()
    } catch {
      return [
        Ability(
          name: "cluster", purpose: "nodes with a network of their own", finding: "\(error)", isThere: false)
      ]
    }
    var abilities = [
      Ability(
        name: "cluster", purpose: "nodes with a network of their own",
        finding: "two nodes were joined by a bridge", isThere: true),
      await ability("processes", "kill, restart, crash-loop, pause", processes),
      await ability("network", "partition", network),
      await ability("packets", "packet-delay, -loss, -duplicate, -reorder, -corrupt, -rate, tcp-reset", packets),
      await ability("clocks", "clock-bump, clock-drift, clock-strobe", clocks),
      await ability("processors", "cpu-squeeze", processors),
      await ability("boots", "reboot", boots),
    ]
    abilities.append(await ability("disks", "disk-…", disks))
    try? await sandbox.tearDown()
    return abilities
  }

  /// Why something is not there, or did not do what it should.
  private struct Lack: Error, CustomStringConvertible {
    var description: String
  }

  private func ability(_ name: String, _ purpose: String, _ attempt: () async throws -> String) async -> Ability {
    do {
      return Ability(name: name, purpose: purpose, finding: try await attempt(), isThere: true)
    } catch {
      return Ability(name: name, purpose: purpose, finding: "\(error)", isThere: false)
    }
  }

  private func processes() async throws -> String {
    guard let processes = sandbox.processes else { throw ClusterError.notInSandbox }
    for name in names { try await processes.start(name) }
    try await processes.pause(names[0])
    guard case .paused = try processes.state(names[0]) else { throw Lack(description: "SIGSTOP stopped nothing") }
    try await processes.resume(names[0])
    guard try await processes.kill(names[0]).first?.signal == SIGKILL else {
      throw Lack(description: "SIGKILL ended nothing")
    }
    try await processes.start(names[0])
    return "a node was started, stopped (state T), killed (signal 9) and started again"
  }

  private func network() async throws -> String {
    guard let network = sandbox.network else {
      throw sandbox.networkUnavailable ?? ClusterError.notInSandbox
    }
    let link = Link(from: names[0], to: names[1])
    _ = try await network.cut([link])
    guard let ends = sandbox.probeEnds else { throw ClusterError.notInSandbox }
    let probe = try LinkProbe.start(ends.flows([link]), ends: ends.all)
    await pause()
    probe.stopSending()
    let report = await probe.report()
    let drops = try await network.cut([])[link]?.packets ?? 0
    guard report.sent > 0, report.received == 0, drops > 0 else {
      throw Lack(
        description: "of \(report.sent) datagrams through a cut link \(report.received) arrived, \(drops) dropped")
    }
    return "iptables dropped all of \(report.sent) datagrams on a link that was cut"
  }

  private func packets() async throws -> String {
    guard let packets = sandbox.packets else {
      throw sandbox.packetsUnavailable ?? ClusterError.notInSandbox
    }
    let link = Link(from: names[0], to: names[1])
    try await packets.impose(PacketRule(.delay(seconds: 0.02, jitterSeconds: 0, .uniform), on: [link], seed: 1))
    await pause()
    guard let probe = try await packets.lift(.delay)?.probe, let median = probe.medianNanoseconds,
      median >= 20_000_000
    else { throw Lack(description: "a delay of 20 ms delayed nothing") }
    return "a delay of 20 ms delayed \(probe.received) datagrams, by \(median / 1_000_000) ms at the median"
  }

  private func clocks() async throws -> String {
    guard let clocks = sandbox.clocks else { throw sandbox.clocksUnavailable ?? ClusterError.notInSandbox }
    let hour: Int64 = 3_600_000_000_000
    let steps = try await clocks.set(names[0], ClockSkew(offsetNanoseconds: hour), by: "examination")
    let ahead = try await clocks.measure(names[0]).map(\.aheadNanoseconds)
    _ = try await clocks.set(names[0], .none, by: "examination")
    guard !steps.isEmpty, ahead.allSatisfy({ abs($0 - hour) < 1_000_000_000 }) else {
      throw Lack(description: "a clock was set an hour ahead, and is ahead by \(ahead) ns")
    }
    return "the clock of one process was set an hour ahead, and back"
  }

  private func processors() async throws -> String {
    guard let processors = sandbox.processors else { throw ClusterError.notInSandbox }
    try await processors.squeeze(names[0], share: 0.5)
    await pause()
    guard let report = try await processors.release(names[0]), report.stoppedNanoseconds > 0 else {
      throw Lack(description: "a node that was to stand still half of the time never did")
    }
    let percent = 100 * report.stoppedNanoseconds / max(1, report.elapsedNanoseconds)
    return "a node with half of the time stood still for \(percent) % of it"
  }

  private func boots() async throws -> String {
    guard let processes = sandbox.processes, let boots = sandbox.boots else {
      throw Lack(description: "the kernel has no time namespaces: that needs Linux 6.3 with CONFIG_TIME_NS")
    }
    let second: Int64 = 1_000_000_000
    try boots.boot(names[0], uptimeNanoseconds: second)
    _ = try await processes.kill(names[0])
    try await processes.start(names[0])
    guard let uptime = try boots.uptime(names[0]), (second..<60 * second).contains(uptime) else {
      throw Lack(description: "the monotonic clock did not begin anew: that needs Linux 6.3")
    }
    return "a node was started with the clocks of a machine that was booted a second ago"
  }

  private func disks() async throws -> String {
    guard let disks = sandbox.disks else { throw sandbox.disksUnavailable ?? ClusterError.notInSandbox }
    try await disks.placeWitness(names[0])
    _ = try await disks.losePower(names[0], torn: nil)
    let witness = try disks.readWitness(names[0])
    guard witness.syncedKept == DiskWitness.syncedBytes, witness.unsyncedKept == 0 else {
      throw Lack(
        description:
          "after a power failure \(witness.syncedKept) of \(DiskWitness.syncedBytes) synced bytes are there, and "
          + "\(witness.unsyncedKept) of \(DiskWitness.unsyncedBytes) that were not")
    }
    return "a power failure took \(DiskWitness.unsyncedBytes) bytes that were not synced, and left those that were"
  }

  private func pause() async { try? await Task.sleep(nanoseconds: Self.probeNanoseconds) }
}
