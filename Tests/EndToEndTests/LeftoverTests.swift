import Foundation
import RunStore
import Testing

/// Nothing of a run remains on the host, whatever kills it.
@Suite(.serialized) struct LeftoverTests {
  /// What a run could leave behind: interfaces, mounts, firewall rules, processes of ours with this folder in their
  /// environment or arguments.
  struct Traces: Equatable {
    var interfaces: String
    var mounts: String
    var processes: [Int32]

    static func now(marker: String) throws -> Traces {
      Traces(
        interfaces: try String(contentsOfFile: "/proc/net/dev", encoding: .utf8).split(separator: "\n").dropFirst(2)
          .map { $0.split(separator: ":")[0].trimmingCharacters(in: .whitespaces) }.sorted().joined(separator: " "),
        mounts: try String(contentsOfFile: "/proc/self/mountinfo", encoding: .utf8), processes: processes(marker))
    }

    static func processes(_ marker: String) -> [Int32] {
      let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
      return names.compactMap { Int32($0) }.filter { pid in
        pid != getpid()
          && ["cmdline", "environ"].contains { file in
            let data = FileManager.default.contents(atPath: "/proc/\(pid)/\(file)") ?? Data()
            return data.range(of: Data(marker.utf8)) != nil
          }
      }.sorted()
    }
  }

  /// Waits until `condition` holds, asking the kernel again every few milliseconds, for at most 10 s.
  private func eventually(_ condition: () throws -> Bool) async throws -> Bool {
    let deadline = ContinuousClock.now + .seconds(10)
    while ContinuousClock.now < deadline {
      if try condition() { return true }
      try await Task.sleep(for: .milliseconds(5))
    }
    return try condition()
  }

  @Test(arguments: [0, 80, 200, 600, 1500, 4000])
  func `kill -9 of the outer process mid-run leaves nothing`(milliseconds: Int) async throws {
    try await killed(after: milliseconds) { outer, _ in outer }
  }

  @Test(arguments: [100, 700, 3000])
  func `kill -9 of an inner process mid-run leaves nothing`(milliseconds: Int) async throws {
    // The controller is the youngest process of the command's own program that is not the outer one.
    try await killed(after: milliseconds) { outer, all in
      all.filter { $0 != outer }.first { pid in
        let name = (try? String(contentsOfFile: "/proc/\(pid)/comm", encoding: .utf8)) ?? ""
        return name.hasPrefix("faultline")
      } ?? outer
    }
  }

  private func killed(after milliseconds: Int, choose: (Int32, [Int32]) -> Int32) async throws {
    let folder = try Folder()
    let marker = "FAULTLINE_TEST_MARKER=\(UUID().uuidString)"
    let parts = marker.split(separator: "=").map(String.init)
    let before = try Traces.now(marker: marker)
    let run = try Command.start(
      ["run", "raft-kv", "--faults", "partition:every=1s,hold=500ms", "--time", "20s"], in: folder.path,
      environment: [parts[0]: parts[1]])
    try await Task.sleep(for: .milliseconds(milliseconds))  // the moment is the test's input
    kill(choose(run.process.processIdentifier, Traces.processes(marker)), SIGKILL)
    _ = try await run.end()
    #expect(try await eventually { try Traces.now(marker: marker) == before }, "\(Traces.processes(marker))")
  }

  @Test func `a reader that goes away does not cost the verdict`() async throws {
    let folder = try Folder()
    let script = "'\(Command.faultline)' run raft-kv --set bug=stale-read --time 3s | true; exit ${PIPESTATUS[0]}"
    let ended = try await Command.start(executable: "/bin/bash", ["-c", script], in: folder.path).end()
    #expect(ended.exit == 1, "\(ended.errors)")
    #expect(try folder.results().exit == 1)
  }

  @Test func `Ctrl-C ends a run with what it has, exit 130`() async throws {
    let folder = try Folder()
    let run = try Command.start(["run", "raft-kv", "--faults", "partition,kill", "--time", "60s"], in: folder.path)
    #expect(try await eventually { (try? folder.text("history.jsonl").count) ?? 0 > 1_000 })
    kill(run.process.processIdentifier, SIGINT)
    let ended = try await run.end()
    #expect(ended.exit == 130, "\(ended.output)\n\(ended.errors)")
    #expect(try folder.results().exit == 130)
    #expect(FileManager.default.fileExists(atPath: folder.latest + "/report.html"))
  }
}
