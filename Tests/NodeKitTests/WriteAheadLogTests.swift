import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import Testing

@testable import NodeKit

@Suite struct WriteAheadLogTests {
  /// Opens a log, appends each payload as a record of its own, and closes it.
  private func write(_ payloads: [[UInt8]], to directory: TemporaryDirectory, _ test: TestLoop) async throws {
    for payload in payloads {
      let done = test.loop.makePromise(of: Void.self)
      let log = try await test.run {
        let (log, _) = try WriteAheadLog.open(
          directory: directory.path, loop: test.loop, thread: test.disk, replay: { _ in },
          durable: { _ in done.succeed() }, failed: { done.fail($0) })
        log.append(payload, sequence: 1)
        return NIOLoopBound(log, eventLoop: test.loop)
      }
      try await done.futureResult.get()
      try await test.run { #expect(log.value.recordCount == 1) }
      // The disk thread may hold the file, and so its lock, until it has put its last task away.
      try await test.disk.runIfActive(eventLoop: test.loop) {}.get()
    }
  }

  private func recover(
    _ directory: TemporaryDirectory, _ test: TestLoop
  ) async throws -> (payloads: [[UInt8]], torn: Int) {
    try await test.run {
      var payloads: [[UInt8]] = []
      let (_, recovery) = try WriteAheadLog.open(
        directory: directory.path, loop: test.loop, thread: test.disk, replay: { payloads.append($0) },
        durable: { _ in }, failed: { _ in })
      return (payloads, recovery.tornBytes)
    }
  }

  private let payloads: [[UInt8]] = [Array("first".utf8), Array(repeating: 7, count: 40), Array("the last one".utf8)]

  @Test func whatWasAppendedIsReplayed() async throws {
    let test = TestLoop()
    let directory = try TemporaryDirectory()
    try await write(payloads, to: directory, test)
    let recovered = try await recover(directory, test)
    #expect(recovered.payloads == payloads)
    #expect(recovered.torn == 0)
    try await test.stop()
  }

  @Test func aTailTornAtAnyByteIsCutOffAndTheLogGoesOn() async throws {
    let test = TestLoop()
    let directory = try TemporaryDirectory()
    try await write(Array(payloads.dropLast()), to: directory, test)
    let start = try directory.read("wal").count
    try await write([payloads[2]], to: directory, test)
    let whole = try directory.read("wal")
    for length in start..<whole.count {
      try directory.write(Array(whole.prefix(length)), to: "wal")
      let recovered = try await recover(directory, test)
      #expect(recovered.payloads == Array(payloads.dropLast()))
      #expect(recovered.torn == length - start)
      #expect(try directory.read("wal").count == start)
      // Zeros where the record was to be: the size was written, the data not.
      try directory.write(Array(whole.prefix(length)) + Array(repeating: 0, count: whole.count - length), to: "wal")
      #expect(try await recover(directory, test).payloads == Array(payloads.dropLast()))
    }
    try await write([payloads[2]], to: directory, test)
    #expect(try await recover(directory, test).payloads == payloads)
    try await test.stop()
  }

  @Test func aFileTornWhileItWasMadeIsStartedAnew() async throws {
    let test = TestLoop()
    let directory = try TemporaryDirectory()
    for length in 0..<LogRecord.fileHeader.count {
      try directory.write(Array(LogRecord.fileHeader.prefix(length)), to: "wal")
      #expect(try await recover(directory, test).payloads == [])
      #expect(try directory.read("wal") == LogRecord.fileHeader)
    }
    try await test.stop()
  }

  @Test func aFlippedBitInTheLastRecordIsATornTail() async throws {
    let test = TestLoop()
    let directory = try TemporaryDirectory()
    try await write(Array(payloads.dropLast()), to: directory, test)
    let start = try directory.read("wal").count
    try await write([payloads[2]], to: directory, test)
    let whole = try directory.read("wal")
    for position in start..<whole.count {
      var damaged = whole
      damaged[position] ^= 1 << UInt8(position % 8)
      try directory.write(damaged, to: "wal")
      #expect(try await recover(directory, test).payloads == Array(payloads.dropLast()))
    }
    try await test.stop()
  }

  @Test func aFlippedBitBeforeAValidRecordIsARefusalToStart() async throws {
    let test = TestLoop()
    let directory = try TemporaryDirectory()
    try await write(Array(payloads.dropLast()), to: directory, test)
    let start = try directory.read("wal").count
    try await write([payloads[2]], to: directory, test)
    let whole = try directory.read("wal")
    for position in 0..<start {
      var damaged = whole
      damaged[position] ^= 1 << UInt8(position % 8)
      try directory.write(damaged, to: "wal")
      await #expect(throws: LogCorruption.self) { try await recover(directory, test) }
      #expect(try directory.read("wal") == damaged, "a refusal must not touch the evidence")
    }
    try await test.stop()
  }

  /// A client's value that looks like a record must not turn a torn tail into corruption.
  @Test func aRecordInsideATornRecordIsNone() async throws {
    let test = TestLoop()
    let directory = try TemporaryDirectory()
    let disguised = LogRecord.encode(body: [1, 0, 0, 0, 9], at: 0) + Array(repeating: 0, count: 20)
    try await write([payloads[0], disguised], to: directory, test)
    let whole = try directory.read("wal")
    try directory.write(whole.dropLast(), to: "wal")
    #expect(try await recover(directory, test).payloads == [payloads[0]])
    try await test.stop()
  }

  @Test func twoServersCannotShareALog() async throws {
    let test = TestLoop()
    let directory = try TemporaryDirectory()
    let file = try POSIXFile(path: directory.path + "/wal")
    await #expect(throws: FileError.self) { try await recover(directory, test) }
    withExtendedLifetime(file) {}
    try await test.stop()
  }

  @Test func checksumsAreThoseOfTheStandard() {
    var crc = CRC32()
    crc.update(Array("123456789".utf8))
    #expect(crc.value == 0xCBF4_3926)
  }
}

/// Records calls; a sync waits for the test's permission.
private final class RecordingFile: LogFile {
  enum Call: Equatable {
    case write(bytes: Int)
    case sync
    case durable(UInt64)
  }

  let calls = NIOLockedValueBox<[Call]>([])
  let permission = ConditionLock(value: 0)
  let failsSync: Bool

  init(failsSync: Bool = false) { self.failsSync = failsSync }

  func write(_ bytes: [UInt8], at offset: Int) throws {
    calls.withLockedValue { $0.append(.write(bytes: bytes.count)) }
  }

  func sync() throws {
    permission.lock(whenValue: 1)
    permission.unlock(withValue: 0)
    if failsSync { throw FileError(call: "fdatasync", path: "wal", code: 5) }
    calls.withLockedValue { $0.append(.sync) }
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
        file: file, end: 0, loop: test.loop, thread: test.disk,
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
        file: file, end: 0, loop: test.loop, thread: test.disk, durable: { _ in failure.succeed() },
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
}
