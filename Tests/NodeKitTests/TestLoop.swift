import Glibc
import NIOCore
import NIOPosix

/// One event loop and one disk thread for a test, and a way to run code on the loop.
final class TestLoop: Sendable {
  let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
  let disk = NIOThreadPool(numberOfThreads: 1)
  var loop: any EventLoop { group.next() }

  init() { disk.start() }

  func run<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await loop.submit(body).get()
  }

  func stop() async throws {
    try await disk.shutdownGracefully()
    try await group.shutdownGracefully()
  }
}

/// A directory of its own for a test, removed at the end.
final class TemporaryDirectory: Sendable {
  let path: String

  init() throws {
    var template = Array("/tmp/nodekit-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Errno(code: errno) }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  struct Errno: Error { let code: Int32 }

  func write(_ bytes: [UInt8], to name: String) throws {
    let descriptor = open("\(path)/\(name)", O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    guard descriptor >= 0 else { throw Errno(code: errno) }
    defer { close(descriptor) }
    guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count else { throw Errno(code: errno) }
  }

  func read(_ name: String) throws -> [UInt8] {
    let descriptor = open("\(path)/\(name)", O_RDONLY)
    guard descriptor >= 0 else { throw Errno(code: errno) }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    let count = Glibc.read(descriptor, &bytes, bytes.count)
    guard count >= 0 else { throw Errno(code: errno) }
    return Array(bytes.prefix(count))
  }

  deinit {
    for name in ["wal", "wal.new", "snapshot", "snapshot.new", "identity", "identity.new"] { unlink("\(path)/\(name)") }
    rmdir(path)
  }
}
