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
