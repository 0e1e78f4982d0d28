import Testing

@testable import Clusters

@Suite struct ReadyToolTests {
  private func shell(_ script: String) throws -> ReadyTool {
    ReadyTool(try #require(Tool.find("sh")), ["-c", script])
  }

  @Test func eachCallHasAProcessOfItsOwn() async throws {
    let ready = try shell("echo $$; exec cat")
    ready.prepare()
    var pids: Set<Substring> = []
    for text in ["one", "two", "three"] {
      let lines = try await ready.run("\(text)\n").split(separator: "\n")
      #expect(lines.last == Substring(text))
      pids.insert(lines[0])
    }
    #expect(pids.count == 3)
    await ready.close()
  }

  @Test func failureIsToldInTheProgramsWords() async throws {
    let ready = try shell("cat > /dev/null; echo no such table >&2; exit 3")
    ready.prepare()
    let failure = await #expect(throws: ClusterError.self) { try await ready.run("x") }
    #expect(failure?.description.contains("it exited with 3: no such table") == true)
    await ready.close()
  }

  /// One that nobody prepared, and one that is gone when it is needed.
  @Test func callWorksWithoutAProcessThatWaits() async throws {
    let unprepared = try shell("exec cat")
    #expect(try await unprepared.run("a") == "a")
    await unprepared.close()
    let gone = try shell("exit 0")
    gone.prepare()
    #expect(try await gone.run("a") == "")
    await gone.close()
  }

  @Test func longInputArrivesWhole() async throws {
    let ready = try shell("wc -c")
    ready.prepare()
    for count in [ReadyTool.inputBytesMax, ReadyTool.inputBytesMax + 1] {
      let counted = try await ready.run(String(repeating: "x", count: count))
      #expect(counted.split(separator: "\n").first.flatMap { Int($0) } == count)
    }
    await ready.close()
  }
}
