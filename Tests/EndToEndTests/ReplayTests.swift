import Foundation
import Histories
import RunStore
import Testing

/// Runs that are run again, and made smaller.
@Suite(.serialized) struct ReplayTests {
  private static let broken = ["run", "raft-kv", "--set", "bug=stale-read", "--time", "6s", "--fail-fast"]

  @Test func `a replay has the run's faults, and its violation comes back`() async throws {
    let folder = try Folder()
    #expect(try await Command.run(Self.broken, in: folder.path).exit == 1)
    let schedule = try String(contentsOfFile: folder.latest + "/schedule.json", encoding: .utf8)
    let replay = try await Command.run(["replay", "store/latest"], in: folder.path)
    #expect(replay.exit == 1, "\(replay.output)\n\(replay.errors)")
    #expect(replay.output.contains("faultline replay store/raft-kv/"))
    #expect(try String(contentsOfFile: folder.latest + "/schedule.json", encoding: .utf8) == schedule)
    let report = try await Command.run(
      ["replay", "store/latest", "--times", "3", "--fail-fast", "--output", "json"], in: folder.path)
    #expect(report.exit == 1, "\(report.errors)")
    let value = try JSONReader.parse(Array(report.output.utf8))
    #expect(value.map?["times"] == 3 && value.map?["broken"] == ["linearizable"])
    #expect(value.map?["runs"]?.list?.count == 3)
  }

  @Test func `shrinking leaves a smaller run that is broken too`() async throws {
    let folder = try Folder()
    #expect(try await Command.run(Self.broken, in: folder.path).exit == 1)
    let run = try FileManager.default.destinationOfSymbolicLink(atPath: folder.path + "/store/latest")
    let shrunk = try await Command.run(
      ["shrink", "store/latest", "--tries", "1", "--times", "2", "--time-budget", "60s"], in: folder.path)
    #expect(shrunk.exit == 0, "\(shrunk.output)\n\(shrunk.errors)")
    #expect(shrunk.output.contains("replays of it broke a claim"))
    #expect(FileManager.default.fileExists(atPath: "\(folder.path)/store/\(run)/shrunk.json"))
    let line = try #require(shrunk.output.split(separator: "\n").last)
    let again = try await Command.run(line.split(separator: " ").dropFirst().map(String.init), in: folder.path)
    #expect(again.exit == 1 || again.exit == 0, "\(again.errors)")
  }

  @Test func `what cannot be replayed or shrunk is refused with a reason`() async throws {
    let folder = try Folder()
    let nothing = try await Command.run(["replay", "store/latest"], in: folder.path)
    #expect(nothing.exit == 64 && nothing.errors.contains("plan.yaml"))
    #expect(try await Command.run(["run", "raft-kv", "--faults", "none", "--time", "1s"], in: folder.path).exit == 0)
    let valid = try await Command.run(["shrink", "store/latest"], in: folder.path)
    #expect(valid.exit == 64 && valid.errors.contains("nothing to shrink"))
    let wrong = try await Command.run(["replay", "store/latest", "--time", "5"], in: folder.path)
    #expect(wrong.exit == 64 && wrong.errors.contains("--time: a duration needs a unit"))
  }
}
