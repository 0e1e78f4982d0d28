import Nemesis
import Testing
import Workloads

@testable import Plans

private let tilt = FaultPackage(
  name: "tilt", summary: "tilts nodes", targets: [FaultTarget("one", "one node")], defaultTargets: ["one"],
  parameters: [
    FaultParameter("angle", "how far", .seconds, initial: .range(0.05, 2), limits: -10...10),
    FaultParameter("share", "how much", .percent, initial: .number(5), limits: 0...100),
    FaultParameter("times", "how often", .count, initial: .number(3), limits: 1...9),
    FaultParameter("size", "how big", .bytes, initial: .number(4096), limits: 1...1e9),
    FaultParameter("speed", "how fast", .bitsPerSecond, initial: .number(1e6), limits: 1e3...1e9),
    FaultParameter("way", "whereto", .text(choices: ["left", "right"]), initial: .text("left")),
  ], requires: [], nodesMin: 1, make: { preconditionFailure("never made here") })

private func decode(_ faults: String, _ overrides: PlanOverrides = PlanOverrides()) throws -> Plan {
  let source = PlanSource(file: "p.yaml", directory: "/plans", text: PlanFixture.text(["faults": faults]))
  let catalogue = PlanCatalogue(workloads: Catalogue.all, faults: FaultCatalogue.all + [tilt])
  return try PlanDecoder.decode(source, catalogue: catalogue, overrides: overrides, defaultSeed: 42)
}

private func problems(_ faults: String, _ overrides: PlanOverrides = PlanOverrides()) -> [String] {
  do {
    _ = try decode(faults, overrides)
    return []
  } catch let problems as PlanProblems {
    return problems.diagnostics.map(\.description)
  } catch {
    return ["unexpected: \(error)"]
  }
}

@Suite struct FaultArgumentTests {
  static let expected: [String: FaultArgument] = [
    "angle": .range(-0.2, 0.5), "share": .number(12.5), "times": .range(2, 4), "size": .number(2048),
    "speed": .number(2_000_000), "way": .text("right"),
  ]

  @Test func aPlanGivesThemBesideTargetsAndTimes() throws {
    let plan = try decode(
      "faults: [{name: tilt, every: 4s, angle: -200ms..500ms, share: 12.5%, times: 2..4, size: 2KiB, speed: 2mbit, "
        + "way: right}]")
    #expect(plan.faults == [FaultSettings(name: "tilt", targets: ["one"], every: 4, hold: 2, arguments: Self.expected)])
  }

  @Test func theCommandLineTakesTheSameWords() throws {
    let text =
      "tilt:every=4s,angle=-200ms..500ms,share=12.5,times=2..4,size=2048,speed=2mbit,way=right,kill:every=3s"
    let plan = try decode("faults: []", PlanOverrides(faults: text))
    #expect(plan.faults[0].arguments == Self.expected)
    #expect(plan.faults[1].name == "kill" && plan.faults[1].arguments.isEmpty)
  }

  @Test(arguments: [
    ("angle=5", "expected a time such as 200ms or 2s for 'angle', or a range of it with .., not '5'"),
    ("angle=11s", "'angle' is from -10s to 10s, not 11s"),
    ("angle=2s..1s", "'2s..1s' is no range: write the smaller end first"),
    ("angle=1s..", "expected a time such as 200ms or 2s for 'angle', or a range of it with .., not '1s..'"),
    ("share=101%", "'share' is from 0% to 100%, not 101%"),
    ("times=2.5", "'times' is from 1 to 9, not 2.5"),
    ("way=rigth", "unknown way 'rigth'; did you mean 'right'?"),
    ("angel=1s", "unknown parameter of tilt 'angel'; did you mean 'angle'?"),
    ("share=1,share=2", "'share' of tilt is there twice"),
  ])
  func wrongOnesAreExplained(_ text: String, _ message: String) {
    #expect(problems("faults: []", PlanOverrides(faults: "tilt:\(text)")) == ["--faults: \(message)"])
  }

  @Test func aPlansLineIsNamed() {
    let found = problems("faults:\n  - {name: tilt, angel: 1s}\n  - {name: tilt, angle: 1m}")
    #expect(found.count == 2)
    #expect(found.first?.contains("unknown parameter of tilt 'angel'") == true)
    #expect(found.last?.hasSuffix("'angle' is from -10s to 10s, not 1m") == true)
    #expect(found.allSatisfy { $0.hasPrefix("p.yaml:") })
  }

  @Test func aListIsNoValueAndAWrongNameIsTheFirstProblem() {
    let found = problems("faults:\n  - {name: tilt, target: [one]}\n  - {name: tilt, share: [5%, 20%]}")
    #expect(found.count == 2)
    #expect(found.first?.contains("unknown parameter of tilt 'target'; did you mean 'targets'?") == true)
    #expect(found.last?.contains("'share' is a value, or a range such as a..b, not a list") == true)
  }

  @Test func listsSayWhatEachTakes() {
    #expect(
      tilt.parameters.map(Units.words) == [
        "a time such as 200ms or 2s; default 50ms..2s", "a percentage such as 5%; default 5%",
        "a whole number; default 3", "a size such as 512B, 4KB or 1MiB; default 4096B",
        "a rate such as 500kbit or 1mbit; default 1mbit", "left, right; default left",
      ])
  }
}
