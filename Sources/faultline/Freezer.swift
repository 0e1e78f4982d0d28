import Dispatch
import Foundation
import Plans
import Runs

/// Shows a frozen cluster at the terminal, and waits for Enter.
enum Freezer {
  /// Time limits where `--freeze` names none: with somebody at the terminal, and without.
  static let defaultDuration = isInteractive ? "10m" : "30s"

  static var isInteractive: Bool { isatty(STDIN_FILENO) == 1 }

  /// How to look at what stands still: written once, on standard error.
  static func text(_ cluster: FrozenCluster) -> String {
    var lines = ["Frozen: every node is paused (SIGSTOP), and nobody sends anything."]
    lines.append("Faults in force: " + (cluster.faults.isEmpty ? "none" : cluster.faults.joined(separator: "; ")))
    for node in cluster.nodes { lines += self.lines(node) }
    lines.append("`lsns` and `nsenter` are the host's, in another terminal; gdb -p, /proc and ss work in there.")
    let limit = "for \(Int(cluster.secondsMax.rounded(.up))) s"
    lines.append(isInteractive ? "Press Enter to go on (frozen \(limit) at most)." : "Frozen \(limit).")
    return lines.joined(separator: "\n")
  }

  private static func lines(_ node: FrozenCluster.Node) -> [String] {
    let ports = node.ports.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    var lines = ["  \(node.name) \(node.state); \(node.address), \(ports)"]
    lines += ["    log   \(node.logFile)", "    data  \(node.dataDirectory)"]
    if let pid = node.pid, let namespace = node.networkNamespace {
      lines.append("    enter nsenter -a -t \"$(lsns -n -o PID \(namespace) | head -n 1)\"   (pid \(pid) in there)")
    }
    return lines
  }

  /// Returns when somebody pressed Enter, when standard input ended, or when the task is cancelled; without a terminal
  /// only then.
  static func untilEnter() async {
    let (gate, opener) = AsyncStream.makeStream(of: Never.self)
    let source = isInteractive ? DispatchSource.makeReadSource(fileDescriptor: STDIN_FILENO, queue: .global()) : nil
    source?.setEventHandler {
      var bytes = [UInt8](repeating: 0, count: 4096)
      let count = read(STDIN_FILENO, &bytes, bytes.count)
      if count <= 0 || bytes[..<count].contains(UInt8(ascii: "\n")) { opener.finish() }
    }
    source?.activate()
    for await _ in gate {}  // ends when the task is cancelled, too
    source?.cancel()
  }
}
