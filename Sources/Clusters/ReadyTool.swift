import CLinux
import Glibc
import Synchronization

/// A program that was started before it is needed and waits for its input: what is asked of it is done without the time
/// that a start takes, which is long on a busy machine.
///
/// Each process serves one call; the next one is started when that has ended. Only for the controller's own network: a
/// process that waits in a node's would be taken for one of the node's.
final class ReadyTool: Sendable {
  /// Longer inputs are for `Tool.run`: they might not fit into the socket at once.
  static let inputBytesMax = 64 << 10

  /// A process that waits.
  private struct Waiting: Sendable {
    var process: WatchedProcess
    /// Our end of its input.
    var input: Int32
    /// Its output and its errors.
    var files: [Int32]
  }

  private let tool: Tool
  private let arguments: [String]
  private let next = Mutex<Task<Waiting, any Error>?>(nil)

  init(_ tool: Tool, _ arguments: [String]) {
    self.tool = tool
    self.arguments = arguments
  }

  /// Starts a process for the next call, where none waits.
  func prepare() {
    next.withLock { next in
      if next == nil { next = Task { try await start() } }
    }
  }

  /// What the program makes of the input. A process that cannot be had, or has ended, is replaced by one that is started
  /// now.
  ///
  /// - Throws: `ClusterError.toolFailed` with its stderr when it does not exit with 0.
  func run(_ input: String) async throws -> String {
    let task = next.withLock { next in
      defer { next = nil }
      return next
    }
    defer { prepare() }
    guard input.utf8.count <= Self.inputBytesMax, let waiting = try? await task?.value, waiting.process.isAlive else {
      await dispose(task)
      return try await tool.run(arguments, input: input)
    }
    defer { for file in waiting.files { Glibc.close(file) } }
    let isSent = Self.send(input, to: waiting.input)
    Glibc.close(waiting.input)
    guard isSent else { return try await tool.run(arguments, input: input) }
    // The input stands for a file that `output` does not look at.
    return try await tool.output(of: waiting.process, arguments, [-1] + waiting.files)
  }

  /// Lets the process that waits end.
  func close() async {
    await dispose(
      next.withLock { next in
        defer { next = nil }
        return next
      })
  }

  /// At the end of its input a program ends.
  private func dispose(_ task: Task<Waiting, any Error>?) async {
    guard let waiting = try? await task?.value else { return }
    for descriptor in [waiting.input] + waiting.files { Glibc.close(descriptor) }
    _ = await waiting.process.end(withinSeconds: Tool.secondsMax)
  }

  private func start() async throws -> Waiting {
    var ends: [Int32] = [-1, -1]
    guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
      throw ClusterError.system("making a socket pair", errno: errno)
    }
    defer { Glibc.close(ends[1]) }
    do {
      let files = try Tool.memoryFiles(2)
      do {
        return Waiting(process: try await tool.start(arguments, [ends[1]] + files, nil), input: ends[0], files: files)
      } catch {
        for file in files { Glibc.close(file) }
        throw error
      }
    } catch {
      Glibc.close(ends[0])
      throw error
    }
  }

  /// Whether all of it was taken.
  private static func send(_ text: String, to socket: Int32) -> Bool {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }
}
