import Histories
import Nemesis
import Systems
import Testing

@testable import Plans

/// Versions of a system in its plan.
@Suite struct VersionPlanTests {
  private static let plan = [
    "parameters": "  parameters: {build: {default: v1, choices: [v1, v2]}, limit: {default: 5, min: 1, max: 9}}\n"
      + "  versions: {next: {build: v2, limit: 7}, odd: {limit: 1}}",
    "faults": "faults: [{name: version, targets: [one], to: odd, every: 5s, hold: 2s}]",
  ]

  @Test func aVersionIsOtherValuesOfParameters() throws {
    let plan = try PlanFixture.plan(Self.plan)
    #expect(
      plan.system.versions == [
        VersionDescription(name: "next", parameters: ["build": "v2", "limit": 7]),
        VersionDescription(name: "odd", parameters: ["limit": 1]),
      ])
    #expect(plan.faults[0].arguments == ["to": .text("odd")])
    #expect(
      plan.resolved.map?["system"]?.map?["versions"] == ["next": ["build": "v2", "limit": 7], "odd": ["limit": 1]])
  }

  @Test(arguments: [
    ("  versions: {next: {biuld: v2}}", "unknown parameter of the system 'biuld'; did you mean 'build'?"),
    ("  versions: {next: {build: v3}}", "v3"), ("  versions: {next: {limit: 99}}", "limit"),
    ("  versions: [next]", "expected a mapping from names to values of parameters"),
  ])
  func wrongVersionsAreExplained(_ line: String, _ words: String) throws {
    let parameters = try #require(Self.plan["parameters"]?.split(separator: "\n").first)
    let found = PlanFixture.problems(["parameters": "\(parameters)\n\(line)"])
    #expect(found.count == 1 && found.first?.contains(words) == true, "\(found)")
  }

  @Test func aFaultNamesOneThatIsThere() {
    var changed = Self.plan
    changed["faults"] = "faults: [{name: version, targets: [one], to: nxt}]"
    #expect(PlanFixture.problems(changed).first?.contains("unknown version 'nxt'; did you mean 'next'?") == true)
    let bare = PlanFixture.problems(["faults": "faults: [version]"])
    #expect(bare.first?.contains("needs another version to run, and system.versions is not described") == true)
  }
}
