import Testing

@testable import Runs

/// The end of a log, within a limit.
@Suite struct LogTailTests {
  private func tail(_ text: String, _ bytesMax: Int) throws -> String {
    let folder = try ScratchFolder()
    try folder.write(text, to: "log")
    return String(decoding: try LogTail.bytes(of: folder.file("log"), bytesMax: bytesMax), as: UTF8.self)
  }

  @Test func `an empty log is empty`() throws { #expect(try tail("", 10) == "") }

  @Test(arguments: [10, 11, 1000])
  func `a log within the limit is whole`(limit: Int) throws {
    #expect(try tail("aaaa\nbbbb\n", limit) == "aaaa\nbbbb\n")
  }

  @Test(arguments: [6, 7, 8, 9])
  func `a cut line is left out`(limit: Int) throws { #expect(try tail("aaaa\nbbbb\n", limit) == "bbbb\n") }

  @Test func `a line that begins where the tail does is whole`() throws {
    #expect(try tail("aaaa\nbbbb\n", 5) == "bbbb\n")
    #expect(try tail("aaaa\nbbbb\ncccc", 9) == "bbbb\ncccc")
  }

  @Test func `an unterminated last line is there`() throws { #expect(try tail("aaaa\nbbbb", 7) == "bbbb") }

  @Test func `a line longer than the limit shows its end`() throws {
    #expect(try tail("aaaabbbb", 4) == "bbbb")
    #expect(try tail("aaaabbbb\n", 4) == "bbb\n")
  }

  @Test func `the last lines are asked for by number`() throws {
    let folder = try ScratchFolder()
    try folder.write("one\ntwo\n\nthree\n", to: "log")
    #expect(try LogTail.lines(of: folder.file("log"), count: 2, bytesMax: 100) == ["two", "three"])
    #expect(try LogTail.lines(of: folder.file("log"), count: 9, bytesMax: 8) == ["three"])
  }

  @Test func `a log that is not there is an error`() throws {
    let folder = try ScratchFolder()
    #expect(throws: (any Error).self) { try LogTail.bytes(of: folder.file("none")) }
  }
}

/// Where the time of a run went.
@Suite struct PhaseTimesTests {
  /// Works until the clock has moved on by so much.
  private func spend(nanoseconds: Int64) {
    let end = RunClock.monotonic() + nanoseconds
    while RunClock.monotonic() < end {}
  }

  @Test func `time belongs to the phase that ends, and none is counted twice`() {
    let start = RunClock.monotonic()
    var times = PhaseTimes()
    #expect(times.seconds.isEmpty)
    spend(nanoseconds: 2_000_000)
    times.end("setup")
    times.end("load")
    spend(nanoseconds: 1_000_000)
    times.end("setup")
    let elapsed = Double(RunClock.monotonic() - start) / 1e9
    #expect(times.seconds.keys.sorted() == ["load", "setup"])
    #expect(times.seconds["setup", default: 0] >= 0.003)
    #expect(times.seconds["load", default: -1] >= 0)
    #expect(times.seconds.values.reduce(0, +) <= elapsed + 1e-6)
  }
}
