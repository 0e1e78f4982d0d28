import NIOCore
import NIOPosix
import Testing

@testable import NodeKit

/// A log that begins anew, on a real disk, and what each moment of a crash leaves of it.
@Suite struct LogReplacementTests {
  /// Opens the log, lets `use` work with it, waits until sequence `last` is durable, and closes it.
  private func use(
    _ directory: TemporaryDirectory, _ test: TestLoop, until last: UInt64,
    _ use: @escaping @Sendable (WriteAheadLog) -> Void
  ) async throws {
    let done = test.loop.makePromise(of: Void.self)
    let log = try await test.run {
      let (log, _) = try WriteAheadLog.open(
        directory: directory.path, loop: test.loop, thread: test.disk, replay: { _ in },
        durable: { if $0 == last { done.succeed() } }, failed: { done.fail($0) })
      use(log)
      return NIOLoopBound(log, eventLoop: test.loop)
    }
    try await done.futureResult.get()
    try await test.run { #expect(log.value.end > LogRecord.fileHeader.count) }
    // The disk thread may hold the file, and so its lock, until it has put its last task away.
    try await test.disk.runIfActive(eventLoop: test.loop) {}.get()
  }

  private func recover(_ directory: TemporaryDirectory, _ test: TestLoop) async throws -> [[UInt8]] {
    try await test.run {
      var payloads: [[UInt8]] = []
      _ = try WriteAheadLog.open(
        directory: directory.path, loop: test.loop, thread: test.disk, replay: { payloads.append($0) },
        durable: { _ in }, failed: { _ in })
      return payloads
    }
  }

  @Test func aReplacedLogBeginsWithTheNewPayloadAndGoesOn() async throws {
    let test = TestLoop()
    let directory = try TemporaryDirectory()
    try await use(directory, test, until: 4) { log in
      log.append(Array(repeating: 1, count: 5_000), sequence: 1)
      log.append([2], sequence: 2)
      log.replace(with: [3], sequence: 3)
      log.append([4], sequence: 4)
    }
    #expect(try await recover(directory, test) == [[3], [4]])
    #expect(try directory.read("wal").count < 100, "what is gone takes no space")
    try await use(directory, test, until: 1) { $0.append([5], sequence: 1) }
    try await use(directory, test, until: 1) { $0.replace(with: [6], sequence: 1) }
    try await use(directory, test, until: 1) { $0.append([7], sequence: 1) }
    #expect(try await recover(directory, test) == [[6], [7]])
    try await test.stop()
  }

  /// Before the rename: the old log counts, however much of the new one is there, and the rest of that is removed.
  @Test func aCrashBeforeTheRenameLeavesTheOldLog() async throws {
    let test = TestLoop()
    let directory = try TemporaryDirectory()
    try await use(directory, test, until: 1) { $0.replace(with: [9, 9, 9], sequence: 1) }
    let next = try directory.read("wal")
    try directory.write([], to: "wal")
    try await use(directory, test, until: 1) { $0.append([1], sequence: 1) }
    for length in 0...next.count {
      try directory.write(Array(next.prefix(length)), to: "wal.new")
      #expect(try await recover(directory, test) == [[1]])
      #expect(throws: TemporaryDirectory.Errno.self) { try directory.read("wal.new") }
    }
    try directory.write([8], to: "wal.new")
    try await use(directory, test, until: 1) { $0.replace(with: [2], sequence: 1) }
    #expect(try await recover(directory, test) == [[2]])
    try await test.stop()
  }

  /// After the rename: the new file is the log, and a torn record behind its first is cut off as ever.
  @Test func aCrashAfterTheRenameLeavesTheNewLog() async throws {
    let test = TestLoop()
    let directory = try TemporaryDirectory()
    try await use(directory, test, until: 1) { $0.replace(with: [3], sequence: 1) }
    let whole = try directory.read("wal")
    try await use(directory, test, until: 1) { $0.append([4], sequence: 1) }
    let longer = try directory.read("wal")
    for length in whole.count..<longer.count {
      try directory.write(Array(longer.prefix(length)), to: "wal")
      #expect(try await recover(directory, test) == [[3]])
    }
    try await test.stop()
  }

  @Test func theNewFileIsLockedToo() async throws {
    let test = TestLoop()
    let directory = try TemporaryDirectory()
    let done = test.loop.makePromise(of: Void.self)
    let log = try await test.run {
      let (log, _) = try WriteAheadLog.open(
        directory: directory.path, loop: test.loop, thread: test.disk, replay: { _ in },
        durable: { _ in done.succeed() }, failed: { done.fail($0) })
      log.replace(with: [1], sequence: 1)
      return NIOLoopBound(log, eventLoop: test.loop)
    }
    try await done.futureResult.get()
    #expect(throws: FileError.self) { _ = try POSIXFile(path: directory.path + "/wal") }
    try await test.run { #expect(log.value.recordCount == 1) }
    try await test.stop()
  }
}

@Suite struct SnapshotFileTests {
  @Test func aValueTakesThePlaceOfTheOneBefore() throws {
    let directory = try TemporaryDirectory()
    let file = SnapshotFile(directory: directory.path)
    #expect(try file.read() == nil)
    try file.write(Array(repeating: 1, count: 100_000))
    try file.write([2, 3])
    #expect(try file.read() == [2, 3])
    #expect(throws: TemporaryDirectory.Errno.self) { try directory.read("snapshot.new") }
  }

  @Test func aCrashBeforeTheRenameLeavesTheOldValue() throws {
    let directory = try TemporaryDirectory()
    let file = SnapshotFile(directory: directory.path)
    try file.write([1])
    try directory.write([2, 2, 2, 2], to: "snapshot.new")
    #expect(try file.read() == [1])
    try file.write([3])
    #expect(try file.read() == [3], "nothing of what was left behind is in it")
  }
}
