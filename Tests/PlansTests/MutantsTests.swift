import Histories
import Systems
import Testing

@testable import Plans

@Suite struct MutantsTests {
  private static let parameters = "  parameters: {bug: {default: none, choices: [none, a, b]}, size: {default: 3}}"

  private func problems(_ block: String) -> [String] {
    PlanFixture.problems(["parameters": Self.parameters, "more": block])
  }

  @Test func theBlockNamesTheParameterAndWorkloads() throws {
    let plan = try PlanFixture.plan([
      "parameters": Self.parameters,
      "more": "mutants: {parameter: bug, workloads: {b: list-append}, faults: {a: [kill, pause]}}",
    ])
    let expected = MutantsDescription(
      parameter: "bug", workloads: ["b": "list-append"], faults: ["a": ["kill", "pause"]])
    #expect(plan.mutants == expected)
    #expect(try PlanFixture.plan().mutants == nil)
  }

  @Test(arguments: [
    ("mutants: {}", "mutants lacks 'parameter'"),
    ("mutants: {parameter: bgu}", "unknown parameter 'bgu'; did you mean 'bug'?"),
    ("mutants: {parameter: size}", "the parameter 'size' must have choices"),
    ("mutants: {parameter: bug, workloads: {c: register}}", "unknown bug 'c'"),
    ("mutants: {parameter: bug, workloads: {a: registre}}", "unknown workload 'registre'; did you mean 'register'?"),
    ("mutants: {parameter: bug, faults: {a: [kil]}}", "unknown fault 'kil'; did you mean 'kill'?"),
    ("mutants: {parameter: bug, faults: {c: kill}}", "unknown bug 'c'"),
    ("mutants: {parameter: bug, time: 3s}", "unknown key of mutants 'time'"),
  ])
  func whatIsWrongIsSaid(_ block: String, _ message: String) {
    #expect(problems(block).contains { $0.contains(message) }, "\(problems(block))")
  }

  @Test func aBugIsKnownAndWhereItShows() throws {
    let lines = ["parameters": Self.parameters, "more": "mutants: {parameter: bug, workloads: {b: list-append}}"]
    func plan(_ set: String...) throws -> Plan { try PlanFixture.plan(lines, PlanOverrides(set: set)) }
    #expect(try plan().bug == nil && plan("bug=none", "size=4").bug == nil)
    #expect(try plan("bug=a").bug == "a" && plan("bug=a").misplacedBug == nil)
    #expect(try plan("bug=b").misplacedBug == "bug 'b' is shown by --workload list-append, not by register")
    #expect(try PlanFixture.plan(["parameters": Self.parameters], PlanOverrides(set: ["bug=b"])).bug == nil)
  }

  @Test func aBugThatNeedsAnotherFaultIsNamed() throws {
    let builder = PlanBuilder(defaultSeed: 1, currentDirectory: "/")
    func plan(_ faults: String?) throws -> Plan {
      try builder.plan("raft-kv", PlanOverrides(faults: faults, set: ["bug=two-server-membership-change"]))
    }
    #expect(
      try plan(nil).misplacedBug
        == "bug 'two-server-membership-change' is shown by --faults membership, not by the faults of this run")
    #expect(try plan("membership,kill").misplacedBug == nil)
  }

  @Test(arguments: Presets.names) func everyBundledSystemHasMutants(_ name: String) throws {
    let plan = try PlanBuilder(defaultSeed: 1, currentDirectory: "/").plan(system: name)
    let mutants = try #require(plan.mutants)
    let parameter = try #require(plan.system.parameters.first { $0.name == mutants.parameter })
    guard case .choice(let bugs) = parameter.kind else { throw PlanProblems([]) }
    #expect(bugs.count > 7)
    #expect(parameter.defaultValue == "none")
  }
}
