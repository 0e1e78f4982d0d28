import CLinux
import Glibc

enum NodePorts {
  static let commands: UInt16 = 9000
  static let datagrams: UInt16 = 9001
  static let echo: UInt16 = 9002
  static let ticks: UInt16 = 9003
}

/// The program of a node: counts datagrams, echoes on TCP, and obeys commands.
func runNode() -> Never {
  let birth = Clocks()
  let datagrams = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
  bindAny(datagrams, NodePorts.datagrams)
  let echo = listenTCP(NodePorts.echo)
  let commands = listenTCP(NodePorts.commands)
  complain("node is up")
  var thread = pthread_t()
  pthread_create(&thread, nil, serveEcho, UnsafeMutableRawPointer(bitPattern: Int(echo)))
  var node = NodeState(datagrams: datagrams, birth: birth)
  while true {
    let connection = accept(commands, nil, nil)
    guard connection >= 0 else { continue }
    if let line = receiveLine(connection, seconds: 5) { sendAll(connection, node.obey(line) + "\n") }
    close(connection)
  }
}

private func serveEcho(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  let listener = Int32(Int(bitPattern: argument))
  while true {
    // One connection at a time is all that the tests need.
    let connection = accept(listener, nil, nil)
    while connection >= 0, let line = receiveLine(connection, seconds: 600) { sendAll(connection, line + "\n") }
    if connection >= 0 { close(connection) }
  }
}

private struct NodeState {
  let datagrams: Int32
  let birth: Clocks
  var client = EchoClient()
  var files = OpenFiles()

  private var measures: Measures { Measures(datagrams: datagrams) }

  mutating func obey(_ line: String) -> String {
    let words = line.split(separator: " ").map(String.init)
    switch words.first {
    case "send": return "\(sendDatagrams(datagrams, to: words[1], count: Int(words[2]) ?? 1))"
    case "received": return received(Int(words[1]) ?? 0)
    case "connect", "echo", "await-echo", "round-trip", "bulk", "fate", "close": return client.obey(words)
    case "number": return measures.number(to: words[1], count: Int(words[2]) ?? 1, spacing: UInt32(words[3]) ?? 0)
    case "numbers": return measures.numbers(silenceMilliseconds: Int(words[1]) ?? 1)
    case "resolve": return resolve(words[1]) ?? "unknown"
    case "hostname":
      var name = utsname()
      uname(&name)
      return withUnsafePointer(to: &name.nodename) {
        String(cString: UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self))
      }
    case "outside": return outside()
    case "stray": return stray()
    case "file": return files.obey(Array(words.dropFirst()))
    case "crash": exit(3)
    case "clocks": return "\(Clocks())"
    case "birth": return "\(birth)"
    case "spin": return spin()
    default: return "unknown command"
    }
  }

  /// Threads that do nothing but read the clock.
  private func spin() -> String {
    for _ in 0..<3 {
      var thread = pthread_t()
      pthread_create(&thread, nil, { _ in while true { _ = Clocks() } }, nil)
    }
    return "spinning"
  }

  /// Counts by sender since the last time, waiting up to 5 s for at least `wanted` in all.
  private func received(_ wanted: Int) -> String {
    var counts: [String: Int] = [:]
    var bytes = [UInt8](repeating: 0, count: 64)
    var from = sockaddr_in()
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    var limit = timeval(tv_sec: 5, tv_usec: 0)
    setsockopt(datagrams, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    var total = 0
    while true {
      let flags = total < wanted ? 0 : Int32(MSG_DONTWAIT)
      let count = withSocketAddress(&from) { recvfrom(datagrams, &bytes, bytes.count, flags, $0, &size) }
      if count <= 0 { break }
      counts[String(cString: inet_ntoa(from.sin_addr)), default: 0] += 1
      total += 1
    }
    return counts.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
  }

  private func outside() -> String {
    sendDatagram(datagrams, "192.0.2.1", 9).map { "errno \($0)" } ?? "sent"
  }

  /// A process in a session of its own, as daemons are.
  private func stray() -> String {
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    posix_spawnattr_setflags(&attributes, 0x80)  // POSIX_SPAWN_SETSID
    var arguments: [UnsafeMutablePointer<CChar>?] = ["sandbox-probe", "sleep"].map { (text: String) in strdup(text) }
    arguments.append(nil)
    var pid: pid_t = 0
    return posix_spawn(&pid, "/proc/self/exe", nil, &attributes, arguments, environ) == 0 ? "\(pid)" : "failed"
  }
}
