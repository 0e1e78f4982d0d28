import CLinux
import Glibc

/// All that one start of a process needs. Descriptors are borrowed until the start has returned.
struct ProcessLaunch: Sendable {
  var executable: String
  /// Without the program's own name.
  var arguments: [String]
  var environment: [String: String]
  var workingDirectory: String?
  /// Nil keeps the controller's.
  var hostName: String?
  /// Nil keeps the controller's network.
  var networkNamespace: Int32?
  /// Nil keeps the controller's.
  var user: ProcessUser?
  /// Nil keeps the controller's clocks.
  var clocks: ClockOffsets?
  var input: Int32
  var output: Int32
  var errors: Int32
  /// What is done to the process when its program is in place and has not run an instruction; nil: it runs at once.
  var atExec: (@Sendable (Int32) throws -> Void)?

  /// Why a start failed: the call and its errno.
  struct Failure: Error {
    var call: String
    var errno: Int32
  }

  /// Starts the process on the process thread, which then awaits its end.
  func start(
    onEnd: @escaping @Sendable (ProcessEnd, _ isExpected: Bool) -> Void = { _, _ in }
  ) async throws -> WatchedProcess {
    try await ProcessThread.shared().perform { loop in
      let spawned = spawn()
      guard spawned.step == FL_SPAWN_OK else {
        throw Failure(call: Self.call(spawned.step), errno: spawned.error)
      }
      let process = WatchedProcess(pid: spawned.pid, pidfd: spawned.pidfd, isChild: true, onEnd: onEnd)
      do {
        try loop.watch(process)
        if let atExec { try release(spawned.pid, after: atExec) }
      } catch {
        process.expectEnd()
        process.signalGroup(SIGKILL)
        throw error
      }
      return process
    }
  }

  private func release(_ pid: Int32, after atExec: (Int32) throws -> Void) throws {
    try atExec(pid)
    let error = fl_release(pid)
    guard error == 0 else { throw Failure(call: "ptrace(PTRACE_DETACH)", errno: error) }
  }

  private func spawn() -> fl_spawned {
    // Sorted: what a program sees must not depend on a dictionary's order.
    let variables = environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    return withCStrings([executable] + arguments) { argv in
      withCStrings(variables) { envp in
        withOptionalCString(workingDirectory) { directory in
          withOptionalCString(hostName) { name in
            withOptionalCString(clocks?.kernelText) { clocks in
              executable.withCString { path in
                var spec = fl_spawn(
                  path: path, argv: argv, envp: envp, directory: directory, hostname: name,
                  netns: networkNamespace ?? -1, user: user.map { Int64($0.id) } ?? -1,
                  group: user.map { Int64($0.group) } ?? -1, clocks: clocks, input: input, output: output,
                  errors: errors,
                  traced: atExec == nil ? 0 : 1)
                var spawned = fl_spawned()
                fl_spawn(&spec, &spawned)
                return spawned
              }
            }
          }
        }
      }
    }
  }

  private static func call(_ step: fl_spawn_step) -> String {
    switch step {
    case FL_SPAWN_CLONE: "clone"
    case FL_SPAWN_PARENT: "prctl(PR_SET_PDEATHSIG)"
    case FL_SPAWN_GROUP: "setpgid"
    case FL_SPAWN_NETNS: "setns"
    case FL_SPAWN_HOSTNAME: "sethostname"
    case FL_SPAWN_CLOCKS: "unshare(CLONE_NEWTIME)"
    case FL_SPAWN_USER: "setresuid"
    case FL_SPAWN_DIRECTORY: "chdir to the working directory"
    case FL_SPAWN_DESCRIPTORS: "dup2"
    case FL_SPAWN_TRACE: "ptrace(PTRACE_TRACEME)"
    default: "execve"
    }
  }
}

/// A null-terminated array of C strings for the time of `body`.
private func withCStrings<Result>(
  _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
  var pointers: [UnsafeMutablePointer<CChar>?] = strings.map { strdup($0) }
  pointers.append(nil)
  defer { for pointer in pointers { free(pointer) } }
  return body(pointers)
}

private func withOptionalCString<Result>(_ string: String?, _ body: (UnsafePointer<CChar>?) -> Result) -> Result {
  guard let string else { return body(nil) }
  return string.withCString { body($0) }
}
