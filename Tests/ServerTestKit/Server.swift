import Foundation
import Glibc
import Synchronization

/// A process of a bundled system, in a test: where it listens, what it keeps, and how it was started. Killed with the last reference.
package final class Server {
  package let program: String
  package let id: Int
  package let clients: Address
  package let peers: Address
  package let data: String
  private let errorsFile: String
  private var process: Process?
  private var ended: AsyncStream<Never>?

  /// The program: in `FAULTLINE_BIN`, or where this test bundle was built.
  package static func executable(_ program: String) -> String {
    if let folder = ProcessInfo.processInfo.environment["FAULTLINE_BIN"] { return folder + "/" + program }
    let link = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    let beside = URL(fileURLWithPath: link).deletingLastPathComponent().appendingPathComponent(program).path
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    return FileManager.default.isExecutableFile(atPath: beside)
      ? beside : root.appendingPathComponent(".build/debug/" + program).path
  }

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

  /// - Parameter program: `raft-kv`, …
  package init(_ program: String, id: Int, in folder: Folder) throws {
    self.program = program
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
  package func arguments(in cluster: [Server]) -> [String] {
    [
      "--id", "\(id)", "--listen", "\(clients)", "--peer-listen", "\(peers)", "--data", data, "--peers",
      cluster.map { "\($0.id)=\($0.peers)" }.joined(separator: ","),
    ]
  }

  /// Starts the process. Its log goes to a file, from the beginning.
  package func start(_ arguments: [String]) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: Self.executable(program))
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
  package func exitStatus() async -> Int32? {
    guard let process, let ended else { return nil }
    for await _ in ended {}
    return process.isRunning ? nil : process.terminationStatus
  }

  package func kill9() { if let process, process.isRunning { kill(process.processIdentifier, SIGKILL) } }

  /// Kills the process and waits until it is gone, and with it its ports and its lock.
  package func crash() async {
    kill9()
    _ = await exitStatus()
  }

  /// What the process wrote to stderr since it started.
  package func log() throws -> String { try String(contentsOfFile: errorsFile, encoding: .utf8) }

  package var walPath: String { data + "/wal" }
}

/// A folder for the data of one test; removed with it.
package final class Folder {
  package let path: String

  package init() throws {
    path = FileManager.default.temporaryDirectory.appendingPathComponent("server-test-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}

package struct TookTooLong: Error, CustomStringConvertible {
  package let description: String

  package init(description: String) { self.description = description }
}

/// Asks again and again until the answer is not nil.
/// - Throws: ``TookTooLong`` after 120 s, with the last error of `condition`.
package func eventually<Value>(_ what: String, _ condition: () async throws -> Value?) async throws -> Value {
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
