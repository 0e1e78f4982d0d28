import Foundation
import Nemesis
import Plans
import RunStore
import Testing

@testable import Runs

/// What a run directory must hold to be run again.
@Suite struct ReplayableRunTests {
  private static let second: Int64 = 1_000_000_000

  /// A run of `raft-kv` for 20 s, as far as its files go.
  private static func directory() throws -> (path: String, plan: Plan, schedule: FaultSchedule) {
    let path = NSTemporaryDirectory() + "faultline-replay-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    let builder = PlanBuilder(defaultSeed: 77, currentDirectory: "/somewhere")
    let plan = try builder.plan(
      "raft-kv", PlanOverrides(faults: "kill:every=3s,pause:every=4s", time: "20s", set: ["bug=stale-read"]))
    var schedule = FaultSchedule(
      seed: 77, durationNanoseconds: 20 * second, nodes: ["n1", "n2", "n3"], actions: [])
    schedule.actions = [(2, "kill"), (9, "pause"), (15, "kill")].enumerated().map { id, entry in
      FaultAction(
        id: id, fault: entry.1, target: "one", at: entry.0 * second, hold: second, order: ["n1", "n2", "n3"])
    }
    let files = RunDirectory(path: path)
    try RunFiles.write(Array(plan.source.text.utf8), to: files.file(RunFile.plan))
    try RunFiles.write(json: Invocation(of: plan), to: files.file(RunFile.invocation))
    try RunFiles.write(json: schedule, to: files.file(RunFile.schedule))
    return (path, plan, schedule)
  }

  @Test func `plan, seed and schedule come back as they were`() throws {
    let (path, plan, schedule) = try Self.directory()
    defer { try? FileManager.default.removeItem(atPath: path) }
    let run = try ReplayableRun(at: path + "/")
    #expect(run.path == path && run.broken.isEmpty)
    let link = path + "-latest"
    try FileManager.default.createSymbolicLink(
      atPath: link, withDestinationPath: URL(filePath: path).lastPathComponent)
    defer { try? FileManager.default.removeItem(atPath: link) }
    #expect(try ReplayableRun(at: link).path == path)
    let (again, faults) = try run.plan()
    #expect(again.resolved == plan.resolved)
    #expect(again.seed == 77 && again.source == plan.source)
    #expect(faults == schedule)
  }

  @Test func `a shorter replay has the faults that fit, and expects no others`() throws {
    let (path, _, _) = try Self.directory()
    defer { try? FileManager.default.removeItem(atPath: path) }
    let run = try ReplayableRun(at: path)
    let (plan, faults) = try run.plan(.init(time: "8s", concurrency: "3", rate: "50", failFast: true))
    #expect(faults.actions.map(\.id) == [0] && faults.durationNanoseconds == 8 * Self.second)
    #expect(plan.faults.map(\.name) == ["kill"])
    #expect(plan.durationSeconds == 8 && plan.concurrency == 3 && plan.rate == 50 && plan.online.failFast)
    var other = run.schedule
    other.actions = []
    #expect(try run.plan(.init(schedule: other)).plan.faults.isEmpty)
  }

  @Test(arguments: [RunFile.plan, RunFile.invocation, RunFile.schedule])
  func `a missing file is named`(_ file: String) throws {
    let (path, _, _) = try Self.directory()
    defer { try? FileManager.default.removeItem(atPath: path) }
    try FileManager.default.removeItem(atPath: "\(path)/\(file)")
    do {
      _ = try ReplayableRun(at: path)
      Issue.record("it is missing, and nobody said so")
    } catch {
      #expect(error.description.contains("\(path)/\(file)"))
    }
  }
}
