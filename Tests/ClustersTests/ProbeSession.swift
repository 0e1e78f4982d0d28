import CLinux
import Dispatch
import Glibc
import Synchronization

/// Who runs the probe.
enum Account: String, CaseIterable, Sendable {
  case current
  /// An ordinary user; only root can become it.
  case nobody
}

/// A `sandbox-probe controller` that a test talks to, outside of which the test stays.
final class ProbeSession: Sendable {
  struct Problem: Error, CustomStringConvertible {
    var description: String
  }

  /// Beside the test's own executable: the tests depend on the target.
  static let executable: String = {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = readlink("/proc/self/exe", &buffer, buffer.count)
    let path = String(decoding: buffer[..<max(count, 0)], as: UTF8.self)
    return path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
      + "/sandbox-probe"
  }()

  private static let serial = Atomic(0)

  /// In the arguments of every process of the session, in no other's.
  let marker: String
  /// The outer process, and its process group.
  let pid: pid_t
  let directory: TemporaryDirectory
  private let toProbe: Int32
  private let fromProbe: Int32
  private let errors: Int32

  /// Starts the probe; does not wait for it.
  ///
  /// - Parameter terminal: on which the probe becomes a session's leader.
  init(as account: Account = .current, environment: [String] = [], terminal: Terminal? = nil) throws {
    marker = "probe-\(getpid())-\(Self.serial.add(1, ordering: .relaxed).newValue)"
    directory = try TemporaryDirectory()
    var command = [Self.executable, "controller", marker]
    if let terminal { command = [Self.executable, "terminal", terminal.path, "controller", marker] }
    if account == .nobody {
      command = ["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] + command
    }
    let (input, output, errors) = (try pipe(), try pipe(), try pipe())
    pid = try spawn(
      command, environment: environment, descriptors: [input.read, output.write, errors.write],
      isGroupLeader: terminal == nil)
    for end in [input.read, output.write, errors.write] { close(end) }
    if let terminal {
      close(input.write)
      close(output.read)
      (toProbe, fromProbe) = (terminal.master, terminal.master)
    } else {
      (toProbe, fromProbe) = (input.write, output.read)
    }
    self.errors = errors.read
  }

  deinit {
    kill(pid, SIGKILL)
    var status: Int32 = 0
    waitpid(pid, &status, 0)
    for descriptor in Set([toProbe, fromProbe, errors]) { close(descriptor) }
  }

  /// Starts it and waits until the controller obeys.
  static func ready(
    as account: Account = .current, terminal: Terminal? = nil
  ) async throws -> ProbeSession {
    let session = try ProbeSession(as: account, terminal: terminal)
    let line = await session.nextLine()
    guard let line, line.hasPrefix("ok ready") else {
      throw Problem(description: "no controller: \(line ?? "its output ended") \(await session.complaints())")
    }
    return session
  }

  func send(_ command: String) {
    let bytes = Array((command + "\n").utf8)
    _ = write(toProbe, bytes, bytes.count)
  }

  func sendByte(_ byte: UInt8) { _ = withUnsafePointer(to: byte) { write(toProbe, $0, 1) } }

  /// The reply with its `ok ` or `error `, newlines restored.
  func reply(_ command: String) async -> String {
    send(command)
    return await nextLine() ?? "end of output"
  }

  /// The text of an `ok` reply.
  func ask(_ command: String) async throws -> String {
    let line = await reply(command)
    guard line.hasPrefix("ok") else { throw Problem(description: "\(command): \(line)") }
    return String(line.dropFirst(3))
  }

  /// Sets a cluster of probes up and starts all nodes; they answer, so their sockets are open.
  func startCluster(_ count: Int, placement: String = "auto") async throws {
    _ = try await ask(setUp(count, placement: placement, program: "node \(marker)"))
    for number in 1...count { _ = try await ask("start n\(number)") }
    for number in 1...count {
      guard try await ask("node n\(number) hostname") == "n\(number)" else {
        throw Problem(description: "n\(number) does not answer")
      }
    }
  }

  func setUp(_ count: Int, placement: String = "auto", program: String) -> String {
    "setup \(directory.path) \(count) \(placement) \(Self.executable) \(program)"
  }

  /// Asks again until the reply is as wished; the last reply either way. For what happens outside our sight.
  func ask(_ command: String, until isWished: (String) -> Bool) async throws -> String {
    let deadline = ContinuousClock.now + .seconds(10)
    var answer = try await ask(command)
    while !isWished(answer) && ContinuousClock.now < deadline {
      try await Task.sleep(for: .milliseconds(5))
      answer = try await ask(command)
    }
    return answer
  }

  func nextLine() async -> String? {
    await offPool { [fromProbe] in
      var line: [UInt8] = []
      var byte: UInt8 = 0
      while read(fromProbe, &byte, 1) == 1 {
        if byte == 0x0A { return String(decoding: line.map { $0 == 0x1E ? 0x0A : $0 }, as: UTF8.self) }
        line.append(byte)
      }
      return nil
    }
  }

  /// Everything on stderr until its end.
  func complaints() async -> String {
    await offPool { [errors] in
      var bytes: [UInt8] = []
      var chunk = [UInt8](repeating: 0, count: 4096)
      while case let count = read(errors, &chunk, chunk.count), count > 0 { bytes += chunk[..<count] }
      return String(decoding: bytes, as: UTF8.self)
    }
  }

  /// How the outer process ended: its exit code, or minus the signal. Leaves it unreaped, for `deinit`.
  func exitCode() async -> Int32 {
    await offPool { [pid] in
      var info = siginfo_t()
      while waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT) != 0 && errno == EINTR {}
      let status = info._sifields._sigchld.si_status
      return info.si_code == 1 ? status : -status
    }
  }

  /// The probe's processes on the host: outer, init, controller, nodes.
  var processes: [HostProcess] { HostProcess.all(marked: marker) }
  var initProcess: pid_t? { processes.first { $0.parent == pid }?.pid }
  var controller: pid_t? { initProcess.flatMap { parent in processes.first { $0.parent == parent }?.pid } }
}

/// Runs a blocking call where it holds up no test.
private func offPool<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
  await withCheckedContinuation { continuation in
    DispatchQueue.global().async { continuation.resume(returning: body()) }
  }
}

private func pipe() throws -> (read: Int32, write: Int32) {
  var ends: [Int32] = [-1, -1]
  guard fl_pipe(&ends) == 0 else { throw ProbeSession.Problem(description: "no pipe") }
  return (ends[0], ends[1])
}

/// - Parameter isGroupLeader: in a process group of its own, as a shell starts a job. A leader cannot begin a session.
private func spawn(
  _ command: [String], environment: [String], descriptors: [Int32], isGroupLeader: Bool
) throws -> pid_t {
  var attributes = posix_spawnattr_t()
  posix_spawnattr_init(&attributes)
  posix_spawnattr_setflags(&attributes, isGroupLeader ? Int16(POSIX_SPAWN_SETPGROUP) : 0)
  var actions = posix_spawn_file_actions_t()
  posix_spawn_file_actions_init(&actions)
  for (number, descriptor) in descriptors.enumerated() {
    posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(number))
  }
  var variables: [String] = environment
  var variable = environ
  while let text = variable.pointee {
    variables.append(String(cString: text))
    variable += 1
  }
  var arguments: [UnsafeMutablePointer<CChar>?] = command.map { (text: String) in strdup(text) } + [nil]
  var values: [UnsafeMutablePointer<CChar>?] = variables.map { (text: String) in strdup(text) } + [nil]
  defer { for pointer in arguments + values { free(pointer) } }
  var pid: pid_t = 0
  let error = posix_spawn(&pid, command[0], &actions, &attributes, &arguments, &values)
  guard error == 0 else { throw ProbeSession.Problem(description: "cannot start \(command[0]): \(error)") }
  return pid
}
