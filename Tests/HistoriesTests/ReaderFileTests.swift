import Foundation
import Histories
import Testing

/// Files, directories and what else a path can be.
@Suite final class ReaderFileTests {
  private let folder = FileManager.default.temporaryDirectory.appending(path: "readers-\(UUID().uuidString)").path
  private static let line = "{\"process\":0,\"type\":\"invoke\",\"f\":\"r\"}\n"

  init() throws { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) }
  deinit { try? FileManager.default.removeItem(atPath: folder) }

  private func file(_ name: String, _ text: String) -> String {
    let path = "\(folder)/\(name)"
    #expect(FileManager.default.createFile(atPath: path, contents: Data(text.utf8)))
    return path
  }

  private func error(_ path: String, _ reader: HistoryReader = HistoryReader()) -> String {
    do throws(HistoryFileError) {
      let read = try reader.read(path: path)
      return "read \(read.history.count) events"
    } catch { return error.description.replacing(folder, with: "F") }
  }

  @Test func `files are named in errors`() throws {
    let path = file("a.jsonl", Self.line + "{")
    #expect(error(path) == "F/a.jsonl:2:2: expected a quoted key" + ReaderErrorTests.torn)
    #expect(try HistoryReader().read(path: file("b", Self.line)).name == folder + "/b")
    #expect(error(file("empty", "")) == "F/empty: holds no event")
    #expect(error(folder + "/none") == "F/none: cannot be opened: No such file or directory")
    #expect(error("a\0b").hasSuffix("a path cannot hold a NUL byte"))
  }

  @Test func `what is no file is refused at once`() {
    #expect(error("/dev/zero") == "/dev/zero: a device; expected a file, or its contents on standard input")
    #expect(error(folder) == "F: a directory without history.jsonl; expected a history or a run's directory")
  }

  @Test func `a sparse file of 10 GB is refused at once, whatever the limit`() throws {
    let path = file("sparse", "")
    #expect(truncate(path, 10 << 30) == 0)
    let start = ContinuousClock.now
    #expect(
      error(path)
        == "F/sparse: 10737418240 bytes, more than the limit of 4294967296 bytes: split the history"
    )
    #expect(
      error(path, HistoryReader(format: .edn, bytesMax: 12 << 30))
        == "F/sparse: a hole begins at byte 1: from there on, nothing was written for a while")
    #expect(ContinuousClock.now - start < .seconds(5))
  }

  @Test func `a run directory's history may end within a line`() throws {
    _ = file("history.jsonl", Self.line + "{\"process\":1,\"ty")
    let read = try HistoryReader().read(path: folder)
    #expect(read.isRunDirectory)
    #expect(read.history.count == 1)
    #expect(read.skipped[.tornEnd] == 1)
    #expect(error(folder + "/history.jsonl").hasPrefix("F/history.jsonl:2:14: "))
    _ = file("history.jsonl", Self.line + "{\"process\":1,\"ty\n" + Self.line)
    #expect(error(folder).hasPrefix("F/history.jsonl:2:14: "))
    _ = file("history.jsonl", "{\"type\":\"ok\",\"f\":\"r\"}\n")
    #expect(error(folder).hasPrefix("F/history.jsonl:1:1: 'process' is missing"))
  }

  @Test func `a named pipe is read when its writer comes`() async throws {
    let path = folder + "/pipe"
    #expect(mkfifo(path, 0o600) == 0)
    let reading = Task.detached { try HistoryReader().read(path: path) }
    // Opening waits for the reader.
    let writer = try #require(FileHandle(forWritingAtPath: path))
    try writer.write(contentsOf: Data(Self.line.utf8.prefix(5)))
    try writer.write(contentsOf: Data(Self.line.utf8.dropFirst(5)))
    try writer.close()
    #expect(try await reading.value.history.count == 1)
  }

  /// While it is read, the file is cut short again and again: a mapped one would end the process.
  @Test func `a file that shrinks while it is read is short, not fatal`() async throws {
    let whole = String(repeating: "{\"process\":\"nemesis\",\"type\":\"info\",\"f\":\"r\"}\n", count: 100_000)
    let path = file("shrinking", whole)
    let reading = Task.detached {
      (0..<10).map { _ in (try? HistoryReader(isLenient: true).read(path: path))?.history.count }
    }
    for round in 0..<200 {
      #expect(truncate(path, round % 2 == 0 ? 1 << 12 : 1 << 13) == 0)
      try Data(whole.utf8.prefix(4 << 20)).write(to: URL(fileURLWithPath: path), options: [])
    }
    #expect(await reading.value.count == 10)
  }

  @Test func `a pipe is read to its end, within the limit`() throws {
    func read(_ text: String, _ reader: HistoryReader) throws -> ReadHistory {
      let pipe = Pipe()
      pipe.fileHandleForWriting.write(Data(text.utf8))
      try pipe.fileHandleForWriting.close()
      return try reader.read(descriptor: pipe.fileHandleForReading.fileDescriptor)
    }
    #expect(try read(Self.line, HistoryReader()).history.count == 1)
    let tooLarge = #expect(throws: HistoryFileError.self) { try read(Self.line, HistoryReader(bytesMax: 8)) }
    #expect(
      tooLarge?.description
        == "standard input: more than 8 bytes, more than the limit of 8 bytes: split the history")
    #expect(throws: HistoryFileError.self) { try read("what is this", HistoryReader()) }
  }
}
