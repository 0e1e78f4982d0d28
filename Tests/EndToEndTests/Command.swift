import Foundation
import RunStore

/// The built `faultline` as a user starts it.
struct Command {
  /// What a finished command left.
  struct Ended {
    var exit: Int32
    var output: String
    var errors: String
  }

  /// `FAULTLINE_BIN`, or where this test bundle was built.
  static let binaries: String = {
    if let folder = ProcessInfo.processInfo.environment["FAULTLINE_BIN"] { return folder }
    let link = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let beside = URL(fileURLWithPath: link).deletingLastPathComponent()
    return FileManager.default.isExecutableFile(atPath: beside.path + "/faultline")
      ? beside.path : root.appendingPathComponent(".build/debug").path
  }()

  static var faultline: String { binaries + "/faultline" }

  /// Starts `faultline` with these arguments in `folder`; output goes to files there, so that no pipe can block it.
  static func start(_ arguments: [String], in folder: String, environment: [String: String] = [:]) throws -> Running {
    try start(executable: faultline, arguments, in: folder, environment: environment)
  }

  static func start(
    executable: String, _ arguments: [String], in folder: String, environment: [String: String] = [:]
  ) throws -> Running {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: executable)
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    let name = UUID().uuidString
    let files = ["out", "err"].map { "\(folder)/.\(name).\($0)" }
    for file in files { try Data().write(to: URL(fileURLWithPath: file)) }
    process.standardOutput = FileHandle(forWritingAtPath: files[0])
    process.standardError = FileHandle(forWritingAtPath: files[1])
    let (ended, gate) = AsyncStream.makeStream(of: Never.self)
    process.terminationHandler = { _ in gate.finish() }
    try process.run()
    return Running(process: process, files: files, ended: ended)
  }

  /// Starts it and waits for its end.
  static func run(_ arguments: [String], in folder: String, environment: [String: String] = [:]) async throws -> Ended {
    try await start(arguments, in: folder, environment: environment).end()
  }

  struct Running {
    let process: Process
    let files: [String]
    let ended: AsyncStream<Never>

    func end() async throws -> Ended {
      for await _ in ended {}
      let texts = try files.map { try String(contentsOfFile: $0, encoding: .utf8) }
      return Ended(exit: process.terminationStatus, output: texts[0], errors: texts[1])
    }
  }
}

/// A folder for the runs of one test; removed with it.
final class Folder {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.appendingPathComponent("faultline-test-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(
      atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o777])
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The run directory that `store/latest` points at.
  var latest: String { path + "/store/latest" }

  func results() throws -> RunResults { try RunFiles.read(json: RunResults.self, from: latest + "/results.json") }

  func text(_ file: String) throws -> String { try String(contentsOfFile: latest + "/" + file, encoding: .utf8) }
}
