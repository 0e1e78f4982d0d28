import CLinux
import Glibc
import Synchronization

/// One node's processes. A process belongs to the node when it is in the node's network namespace: its children do too,
/// whatever group or session they moved to.
final class NodeRuntime: Sendable {
  /// How long the kernel may take to end or stop a process that was told to.
  static let settleSecondsMax = 10.0
  /// Rounds of looking for processes that were forked while the others were being killed or stopped.
  static let sweepRoundsMax = 100

  let spec: NodeSpec
  private let networkNamespace: Int32
  let inode: UInt64
  private let onExit: @Sendable (ProcessExit) -> Void
  let turn = AsyncLock()
  let clock: NodeClock
  let boot = NodeBoot()
  let stillness = NodeStillness()
  /// Nil unless the node is squeezed.
  let squeeze = Mutex<NodeSqueeze?>(nil)
  /// What the next start runs.
  private let chosen: Mutex<[ProcessSpec]>
  /// Those of the latest start, in the order of the description.
  private let current = Mutex<[WatchedProcess]>([])

  init(spec: NodeSpec, networkNamespace: Int32, onExit: @escaping @Sendable (ProcessExit) -> Void) throws {
    self.spec = spec
    chosen = Mutex(spec.processes)
    self.networkNamespace = networkNamespace
    self.inode = try ProcFS.inode(of: networkNamespace)
    clock = NodeClock(inode: inode)
    self.onExit = onExit
  }

  /// From the next start on.
  func choose(_ processes: [ProcessSpec]) { chosen.withLock { $0 = processes } }

  private var name: String { spec.node.name }
  private var alive: [WatchedProcess] { current.withLock { $0.filter(\.isAlive) } }

  // MARK: - Start

  func start() async throws {
    try await turn.with { [self] in
      guard alive.isEmpty else { throw ClusterError.alreadyRunning(node: name) }
      // What a crashed process left behind may still hold its port.
      try await sweep()
      current.withLock { $0 = [] }
      stillness.setPaused(false)
      do {
        for (index, process) in chosen.withLock({ $0 }).enumerated() {
          let process = try await stillness.whileHeld { try await launch(process, at: index) }
          current.withLock { $0.append(process) }
        }
      } catch {
        _ = try await killAll()
        throw error
      }
    }
  }

  private func launch(_ process: ProcessSpec, at index: Int) async throws -> WatchedProcess {
    try await launch(process) { [name, onExit] end, isExpected in
      onExit(ProcessExit(node: name, process: index, end: end, isExpected: isExpected && !end.isCrash))
    }
  }

  /// Only with the turn held.
  func launch(
    _ process: ProcessSpec, onEnd: @escaping @Sendable (ProcessEnd, _ isExpected: Bool) -> Void
  ) async throws -> WatchedProcess {
    let input = fl_open("/dev/null", O_RDONLY, 0)
    let output = fl_open(spec.node.logFile, O_WRONLY | O_CREAT | O_APPEND, 0o644)
    let error = errno
    defer { for descriptor in [input, output] where descriptor >= 0 { close(descriptor) } }
    guard input >= 0, output >= 0 else { throw ClusterError.system("opening \(spec.node.logFile)", errno: error) }
    let launch = ProcessLaunch(
      executable: process.executable, arguments: process.arguments, environment: process.environment,
      workingDirectory: process.workingDirectory, hostName: name, networkNamespace: networkNamespace,
      user: process.user, clocks: boot.offsets(), input: input, output: output, errors: output, atExec: clock.atExec)
    do {
      return try await launch.start(onEnd: onEnd)
    } catch let failure as ProcessLaunch.Failure {
      throw ClusterError.cannotStart(
        node: name, executable: process.executable, call: failure.call, errno: failure.errno)
    }
  }

  // MARK: - End

  func kill() async throws -> [ProcessEnd] { try await turn.with { [self] in try await killAll() } }

  /// Kills what runs, and lets nothing be started while `body` is at work.
  func whileEnded<Result: Sendable>(_ body: @Sendable () async throws -> Result) async throws -> Result {
    try await turn.with { [self] in
      _ = try await killAll()
      return try await body()
    }
  }

  func stop(graceSeconds: Double) async throws -> [ProcessEnd] {
    let grace = min(max(graceSeconds, 0), 3600)
    return try await turn.with { [self] in
      let processes = alive
      for process in processes {
        process.expectEnd()
        process.signalGroup(SIGTERM)
        process.signalGroup(SIGCONT)  // a paused process would not see it
      }
      let killer = Task {
        try await Task.sleep(for: .seconds(grace))
        for process in processes { process.signalGroup(SIGKILL) }
      }
      defer { killer.cancel() }
      return try await ends(of: processes, withinSeconds: grace + Self.settleSecondsMax)
    }
  }

  /// Only with the turn held.
  private func killAll() async throws -> [ProcessEnd] {
    let processes = alive
    for process in processes {
      process.expectEnd()
      process.signalGroup(SIGKILL)
    }
    return try await ends(of: processes, withinSeconds: Self.settleSecondsMax)
  }

  private func ends(of processes: [WatchedProcess], withinSeconds seconds: Double) async throws -> [ProcessEnd] {
    var ends: [ProcessEnd] = []
    for process in processes {
      guard let end = await process.end(withinSeconds: seconds) else {
        throw ClusterError.stillAlive(node: name, pids: [process.pid], seconds: seconds)
      }
      ends.append(end)
    }
    try await sweep()
    return ends
  }

  /// Kills what is still in the node's network namespace: processes that left their group.
  private func sweep() async throws {
    var pids: [Int32] = []
    for _ in 0..<Self.sweepRoundsMax {
      pids = ProcFS.processes(inNetwork: inode)
      if pids.isEmpty { return }
      for pid in pids {
        guard let stray = try await watchStray(pid) else { continue }
        stray.signal(SIGKILL)
        guard await stray.end(withinSeconds: Self.settleSecondsMax) != nil else {
          throw ClusterError.stillAlive(node: name, pids: [pid], seconds: Self.settleSecondsMax)
        }
      }
    }
    throw ClusterError.stillAlive(node: name, pids: pids, seconds: Self.settleSecondsMax)
  }

  /// Nil when it has ended meanwhile. Asked again after the descriptor was opened: a number may have a new owner.
  private func watchStray(_ pid: Int32) async throws -> WatchedProcess? {
    try await ProcessThread.shared().perform { [inode] loop in
      let descriptor = fl_pidfd_open(pid)
      guard descriptor >= 0 else { return nil }
      guard ProcFS.network(of: pid) == inode else {
        close(descriptor)
        return nil
      }
      let stray = WatchedProcess(pid: pid, pidfd: descriptor, isChild: false)
      try loop.watch(stray)
      return stray
    }
  }

  // MARK: - Pause

  /// Stops every process of the node. The kernel tells a parent when its child stops but tells nobody of grandchildren,
  /// so `/proc` is asked, each millisecond, until every thread is in state T.
  func pause() async throws {
    try await turn.with { [self] in
      guard !alive.isEmpty else { throw ClusterError.notRunning(node: name) }
      stillness.setPaused(true)
      let deadline = ContinuousClock.now + .seconds(Self.settleSecondsMax)
      var moving = signalMembers(SIGSTOP)
      while !moving.isEmpty {
        guard ContinuousClock.now < deadline else {
          throw ClusterError.notPaused(node: name, pids: moving, seconds: Self.settleSecondsMax)
        }
        await Self.oneMillisecond()
        // One that was forked meanwhile is told, too.
        moving = signalMembers(SIGSTOP)
      }
    }
  }

  func resume() async throws {
    try await turn.with { [self] in
      guard !alive.isEmpty else { throw ClusterError.notRunning(node: name) }
      stillness.setPaused(false)
      for process in alive { process.signalGroup(SIGCONT) }
      for pid in ProcFS.processes(inNetwork: inode) { _ = Glibc.kill(pid, SIGCONT) }
    }
  }

  /// Signals every process that is not stopped, and returns them.
  private func signalMembers(_ signal: Int32) -> [Int32] {
    let moving = ProcFS.processes(inNetwork: inode).filter { !ProcFS.isStopped($0) }
    for pid in moving { _ = Glibc.kill(pid, signal) }
    return moving
  }

  /// Passes even in a cancelled task, where `Task.sleep` would return at once and make the loop spin.
  static func oneMillisecond() async {
    await Task { try? await Task.sleep(for: .milliseconds(1)) }.value
  }

  // MARK: - State

  func state() -> ProcessState {
    let processes = current.withLock { $0 }
    guard let first = processes.first else { return .notStarted }
    if let running = processes.first(where: \.isAlive) {
      let members = ProcFS.processes(inNetwork: inode)
      let isPaused = !stillness.isMereSqueeze && !members.isEmpty && members.allSatisfy(ProcFS.isStopped)
      return isPaused ? .paused(pid: running.pid) : .running(pid: running.pid)
    }
    if let signal = first.end?.signal { return .signaled(signal: signal) }
    return .exited(code: first.end?.code ?? -1)
  }
}
