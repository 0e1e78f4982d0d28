import CLinux
import Clusters
import Glibc
import Synchronization

private let interrupts = Atomic(0)
private let terminations = Atomic(0)
private let exitLog = Mutex<[String]>([])

/// Obeys one command a line. A reply is `ok TEXT` or `error TEXT` on one line; newlines in TEXT become U+001E.
final class Controller {
  private(set) var sandbox: Sandbox?
  private var client = EchoClient()
  private let datagrams = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
  private var faults = FaultDriver()

  func obey() async {
    signal(SIGINT) { _ in interrupts.add(1, ordering: .relaxed) }
    signal(SIGTERM) { _ in terminations.add(1, ordering: .relaxed) }
    reply("ok ready \(monotonicNanoseconds())")
    while let line = readLine() {
      let words = line.split(separator: " ").map(String.init)
      do {
        reply("ok " + (try await run(words)))
      } catch {
        reply("error \(error)")
      }
    }
  }

  private func reply(_ text: String) {
    let line = Array((text.split(separator: "\n").joined(separator: "\u{1E}") + "\n").utf8)
    _ = write(1, line, line.count)
  }

  private func run(_ words: [String]) async throws -> String {
    let argument = words.count > 1 ? words[1] : ""
    switch words.first {
    case "exit": exit(Int32(argument) ?? 0)
    case "raise":
      signal(Int32(argument) ?? 9, SIG_DFL)
      kill(getpid(), Int32(argument) ?? 9)
      return ""
    case "signals":
      return "\(interrupts.load(ordering: .relaxed)) \(terminations.load(ordering: .relaxed))"
    case "resolve": return resolve(argument) ?? "unknown"
    case "read": return try text(of: argument)
    case "list": return names(in: argument).joined(separator: " ")
    case "identity": return "\(getpid()) \(getppid()) \(getuid()) \(getgid()) \(getenv("FAULTLINE_SANDBOX") == nil)"
    case "enter-denied": return try enterDenied()
    case "setup": return try await setUp(Array(words.dropFirst()))
    case "setup-disks": return try await setUp(Array(words.dropFirst()), breaksDisks: true)
    case "disk": return try await disk(Array(words.dropFirst()))
    case "teardown": return try await timed { try await self.sandbox?.tearDown() }
    case "exits": return exitLog.withLock { $0.joined(separator: " ") }
    case "cut":
      let links = Set(try words.dropFirst().map(link))
      var healed: [Link: Drops] = [:]
      let time = try await timed { healed = try await self.network().cut(links) }
      return "\(time) \(describe(healed))"
    case "impose": return try await packets().impose(Array(words.dropFirst()))
    case "lift": return try await packets().lift(argument)
    case "bypass": return "\(bypassPackets())"
    case "drops": return describe(try await network().drops())
    case "http": return http(Array(words.dropFirst()))
    case "node": return try askNode(argument, words.dropFirst(2).joined(separator: " "))
    case "connect", "echo", "await-echo": return client.obey(words)
    case "send": return "\(sendDatagrams(datagrams, to: argument, count: Int(words[2]) ?? 1))"
    case "inject", "heal":
      guard let sandbox else { throw ClusterError.notInSandbox }
      return try await faults.obey(words, in: sandbox)
    default: return try await process(words)
    }
  }

  private func process(_ words: [String]) async throws -> String {
    guard let control = sandbox?.processes else { return "no processes" }
    let node = words.count > 1 ? words[1] : ""
    switch words.first {
    case "start": return try await timed { try await control.start(node) }
    case "pause": return try await timed { try await control.pause(node) }
    case "resume": return try await timed { try await control.resume(node) }
    case "kill": return describe(try await control.kill(node))
    case "stop": return describe(try await control.stop(node, graceSeconds: Double(words[2]) ?? 1))
    case "state": return "\(try control.state(node))"
    case "skew", "clock": return try await clock(words)
    case "squeeze":
      guard let share = Double(words[2]) else { return "no share" }
      try await sandbox?.processors?.squeeze(node, share: share)
      return ""
    case "release":
      let report = try await sandbox?.processors?.release(node)
      return report.map { "\($0.elapsedNanoseconds) \($0.stoppedNanoseconds) \($0.processorNanoseconds)" } ?? "none"
    default: return "unknown command"
    }
  }

  /// `skew NODE OFFSET-NANOSECONDS RATE-PPM OWNER` → `PID:BEFORE:AFTER …`; `clock NODE` → `PID:AHEAD …`
  private func clock(_ words: [String]) async throws -> String {
    guard let clocks = sandbox?.clocks else { return "\(sandbox?.clocksUnavailable.map { "\($0)" } ?? "no sandbox")" }
    if words[0] == "clock" {
      return try await clocks.measure(words[1]).map { "\($0.pid):\($0.aheadNanoseconds)" }.joined(separator: " ")
    }
    let skew = ClockSkew(offsetNanoseconds: Int64(words[2]) ?? 0, ratePPM: Int64(words[3]) ?? 0)
    let steps = try await clocks.set(words[1], skew, by: words[4])
    return steps.map { "\($0.pid):\($0.before):\($0.after)" }.joined(separator: " ")
  }

  /// n1, n2, …; their data and output in `DIRECTORY/nodes/NAME/`.
  private static func nodes(count: Int, directory: String) -> [Node] {
    SandboxLayout.addresses(count: count).enumerated().map { place, address in
      let name = "n\(place + 1)"
      let folder = "\(directory)/nodes/\(name)"
      return Node(
        name: name, number: place + 1, address: address, ports: [:], dataDirectory: folder + "/data",
        logFile: folder + "/output.log")
    }
  }

  /// `setup RUN-DIRECTORY COUNT bridge|perNode|auto EXECUTABLE ARGUMENT…`
  private func setUp(_ words: [String], breaksDisks: Bool = false) async throws -> String {
    let nodes = Self.nodes(count: Int(words[1]) ?? 1, directory: words[0])
    let marker = CommandLine.arguments.dropFirst(2).first ?? "none"
    let process = ProcessSpec(
      executable: words[3], arguments: Array(words.dropFirst(4)), environment: ["MARKER": marker, "B": "2"],
      workingDirectory: "/")
    let made = Sandbox(nodes: nodes.map { NodeSpec(node: $0, processes: [process]) }, breaksDisks: breaksDisks)
    sandbox = made
    let time = try await timed {
      try await made.setUp(cuts: words[2] == "bridge" ? .bridge : words[2] == "perNode" ? .perNode : nil)
    }
    if let problem = made.networkUnavailable { return "\(time) \(problem)" }
    Task { [exits = made.exits] in
      for await exit in exits {
        exitLog.withLock { $0.append("\(exit.node):\(exit.end.signal ?? 0):\(exit.end.code ?? -1):\(exit.isExpected)") }
      }
    }
    return time
  }

  private func enterDenied() throws -> String {
    let descriptor = open("/proc/sys/user/max_user_namespaces", O_WRONLY)
    guard descriptor >= 0, write(descriptor, "0", 1) == 1 else { return "cannot set the limit" }
    return "\(try Sandbox.enter())"
  }

  private func network() throws -> any NetworkControl {
    guard let network = sandbox?.network else { throw ClusterError.notInSandbox }
    return network
  }

  private func packets() throws -> PacketCommands {
    guard let packets = sandbox?.packets else { throw sandbox?.packetsUnavailable ?? ClusterError.notInSandbox }
    return PacketCommands(packets: packets)
  }

  private func link(_ text: String) throws -> Link {
    let ends = text.split(separator: ">").map(String.init)
    return Link(from: ends[0], to: ends[1])
  }

  private func describe(_ drops: [Link: Drops]) -> String {
    drops.sorted { $0.key < $1.key }.map { "\($0.key.from)>\($0.key.to)=\($0.value.packets)" }.joined(separator: " ")
  }

  private func describe(_ ends: [ProcessEnd]) -> String {
    ends.map { "\($0.signal ?? 0):\($0.code ?? -1)" }.joined(separator: " ")
  }

  /// Milliseconds.
  private func timed(_ body: () async throws -> Void) async throws -> String {
    let start = monotonicNanoseconds()
    try await body()
    return "\(Double((monotonicNanoseconds() - start) / 10_000) / 100)"
  }

  private func askNode(_ name: String, _ request: String) throws -> String {
    guard let node = sandbox?.nodes.first(where: { $0.name == name }) else { return "no node" }
    // The node's program may be starting: its listening socket is what we wait for.
    let deadline = monotonicNanoseconds() + 5_000_000_000
    var connection = connectTCP(node.address, NodePorts.commands, seconds: 2)
    while connection == nil && monotonicNanoseconds() < deadline {
      usleep(2000)
      connection = connectTCP(node.address, NodePorts.commands, seconds: 2)
    }
    guard let connection else { return "no connection" }
    defer { close(connection) }
    sendAll(connection, request + "\n")
    return receiveLine(connection, seconds: 20) ?? "no answer"
  }
}

func monotonicNanoseconds() -> UInt64 {
  var now = timespec()
  clock_gettime(CLOCK_MONOTONIC, &now)
  return UInt64(now.tv_sec) * 1_000_000_000 + UInt64(now.tv_nsec)
}

private func text(of path: String) throws -> String {
  let descriptor = open(path, O_RDONLY)
  guard descriptor >= 0 else { throw ClusterError.system("open \(path)", errno: errno) }
  defer { close(descriptor) }
  var bytes = [UInt8](repeating: 0, count: 1 << 16)
  let count = read(descriptor, &bytes, bytes.count)
  return String(decoding: bytes[..<max(count, 0)], as: UTF8.self)
}

private func names(in directory: String) -> [String] {
  guard let stream = opendir(directory) else { return [] }
  defer { closedir(stream) }
  var names: [String] = []
  while let entry = readdir(stream) {
    names.append(
      withUnsafePointer(to: &entry.pointee.d_name) {
        String(cString: UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self))
      })
  }
  return names.filter { $0 != "." && $0 != ".." }.sorted()
}
