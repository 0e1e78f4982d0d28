import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import Testing

@testable import NodeKit

/// Records calls; a sync waits for the test's permission. It is its own folder, and all files in it.
private final class RecordingFile: LogFile, LogFolder {
  enum Call: Equatable {
    case write(bytes: Int)
    case sync
    case durable(UInt64)
    case makeNext
    case publishNext
  }

  let calls = NIOLockedValueBox<[Call]>([])
  let permission = ConditionLock(value: 0)
  let failsSync: Bool
  let failsPublish: Bool

  init(failsSync: Bool = false, failsPublish: Bool = false) {
    self.failsSync = failsSync
    self.failsPublish = failsPublish
  }

  func write(_ bytes: [UInt8], at offset: Int) throws {
    calls.withLockedValue { $0.append(.write(bytes: bytes.count)) }
  }

  func sync() throws {
    permission.lock(whenValue: 1)
    permission.unlock(withValue: 0)
    if failsSync { throw FileError(call: "fdatasync", path: "wal", code: 5) }
    calls.withLockedValue { $0.append(.sync) }
  }

  func makeNext() -> any LogFile {
    calls.withLockedValue { $0.append(.makeNext) }
    return self
  }

  func publishNext() throws {
    if failsPublish { throw FileError(call: "rename", path: "wal.new", code: 5) }
    calls.withLockedValue { $0.append(.publishNext) }
  }

  func permitSync() {
    permission.lock(whenValue: 0)
    permission.unlock(withValue: 1)
  }
}

@Suite struct GroupCommitTests {
  @Test func nothingIsDurableBeforeItsSyncAndWhatGathersSharesOne() async throws {
    let test = TestLoop()
    let file = RecordingFile()
    let last = test.loop.makePromise(of: Void.self)
    let log = try await test.run {
      let log = WriteAheadLog(
        file: file, in: file, end: 0, loop: test.loop, thread: test.disk,
        durable: { sequence in
          file.calls.withLockedValue { $0.append(.durable(sequence)) }
          if sequence == 4 { last.succeed() }
        }, failed: { last.fail($0) })
      for sequence in 1...4 as ClosedRange<UInt64> { log.append([0, 0], sequence: sequence) }
      return NIOLoopBound(log, eventLoop: test.loop)
    }
    file.permitSync()
    file.permitSync()
    try await last.futureResult.get()
    let body = 6
    #expect(
      file.calls.withLockedValue { $0.filter { $0 != .durable(1) } } == [
        .write(bytes: LogRecord.headerBytes + body), .sync, .write(bytes: LogRecord.headerBytes + 3 * body), .sync,
        .durable(4),
      ])
    let calls = file.calls.withLockedValue { $0 }
    let firstDurable = try #require(calls.firstIndex(of: .durable(1)))
    #expect(firstDurable > 1, "durable(1) follows the first sync")
    try await test.run { #expect(log.value.recordCount == 2) }
    try await test.stop()
  }

  @Test func afterAFailedSyncNothingIsWrittenAnyMore() async throws {
    let test = TestLoop()
    let file = RecordingFile(failsSync: true)
    let failure = test.loop.makePromise(of: Void.self)
    let log = try await test.run {
      let log = WriteAheadLog(
        file: file, in: file, end: 0, loop: test.loop, thread: test.disk, durable: { _ in failure.succeed() },
        failed: { failure.fail($0) })
      log.append([1], sequence: 1)
      log.append([2], sequence: 2)
      return NIOLoopBound(log, eventLoop: test.loop)
    }
    file.permitSync()
    await #expect(throws: FileError.self) { try await failure.futureResult.get() }
    try await test.run { log.value.append([3], sequence: 3) }
    #expect(file.calls.withLockedValue(\.count) == 1)
    try await test.stop()
  }

  /// Opens a log on the recorder whose answers go to its calls, the last of them to `last` too.
  private func open(_ file: RecordingFile, _ test: TestLoop, until sequence: UInt64, _ last: EventLoopPromise<Void>)
    -> WriteAheadLog
  {
    WriteAheadLog(
      file: file, in: file, end: 100, loop: test.loop, thread: test.disk,
      durable: { done in
        file.calls.withLockedValue { $0.append(.durable(done)) }
        if done == sequence { last.succeed() }
      }, failed: { last.fail($0) })
  }

  @Test func aNewFileIsWholeBeforeItGetsTheNameAndDurableAfterIt() async throws {
    let test = TestLoop()
    let file = RecordingFile()
    let last = test.loop.makePromise(of: Void.self)
    let log = try await test.run {
      let log = self.open(file, test, until: 2, last)
      log.replace(with: [7, 7], sequence: 1)
      log.append([8], sequence: 2)
      return NIOLoopBound(log, eventLoop: test.loop)
    }
    file.permitSync()
    file.permitSync()
    try await last.futureResult.get()
    let record = LogRecord.headerBytes + 4
    let calls = file.calls.withLockedValue { $0.filter { $0 != .durable(1) } }
    #expect(
      calls == [
        .makeNext, .write(bytes: LogRecord.fileHeader.count), .write(bytes: record + 2), .sync, .publishNext,
        .write(bytes: record + 1), .sync, .durable(2),
      ])
    let publish = file.calls.withLockedValue { $0.firstIndex(of: .publishNext) }
    let durable = file.calls.withLockedValue { $0.firstIndex(of: .durable(1)) }
    #expect(try #require(publish) < #require(durable))
    try await test.run { #expect(log.value.end == LogRecord.fileHeader.count + 2 * record + 3) }
    try await test.stop()
  }

  /// What waited for the disk is part of what the new payload says.
  @Test func whatGatheredBeforeAReplacementIsNotWritten() async throws {
    let test = TestLoop()
    let file = RecordingFile()
    let last = test.loop.makePromise(of: Void.self)
    try await test.run {
      let log = self.open(file, test, until: 3, last)
      log.append([1], sequence: 1)
      log.append([2, 2, 2], sequence: 2)
      log.replace(with: [3, 3], sequence: 3)
    }
    file.permitSync()
    file.permitSync()
    try await last.futureResult.get()
    let record = LogRecord.headerBytes + 4
    #expect(
      file.calls.withLockedValue { $0.filter { $0 != .durable(1) } } == [
        .write(bytes: record + 1), .sync, .makeNext, .write(bytes: LogRecord.fileHeader.count),
        .write(bytes: record + 2), .sync, .publishNext, .durable(3),
      ])
    try await test.stop()
  }

  @Test func aFileThatDoesNotGetTheNameIsAFailure() async throws {
    let test = TestLoop()
    let file = RecordingFile(failsPublish: true)
    let last = test.loop.makePromise(of: Void.self)
    let log = try await test.run {
      let log = self.open(file, test, until: 1, last)
      log.replace(with: [1], sequence: 1)
      return NIOLoopBound(log, eventLoop: test.loop)
    }
    file.permitSync()
    await #expect(throws: FileError.self) { try await last.futureResult.get() }
    let calls = file.calls.withLockedValue(\.count)
    try await test.run { log.value.append([2], sequence: 2) }
    #expect(file.calls.withLockedValue(\.count) == calls)
    try await test.stop()
  }
}
