import Foundation
import Glibc
import Synchronization

/// A `raft-kv` process of a test: where it listens, what it keeps, and how it was started. Killed with the last reference.
final class Server {
  let id: Int
  let clients: Address
  let peers: Address
  let data: String
  private let errorsFile: String
  private var process: Process?
  private var ended: AsyncStream<Never>?

  /// `FAULTLINE_BIN`, or where this test bundle was built.
  static let executable: String = {
    if let folder = ProcessInfo.processInfo.environment["FAULTLINE_BIN"] { return folder + "/raft-kv" }
    let link = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    let beside = URL(fileURLWithPath: link).deletingLastPathComponent().appendingPathComponent("raft-kv").path
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    return FileManager.default.isExecutableFile(atPath: beside)
      ? beside : root.appendingPathComponent(".build/debug/raft-kv").path
  }()

  private static let lastHost = Mutex(0)

  /// A loopback address that only this server of this test process uses, so that its ports stay free while it is down.
  private static func ownHost() -> String {
    let number = lastHost.withLock {
      $0 += 1
      return $0
    }
    let process = Int(getpid())
    return "127.\(1 + process / 250 % 250).\(process % 250).\(number)"
  }

  init(id: Int, in folder: Folder) throws {
    self.id = id
    let host = Self.ownHost()
    clients = try Address.free(on: host)
    var other = try Address.free(on: host)
    while other == clients { other = try Address.free(on: host) }
    peers = other
    data = "\(folder.path)/n\(id)/data"
    errorsFile = "\(folder.path)/n\(id).log"
  }

  deinit { kill9() }

  /// The flags that every server needs.
  func arguments(in cluster: [Server]) -> [String] {
    [
      "--id", "\(id)", "--listen", "\(clients)", "--peer-listen", "\(peers)", "--data", data, "--peers",
      cluster.map { "\($0.id)=\($0.peers)" }.joined(separator: ","),
    ]
  }

  /// Starts the process. Its log goes to a file, from the beginning.
  func start(_ arguments: [String]) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: Self.executable)
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    try Data().write(to: URL(fileURLWithPath: errorsFile))
    process.standardError = FileHandle(forWritingAtPath: errorsFile)
    let (ended, gate) = AsyncStream.makeStream(of: Never.self)
    process.terminationHandler = { _ in gate.finish() }
    try process.run()
    self.process = process
    self.ended = ended
  }

  /// Waits for the process to end by itself.
  func exitStatus() async -> Int32? {
    guard let process, let ended else { return nil }
    for await _ in ended {}
    return process.isRunning ? nil : process.terminationStatus
  }

  func kill9() { if let process, process.isRunning { kill(process.processIdentifier, SIGKILL) } }

  /// Kills the process and waits until it is gone, and with it its ports and its lock.
  func crash() async {
    kill9()
    _ = await exitStatus()
  }

  /// What the process wrote to stderr since it started.
  func log() throws -> String { try String(contentsOfFile: errorsFile, encoding: .utf8) }

  var walPath: String { data + "/wal" }
}

/// A folder for the data of one test; removed with it.
final class Folder {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.appendingPathComponent("raft-kv-test-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// What `/status` says.
struct Status: Codable, Equatable, Sendable {
  var id: Int
  var role: String
  var term: Int
  var leader: Int?
  var commit: Int
  var applied: Int
  var lastIndex: Int
  var stateHash: String
  var keys: Int
  var droppedMessages: Int
}

/// What `/status` says of the membership, and of what the server keeps.
struct KeptStatus: Codable, Equatable, Sendable {
  var members: [Int]
  var snapshotIndex: Int
  var firstIndex: Int
  var walBytes: Int
}

struct TookTooLong: Error, CustomStringConvertible {
  let description: String
}

/// Asks again and again until the answer is not nil.
/// - Throws: ``TookTooLong`` after 20 s, with the last error of `condition`.
func eventually<Value>(_ what: String, _ condition: () async throws -> Value?) async throws -> Value {
  let deadline = ContinuousClock.now + .seconds(120)
  var reason = "it did not happen"
  while ContinuousClock.now < deadline {
    do {
      if let value = try await condition() { return value }
    } catch {
      reason = "\(error)"
    }
    try await Task.sleep(for: .milliseconds(5))
  }
  throw TookTooLong(description: "\(what): \(reason)")
}
