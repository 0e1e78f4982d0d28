import CLinux
import Glibc

/// The layers over the nodes' data directories, in the sandbox's mount namespace: whatever ends the controller ends them.
struct SandboxDisks: DiskControl {
  private static let folder = "/run/faultline-disks"
  /// Byte values of the witness's two parts; what never reached the disk reads as neither.
  private static let syncedByte: UInt8 = 0x53
  private static let unsyncedByte: UInt8 = 0x55

  private let names: [String]
  private let links: [String: DiskLink]
  private let processes: NodeProcesses

  /// Mounts a layer over each node's data directory.
  ///
  /// - Throws: `ClusterError.disksRefused` where this machine does not allow it; then nothing is mounted.
  static func start(_ nodes: [Node], _ processes: NodeProcesses) async throws -> SandboxDisks {
    try checkDevice()
    var links: [String: DiskLink] = [:]
    do {
      for node in nodes {
        let beneath = "\(folder)/\(node.name)"
        try SmallFile.createDirectories(beneath)
        let error = fl_bind_mount(node.dataDirectory, beneath)
        guard error == 0 else { throw ClusterError.system("showing \(node.dataDirectory) a second time", errno: error) }
        links[node.name] = try await DiskLink.start(over: node.dataDirectory, beneath: beneath)
      }
    } catch {
      await SandboxDisks(nodes, links, processes).end()
      throw error
    }
    return SandboxDisks(nodes, links, processes)
  }

  private init(_ nodes: [Node], _ links: [String: DiskLink], _ processes: NodeProcesses) {
    names = nodes.map(\.name)
    self.links = links
    self.processes = processes
  }

  /// Whether the kernel would let us serve a file system.
  private static func checkDevice() throws {
    let device = fl_open("/dev/fuse", O_RDWR, 0)
    if device >= 0 {
      close(device)
      return
    }
    switch errno {
    case ENOENT, ENODEV, ENXIO:
      throw ClusterError.disksRefused(reason: "there is no /dev/fuse", remedy: "sudo modprobe fuse")
    case EACCES, EPERM:
      throw ClusterError.disksRefused(
        reason: "this user may not open /dev/fuse", remedy: "sudo chmod 666 /dev/fuse, or run as root")
    default:
      throw ClusterError.disksRefused(reason: "/dev/fuse: \(errnoText(errno))", remedy: "see `dmesg`, and try as root")
    }
  }

  /// Takes all layers away; what the nodes wrote stays. Their processes must have ended.
  func end() async {
    for name in names {
      guard let link = links[name] else { continue }
      await link.end()
      for name in [DiskCommand.witnessName, DiskCommand.probeName] { unlink("\(link.beneath)/\(name)") }
      _ = fl_unmount(link.beneath)
      _ = try? await Self.tool("rm").run(["-rf", "--", Self.copy(of: link)])
    }
  }

  private func link(_ node: String) throws -> DiskLink {
    guard let link = links[node] else { throw ClusterError.unknownNode(node, known: names) }
    return link
  }

  private func tree(_ node: String) throws -> DiskTree { DiskTree(root: try link(node).beneath) }

  // MARK: - Power and trouble

  func losePower(_ node: String, torn: TornWrite?) async throws -> [DiskLoss] {
    let link = try link(node)
    let losses = try await processes.whileEnded(node) { try await link.ask(.losePower(torn)) }
    return losses.compactMap(DiskLoss.init).filter { !$0.path.hasPrefix(DiskCommand.ownPrefix) }
  }

  func trouble(_ node: String, _ trouble: DiskTrouble) async throws { _ = try await link(node).ask(.trouble(trouble)) }

  func counts(_ node: String) async throws -> DiskCounts {
    let answer = try await link(node).ask(.counts)
    guard let counts = answer.first.flatMap(DiskCounts.init) else {
      throw ClusterError.unreadableOutput(tool: "a disk's server", line: answer.first ?? "")
    }
    return counts
  }

  // MARK: - Files

  func files(_ node: String) throws -> [DiskFile] { try tree(node).files() }

  func digest(_ node: String, _ path: String) throws -> UInt64 { try tree(node).digest(path) }

  func flip(_ node: String, _ path: String, bits: [DiskBit]) async throws {
    try await unmounted(node) { try DiskTree(root: $0.beneath).flip(path, bits) }
  }

  func cut(_ node: String, _ path: String, toBytes size: Int) async throws {
    try await unmounted(node) { try DiskTree(root: $0.beneath).cut(path, to: size) }
  }

  func save(_ node: String) async throws {
    let link = try link(node)
    let copy = Self.copy(of: link)
    _ = try await Self.tool("rm").run(["-rf", "--", copy])
    _ = try await Self.tool("cp").run(["-a", "--", link.beneath, copy])
  }

  func restore(_ node: String) async throws {
    try await unmounted(node) { link in
      let copy = Self.copy(of: link)
      guard access(copy, F_OK) == 0 else { throw ClusterError.system("finding the copy \(copy)", errno: errno) }
      _ = try await Self.tool("find").run([link.beneath, "-mindepth", "1", "-delete"])
      _ = try await Self.tool("cp").run(["-a", "--", "\(copy)/.", link.beneath])
      _ = try await Self.tool("rm").run(["-rf", "--", copy])
    }
  }

  /// Beside the data directory: on the same file system, and in nobody's way.
  private static func copy(of link: DiskLink) -> String { link.directory + ".saved" }

  /// With the data directory taken away, so that no cache of the kernel's hides what is changed beneath.
  private func unmounted(_ node: String, _ body: @escaping @Sendable (DiskLink) async throws -> Void) async throws {
    let link = try link(node)
    try await processes.whileEnded(node) {
      _ = try await link.ask(.unmount)
      let result = await Result { try await body(link) }
      _ = try await link.ask(.mount)
      try result.get()
    }
  }

  // MARK: - Witness

  func placeWitness(_ node: String) async throws {
    let link = try link(node)
    let path = "\(link.directory)/\(DiskCommand.witnessName)"
    func bytes(_ value: UInt8, _ count: Int) -> String {
      String(repeating: Character(UnicodeScalar(value)), count: count)
    }
    let tool = try Self.tool("dd")
    // An old one is cut to nothing first.
    _ = try await tool.run(
      ["of=\(path)", "bs=\(DiskWitness.syncedBytes)", "conv=fsync", "iflag=fullblock", "status=none"],
      input: bytes(Self.syncedByte, DiskWitness.syncedBytes))
    _ = try await tool.run(
      [
        "of=\(path)", "bs=\(DiskWitness.unsyncedBytes)", "conv=notrunc", "oflag=append", "iflag=fullblock",
        "status=none",
      ], input: bytes(Self.unsyncedByte, DiskWitness.unsyncedBytes))
  }

  func readWitness(_ node: String) throws -> DiskWitness {
    let tree = try tree(node)
    let synced = 0..<DiskWitness.syncedBytes
    let unsynced = DiskWitness.syncedBytes..<DiskWitness.syncedBytes + DiskWitness.unsyncedBytes
    return DiskWitness(
      syncedKept: tree.count(of: Self.syncedByte, in: synced, of: DiskCommand.witnessName),
      unsyncedKept: tree.count(of: Self.unsyncedByte, in: unsynced, of: DiskCommand.witnessName))
  }

  func probe(_ node: String, reads: Bool) async throws -> DiskProbe {
    let path = "\(try link(node).directory)/\(DiskCommand.probeName)"
    let tool = try Self.tool("dd")
    let start = ContinuousClock.now
    var complaint: String?
    do {
      if reads {
        _ = try await tool.run(["if=\(path)", "bs=4096", "count=1", "iflag=direct", "status=none"])
      } else {
        _ = try await tool.run(
          ["of=\(path)", "bs=512", "count=1", "conv=notrunc,fsync", "oflag=append", "status=none"],
          input: String(repeating: "P", count: 512))
      }
    } catch ClusterError.toolFailed(_, let reason) {
      complaint = reason
    }
    let (seconds, attoseconds) = (ContinuousClock.now - start).components
    return DiskProbe(nanoseconds: seconds * 1_000_000_000 + attoseconds / 1_000_000_000, complaint: complaint)
  }

  private static func tool(_ name: String) throws -> Tool {
    guard let tool = Tool.find(name) else {
      throw ClusterError.missingTool(name, package: name == "find" ? "findutils" : "coreutils")
    }
    return tool
  }
}
