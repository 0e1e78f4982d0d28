import Foundation
import Generators
import Histories
import Testing

@testable import Nemesis

private let package = FaultPackage(
  name: "tilt", summary: "tilts nodes", targets: [FaultTarget("one", "one node")], defaultTargets: ["one"],
  parameters: [
    FaultParameter("angle", "how far", .seconds, initial: .range(-2, 2), limits: -10...10),
    FaultParameter("wait", "how long", .seconds, initial: .range(0.001, 10), limits: 0...60),
    FaultParameter("times", "how often", .count, initial: .number(3), limits: 1...9),
    FaultParameter("way", "whereto", .text(choices: ["left", "right"]), initial: .text("left")),
  ], requires: [], nodesMin: 1, make: { KillFault(clock: .startingNow()) })

private func make(_ arguments: [String: FaultArgument], seed: UInt64) -> FaultSchedule {
  FaultSchedule.make(
    settings: [FaultSettings(name: "tilt", targets: ["one"], every: 1, hold: 0.5, arguments: arguments)],
    nodes: ["n1", "n2"], durationNanoseconds: 1_000_000_000_000, streams: RandomStreams(seed: seed),
    packages: [package])
}

@Suite struct FaultParameterTests {
  @Test func everyActionHasEveryParameterAndRangesAreDrawn() {
    let actions = make(["times": .range(2, 4)], seed: 11).actions
    #expect(actions.count > 900)
    for action in actions {
      #expect(action.parameters.count == 4)
      #expect((-2...2).contains(action.number("angle") ?? .nan))
      #expect((0.001...10).contains(action.number("wait") ?? .nan))
      #expect(action.text("way") == "left")
      #expect(action.number("way") == nil && action.text("angle") == nil && action.number("none") == nil)
    }
    #expect(Set(actions.compactMap { $0.number("times") }) == [2, 3, 4])
  }

  /// Over a range of four decades each decade gets its share; over a signed one both signs do.
  @Test func wideRangesAreDrawnByTheirLogarithm() {
    let actions = make([:], seed: 12).actions
    let waits = actions.compactMap { $0.number("wait") }
    for decade in [0.001, 0.01, 0.1, 1] {
      let share = Double(waits.filter { $0 >= decade && $0 < decade * 10 }.count) / Double(waits.count)
      #expect(abs(share - 0.25) < 0.08, "decade from \(decade): \(share)")
    }
    let left = actions.count { ($0.number("angle") ?? 0) < 0 }
    #expect(abs(Double(left) / Double(actions.count) - 0.5) < 0.08)
  }

  @Test func aParameterChangesNeitherTimesNorTargetsNorOtherParameters() {
    let plain = make([:], seed: 5).actions
    let changed = make(["wait": .number(1), "times": .range(1, 9)], seed: 5).actions
    #expect(plain.map(\.at) == changed.map(\.at))
    #expect(plain.map(\.order) == changed.map(\.order))
    #expect(plain.map { $0.number("angle") } == changed.map { $0.number("angle") })
  }

  @Test(
    arguments: [
      (["slope": .number(1)], "tilt: never injected: it has no parameter `slope`"),
      (["angle": .number(11)], "tilt: never injected: `angle` must be within -10.0 and 10.0"),
      (["angle": .range(2, -2)], "tilt: never injected: `angle` must be a range from less to more, not 2.0..-2.0"),
      (["times": .number(1.5)], "tilt: never injected: `times` must be a whole number"),
      (["times": .text("x")], "tilt: never injected: `times` is a number"),
      (["way": .number(1)], "tilt: never injected: `way` is a text"),
      (["way": .text("up")], "tilt: never injected: `way` is one of left, right"),
    ] as [([String: FaultArgument], String)])
  func whatCannotBeUsedGivesANotice(_ arguments: [String: FaultArgument], _ notice: String) {
    let schedule = make(arguments, seed: 1)
    #expect(schedule.actions.isEmpty)
    #expect(schedule.notices == [notice])
  }

  @Test func schedulesSurviveTheirFileAndOldOnesHaveNoParameters() throws {
    let schedule = make([:], seed: 9)
    let encoder = JSONEncoder()
    #expect(try JSONDecoder().decode(FaultSchedule.self, from: encoder.encode(schedule)) == schedule)
    let old = #"{"id":0,"fault":"kill","target":"one","at":5,"hold":6,"order":["n1"]}"#
    let action = try JSONDecoder().decode(FaultAction.self, from: Data(old.utf8))
    #expect(action == FaultAction(id: 0, fault: "kill", target: "one", at: 5, hold: 6, order: ["n1"]))
    #expect(try JSONDecoder().decode(FaultArgument.self, from: Data("[1,2.5]".utf8)) == .range(1, 2.5))
    #expect(throws: DecodingError.self) { try JSONDecoder().decode(FaultArgument.self, from: Data("[2,1]".utf8)) }
  }

  /// Initial values must be usable, or a plan that says nothing gets no fault.
  @Test func everyPackageHasUsableInitialValues() {
    for package in FaultCatalogue.all {
      #expect(Set(package.parameters.map(\.name)).count == package.parameters.count)
      for parameter in package.parameters {
        #expect(parameter.problem(parameter.initial) == nil, "\(package.name) \(parameter.name)")
        #expect(!["name", "targets", "every", "hold"].contains(parameter.name), "\(package.name)")
      }
    }
  }

  @Test func theHistoryTellsWhatAnInjectionWasTold() {
    let action = FaultAction(
      id: 0, fault: "tilt", target: "one", at: 0, hold: 1, order: ["n1"],
      parameters: ["angle": .number(1.5), "way": .text("left")])
    let line = NemesisEvent.injecting(action, time: 0).historyEvent(index: 0)
    #expect(line.value.map?["parameters"] == .map(["angle": .double(1.5), "way": "left"]))
    let bare = FaultAction(id: 0, fault: "kill", target: "one", at: 0, hold: 1, order: ["n1"])
    #expect(NemesisEvent.injecting(bare, time: 0).historyEvent(index: 0).value.map?["parameters"] == nil)
  }
}
