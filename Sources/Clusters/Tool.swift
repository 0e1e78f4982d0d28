import CLinux
import Glibc

/// Running an external program to its end.
struct Tool: Hashable, Sendable {
  /// Output beyond it is cut. A full mesh of 200 nodes is 40,000 rules of some 70 bytes.
  static let outputBytesMax = 16 << 20
  /// A program that takes longer is killed.
  static let secondsMax = 30.0
  /// Where Debian keeps what an ordinary user's PATH lacks.
  private static let systemDirectories = ["/usr/sbin", "/sbin", "/usr/local/sbin"]

  var path: String

  /// The program of that name, or nil when it is not installed.
  static func find(_ name: String) -> Tool? {
    let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
    let directories = path.split(separator: ":").map(String.init) + systemDirectories
    return directories.map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }.map(Tool.init(path:))
  }

  /// What it prints on stdout. Files in memory serve as its input and outputs: no pipe that could fill up.
  ///
  /// - Throws: `ClusterError.toolFailed` with its stderr when it does not exit with 0.
  func run(_ arguments: [String], input: String = "", networkNamespace: Int32? = nil) async throws -> String {
    let files = try Self.memoryFiles(3)
    defer { for file in files { close(file) } }
    try SmallFile.write(input, to: files[0], what: "the input of \(path)")
    lseek(files[0], 0, SEEK_SET)
    let process = try await start(arguments, files, networkNamespace)
    return try await output(of: process, arguments, files)
  }

  /// Empty files in memory; none is left open when one cannot be made.
  static func memoryFiles(_ count: Int) throws -> [Int32] {
    let files = (0..<count).map { _ in fl_memory_file("faultline-tool") }
    let error = errno
    guard files.allSatisfy({ $0 >= 0 }) else {
      for file in files where file >= 0 { close(file) }
      throw ClusterError.system("making a memory file", errno: error)
    }
    return files
  }

  /// What a started program prints until its end.
  ///
  /// - Parameter files: those that were given to `start`.
  func output(of process: WatchedProcess, _ arguments: [String], _ files: [Int32]) async throws -> String {
    let end = await process.end(withinSeconds: Self.secondsMax)
    guard let end else {
      process.signalGroup(SIGKILL)
      throw failure(arguments, "it took longer than \(Self.secondsMax) s")
    }
    guard end.code == 0 else {
      lseek(files[2], 0, SEEK_SET)
      let said = SmallFile.content(of: files[2], bytesMax: SmallFile.bytesMax) ?? ""
      let how = end.signal.map { "it was ended by signal \($0)" } ?? "it exited with \(end.code ?? -1)"
      throw failure(arguments, said.isEmpty ? how : "\(how): \(said)")
    }
    lseek(files[1], 0, SEEK_SET)
    return SmallFile.content(of: files[1], bytesMax: Self.outputBytesMax) ?? ""
  }

  /// - Parameter files: for its input, output and errors.
  func start(_ arguments: [String], _ files: [Int32], _ network: Int32?) async throws -> WatchedProcess {
    let launch = ProcessLaunch(
      executable: path, arguments: arguments, environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"],
      workingDirectory: "/", hostName: nil, networkNamespace: network, input: files[0], output: files[1],
      errors: files[2])
    do {
      return try await launch.start()
    } catch let problem as ProcessLaunch.Failure {
      throw failure(arguments, "\(problem.call): \(errnoText(problem.errno))")
    }
  }

  private func failure(_ arguments: [String], _ reason: String) -> ClusterError {
    .toolFailed(command: ([path] + arguments).joined(separator: " "), reason: reason)
  }
}
