import Glibc
import Synchronization

/// The clock of one node: what its owners make of it, and the processes that were given it.
///
/// Changed only with the node's turn held (`NodeRuntime`).
final class NodeClock: Sendable {
  private struct State {
    /// By owner.
    var lines: [String: SkewLine] = [:]
    var total = SkewLine.none
    var processes: [Int32: SkewedProcess] = [:]
  }

  private let inode: UInt64
  private let state = Mutex(State())

  /// - Parameter inode: of the node's network namespace, which tells its processes.
  init(inode: UInt64) { self.inode = inode }

  /// Whether anybody has set it, so that new processes must be given it.
  var isSkewed: Bool { state.withLock { !$0.lines.isEmpty } }

  /// What every process of the node is to show.
  var line: SkewLine { state.withLock { $0.total } }

  /// What an owner has set.
  func line(of owner: String) -> SkewLine? { state.withLock { $0.lines[owner] } }

  /// From now on the owner adds this line; nil: nothing.
  func replace(_ line: SkewLine?, of owner: String, at now: Int64) {
    state.withLock { state in
      state.lines[owner] = line
      state.total = state.lines.isEmpty ? .none : .sum(state.lines.values, at: now)
    }
  }

  /// The node's processes, in order of their numbers: those that are known by their open files, others opened.
  func processes() throws -> [SkewedProcess] {
    let patching = try ClockPatching.here.get()
    let known = state.withLock { $0.processes }
    var found: [Int32: SkewedProcess] = [:]
    for pid in ProcFS.processes(inNetwork: inode) {
      if let process = known[pid], process.isThere {
        found[pid] = process
      } else {
        found[pid] = try SkewedProcess(pid, inNetwork: inode, patching)
      }
    }
    state.withLock { [found] in $0.processes = found }
    return found.sorted { $0.key < $1.key }.map(\.value)
  }

  /// Whether a process that was known has ended or runs another program since.
  var hasLostOne: Bool { state.withLock { $0.processes.values.contains { !$0.isThere } } }

  /// What a process that is started now must be given before its first instruction; nil: nothing.
  var atExec: (@Sendable (Int32) throws -> Void)? {
    guard isSkewed else { return nil }
    return { [inode, line] pid in
      try SkewedProcess(pid, inNetwork: inode, ClockPatching.here.get())?.install(line)
    }
  }

  /// The host's, in nanoseconds since 1970.
  static func now() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}
