import CLinux

/// What went wrong with a cluster: the environment's or the caller's fault, never the tested system's.
public enum ClusterError: Error, Hashable, Sendable {
  /// A name that is none of the cluster's.
  case unknownNode(String, known: [String])
  case unknownVersion(String, known: [String])
  /// A list of nodes that no network can be made of, and why.
  case badNodes(String)
  /// A cut between a node and itself.
  case linkToItself(String)
  /// Numbers of a packet rule that cannot be, and why.
  case badPacketRule(String)
  case alreadyRunning(node: String)
  case notRunning(node: String)
  /// The caller did not go through `Sandbox.enter()`: on the host nothing is touched.
  case notInSandbox
  /// A process of a node could not be started: the call that failed and its errno.
  case cannotStart(node: String, executable: String, call: String, errno: Int32)
  /// Processes that the kernel had not ended (or not stopped) when the time was over.
  case stillAlive(node: String, pids: [Int32], seconds: Double)
  case notPaused(node: String, pids: [Int32], seconds: Double)
  /// An external program that is not installed, and the Debian package that holds it.
  case missingTool(String, package: String)
  /// An external program that failed: what it was asked and what it said.
  case toolFailed(command: String, reason: String)
  /// A line of an external program's output that has no known form.
  case unreadableOutput(tool: String, line: String)
  /// This machine does not let the clock of single processes be shifted, and why.
  case clocksUnavailable(String)
  /// A process (0: none in particular) that could not be given its node's clock.
  case clockNotSet(pid: Int32, reason: String)
  /// A skew beyond what can be set.
  case badSkew(ClockSkew)
  /// A share of processor time that cannot be given.
  case badShare(Double)
  /// Nodes' disks cannot be broken on this machine: why, and what would allow it.
  case disksRefused(reason: String, remedy: String)
  /// A system call that failed: what for, and its errno.
  case system(String, errno: Int32)
}

extension ClusterError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .unknownVersion(let name, let known):
      "there is no version '\(name)' of the system: the versions are \(known.joined(separator: ", "))"
    case .unknownNode(let name, let known):
      "there is no node '\(name)': the nodes are \(known.joined(separator: ", "))"
    case .badNodes(let reason): "the nodes cannot be used: \(reason)"
    case .linkToItself(let node): "a link from \(node) to itself cannot be cut: name two different nodes"
    case .badPacketRule(let reason): "packets cannot be treated so: \(reason)"
    case .alreadyRunning(let node): "\(node) is running already: stop or kill it first"
    case .notRunning(let node): "\(node) is not running: start it first"
    case .notInSandbox: "this process is not inside a sandbox: call Sandbox.enter() first"
    case .cannotStart(let node, let executable, let call, let errno):
      "\(node): cannot start \(executable): \(call) failed with \(errnoText(errno))"
    case .stillAlive(let node, let pids, let seconds):
      "\(node): \(list(pids)) did not end within \(seconds) s of SIGKILL (state D, waiting for a device?)"
    case .notPaused(let node, let pids, let seconds):
      "\(node): \(list(pids)) did not stop within \(seconds) s of SIGSTOP (state D, waiting for a device?)"
    case .missingTool(let tool, let package):
      "\(tool) is not installed: run `apt install \(package)` (looked in PATH, /usr/sbin, /sbin, /usr/local/sbin)"
    case .toolFailed(let command, let reason): "\(command) failed: \(reason)"
    case .unreadableOutput(let tool, let line): "\(tool) printed a line of an unknown form: \(line)"
    case .clocksUnavailable(let reason): "clocks cannot be set here: \(reason)"
    case .clockNotSet(let pid, let reason):
      "the clock\(pid == 0 ? "" : " of process \(pid)") cannot be set: \(reason)"
    case .badSkew(let skew):
      "a clock cannot be off by \(skew.offsetNanoseconds) ns at \(skew.ratePPM) ppm: a year, and "
        + "\(ClockSkew.ratePPMLimits.lowerBound)…\(ClockSkew.ratePPMLimits.upperBound) ppm, are the limits"
    case .badShare(let share):
      "a node cannot be given \(share) of the time: \(NodeProcessors.shareLimits.lowerBound) to "
        + "\(NodeProcessors.shareLimits.upperBound) are the limits"
    case .disksRefused(let reason, let remedy): "disks cannot be broken here: \(reason). To allow it: \(remedy)"
    case .system(let what, let errno): "\(what): \(errnoText(errno))"
    }
  }

  private func list(_ pids: [Int32]) -> String {
    (pids.count == 1 ? "process " : "processes ") + pids.map(String.init).joined(separator: ", ")
  }
}

/// `ENOENT (No such file or directory)`.
func errnoText(_ error: Int32) -> String {
  "\(String(cString: fl_error_name(error))) (\(String(cString: fl_error_text(error))))"
}
