import CLinux
import Dispatch
import Glibc
import Synchronization

/// The controller's end of one disk's server: commands one after the other.
final class DiskLink: Sendable {
  /// Bytes of an answer; a disk with more files than that says is told apart by no report anyway.
  private static let answerBytesMax = 16 << 20

  let directory: String
  /// The directory beneath, past the layer.
  let beneath: String
  private let process: WatchedProcess
  private let toServer: Int32
  private let fromServer: Int32
  private let turn = AsyncLock()

  /// Starts the server of a disk and mounts it.
  static func start(over directory: String, beneath: String) async throws -> DiskLink {
    var input: [Int32] = [-1, -1]
    var output: [Int32] = [-1, -1]
    let errors = fl_open("/dev/null", O_WRONLY, 0)
    guard fl_pipe(&input) == 0, fl_pipe(&output) == 0, errors >= 0 else {
      let error = errno
      for descriptor in input + output + [errors] where descriptor >= 0 { close(descriptor) }
      throw ClusterError.system("making the pipes of a disk's server", errno: error)
    }
    defer { for descriptor in [input[0], output[1], errors] { close(descriptor) } }
    let launch = ProcessLaunch(
      executable: "/proc/self/exe", arguments: [DiskCommand.programArgument, beneath, directory],
      environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"], workingDirectory: "/", hostName: nil,
      networkNamespace: nil, input: input[0], output: output[1], errors: errors)
    do {
      let link = DiskLink(directory, beneath, try await launch.start(), to: input[1], from: output[0])
      _ = try await link.ask(.mount)
      return link
    } catch let failure as ProcessLaunch.Failure {
      close(input[1])
      close(output[0])
      throw ClusterError.system("starting a disk's server: \(failure.call)", errno: failure.errno)
    }
  }

  private init(_ directory: String, _ beneath: String, _ process: WatchedProcess, to: Int32, from: Int32) {
    self.directory = directory
    self.beneath = beneath
    self.process = process
    toServer = to
    fromServer = from
  }

  deinit {
    close(toServer)
    close(fromServer)
  }

  /// The lines of the answer.
  ///
  /// - Throws: `ClusterError.toolFailed` with the server's reason, or when it is gone.
  func ask(_ command: DiskCommand) async throws -> [String] {
    try await turn.with { [self] in
      try await withCheckedThrowingContinuation { continuation in
        DispatchQueue.global().async { continuation.resume(with: Result { try self.exchange(command) }) }
      }
    }
  }

  /// Ends the server; the mount ends with it. Nothing happens when it is gone.
  func end() async {
    _ = try? await ask(.unmount)
    process.signal(SIGKILL)
    _ = await process.end(withinSeconds: NodeRuntime.settleSecondsMax)
  }

  private func exchange(_ command: DiskCommand) throws -> [String] {
    try SmallFile.write(command.text + "\n", to: toServer, what: "to a disk's server")
    var bytes: [UInt8] = []
    var linesMissing = 1
    var chunk = [UInt8](repeating: 0, count: 4096)
    while linesMissing > 0 {
      let count = read(fromServer, &chunk, chunk.count)
      if count < 0 && errno == EINTR { continue }
      guard count > 0, bytes.count < Self.answerBytesMax else { throw failure(command, "its server has ended") }
      bytes += chunk[..<count]
      linesMissing = Self.linesWanted(bytes) - bytes.count { $0 == 0x0A }
    }
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    guard lines[0].hasPrefix("ok ") else { throw failure(command, String(lines[0].dropFirst(6))) }
    return Array(lines.dropFirst())
  }

  /// The first line of an answer says how many follow.
  private static func linesWanted(_ bytes: [UInt8]) -> Int {
    guard let end = bytes.firstIndex(of: 0x0A) else { return 1 }
    let words = String(decoding: bytes[..<end], as: UTF8.self).split(separator: " ")
    return 1 + (words.first == "ok" ? words.last.flatMap { Int($0) } ?? 0 : 0)
  }

  private func failure(_ command: DiskCommand, _ reason: String) -> ClusterError {
    .toolFailed(command: "the disk of \(directory): \(command.text)", reason: reason)
  }
}
