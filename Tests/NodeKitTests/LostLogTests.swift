import Testing

@testable import NodeKit

/// A log that is gone, or was emptied, in a directory that was used before.
@Suite struct LostLogTests {
  private func open(_ directory: TemporaryDirectory, _ test: TestLoop, witness: String?) async throws {
    try await test.run {
      _ = try WriteAheadLog.open(
        directory: directory.path, witness: witness, loop: test.loop, thread: test.disk, replay: { _ in },
        durable: { _ in }, failed: { _ in })
    }
  }

  @Test func aMissingLogBesideAWitnessIsRefusedAndNotMade() async throws {
    let test = TestLoop()
    let directory = try TemporaryDirectory()
    try directory.write([1, 2, 3], to: "wal.new")
    let error = await #expect(throws: LogMissing.self) { try await open(directory, test, witness: "/the/snapshot") }
    #expect(error?.description.contains("\(directory.path)/wal is missing, but /the/snapshot is there") == true)
    #expect(throws: TemporaryDirectory.Errno.self) { try directory.read("wal") }
    #expect(try directory.read("wal.new") == [1, 2, 3], "a refusal must not touch the evidence")
    try await test.stop()
  }

  /// Without a witness, each of these is what a crash leaves of the first start.
  @Test func aLogShorterThanItsHeaderIsNewOnlyWithoutAWitness() async throws {
    let test = TestLoop()
    let header = LogRecord.fileHeader
    for contents in (0..<header.count).map({ Array(header.prefix($0)) }) + [Array(repeating: 0, count: header.count)] {
      let directory = try TemporaryDirectory()
      try directory.write(contents, to: "wal")
      let error = await #expect(throws: LogMissing.self) { try await open(directory, test, witness: "/the/snapshot") }
      #expect(error?.bytes == contents.count)
      #expect(try directory.read("wal") == contents, "a refusal must not touch the evidence")
      try await open(directory, test, witness: nil)
      #expect(try directory.read("wal") == header)
      try await open(directory, test, witness: "/the/snapshot")
    }
    try await test.stop()
  }
}
