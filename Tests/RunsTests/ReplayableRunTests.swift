import Foundation
import Nemesis
import Plans
import RunStore
import Testing

@testable import Runs

/// What a run directory must hold to be run again.
@Suite struct ReplayableRunTests {
  private static let second: Int64 = 1_000_000_000
  private static let nodes = (1...5).map { "n\($0)" }

  /// A run of `raft-kv` for 20 s, as far as its files go.
  private static func directory() throws -> (path: String, plan: Plan, schedule: FaultSchedule) {
    let path = NSTemporaryDirectory() + "faultline-replay-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    let builder = PlanBuilder(defaultSeed: 77, currentDirectory: "/somewhere")
    let plan = try builder.plan(
      "raft-kv", PlanOverrides(faults: "kill:every=3s,pause:every=4s", time: "20s", set: ["bug=stale-read"]))
    var schedule = FaultSchedule(
      seed: 77, durationNanoseconds: 20 * second, nodes: nodes, actions: [])
    schedule.actions = [(2, "kill"), (9, "pause"), (15, "kill")].enumerated().map { id, entry in
      FaultAction(
        id: id, fault: entry.1, target: "one", at: entry.0 * second, hold: second, order: nodes)
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

  /// The plan's faults, every three and four seconds, would not fit: they are not what is injected.
  @Test func `a schedule brings its own length, however short`() throws {
    let (path, _, _) = try Self.directory()
    defer { try? FileManager.default.removeItem(atPath: path) }
    let run = try ReplayableRun(at: path)
    var short = run.schedule
    short.actions = []
    short.durationNanoseconds = Self.second / 2
    #expect(try run.plan(.init(schedule: short)).plan.durationSeconds == 0.5)
    #expect(try run.plan(.init(time: "1s")).schedule.actions.isEmpty)
    #expect(throws: PlanProblems.self) { try run.plan(.init(time: "5")) }
    // A fault that the plan does not have: evidence of it is expected all the same.
    var other = run.schedule
    other.actions[0].fault = "restart"
    other.actions[0].parameters = ["grace": .number(1)]
    let (plan, _) = try run.plan(.init(schedule: other))
    #expect(plan.faults.map(\.name) == ["kill", "pause", "restart"])
    #expect(plan.faults.last?.targets == ["one"])
    #expect(try run.plan(.init(time: "8s")).plan.notices.contains { $0.contains("2 of the schedule's 3 injections") })
  }

  @Test func `an edited schedule is checked before anything runs`() throws {
    let (path, _, schedule) = try Self.directory()
    try FileManager.default.removeItem(atPath: path)
    func problems(_ edit: (inout FaultSchedule) -> Void) -> [String] {
      var edited = schedule
      edit(&edited)
      return edited.problems(nodes: 5)
    }
    #expect(schedule.problems(nodes: 5).isEmpty)
    let edits: [(inout FaultSchedule) -> Void] = [
      { $0.actions[0].fault = "kil" }, { $0.actions[0].target = "primry" }, { $0.actions[0].at = -1 },
      { $0.actions[0].hold = .max }, { $0.schema = 2 },
      { $0.actions[0].fault = "packet-loss" }, { $0.actions[0].order = ["n9"] }, { $0.actions[1].id = 0 },
      { $0.actions[0].parameters = ["percent": .number(5)] }, { $0.durationNanoseconds = 0 }, { $0.nodes = ["n1"] },
    ]
    for edit in edits {
      #expect(!problems(edit).isEmpty)
    }
    #expect(schedule.problems(nodes: 3) == ["it is for 5 nodes, and the plan has 3"])
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
