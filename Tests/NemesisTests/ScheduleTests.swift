import Foundation
import Generators
import Nemesis
import Testing

private let nodes = ["n1", "n2", "n3", "n4", "n5"]
private let second: Int64 = 1_000_000_000

private func make(_ settings: [FaultSettings], seconds: Double, seed: UInt64) -> FaultSchedule {
  FaultSchedule.make(
    settings: settings, nodes: nodes, durationNanoseconds: Int64(seconds * 1e9), streams: RandomStreams(seed: seed))
}

private func defaults(_ seconds: Double) -> [FaultSettings] {
  FaultCatalogue.all.map { $0.defaultSettings(durationSeconds: seconds) }
}

@Suite struct ScheduleTests {
  /// Over 1,000 seeds, with several lengths of run: what the runner relies on.
  @Test(arguments: [5.0, 15, 20, 60, 600]) func actionsAreInsideAndApart(_ seconds: Double) {
    for seed in 0..<1_000 as Range<UInt64> {
      let schedule = make(defaults(seconds), seconds: seconds, seed: seed)
      #expect(schedule.notices.isEmpty)
      #expect(schedule.actions.map(\.id) == Array(schedule.actions.indices))
      var free: [String: Int64] = [:]
      var previous: Int64 = 0
      for action in schedule.actions {
        #expect(action.at >= max(previous, free[action.fault] ?? 0), "seed \(seed)")
        #expect(action.at > 0 && action.at + action.hold <= schedule.lastHeal, "seed \(seed)")
        #expect(action.order.sorted() == nodes)
        previous = action.at
        free[action.fault] = action.at + action.hold + 1
      }
      guard schedule.notices.isEmpty else { return }
    }
  }

  @Test func fifteenSecondsSeeEveryFaultTwiceAndEveryDefaultTarget() {
    for seed in 0..<1_000 as Range<UInt64> {
      let schedule = make(defaults(15), seconds: 15, seed: seed)
      for package in FaultCatalogue.all {
        let targets = schedule.actions.filter { $0.fault == package.name }.map(\.target)
        #expect(targets.count >= 2)
        #expect(Set(targets) == Set(package.defaultSettings(durationSeconds: 15).targets), "seed \(seed): \(targets)")
      }
    }
  }

  @Test func everyTargetComesBeforeOneRepeats() {
    let settings = FaultSettings(name: "kill", targets: ["a", "b", "c", "d"], every: 1, hold: 0.5)
    var firsts: Set<String> = []
    for seed in 0..<200 as Range<UInt64> {
      let targets = make([settings], seconds: 60, seed: seed).actions.map(\.target)
      #expect(targets.count > 50)
      for start in stride(from: 0, to: targets.count - 3, by: 4) {
        #expect(Set(targets[start..<start + 4]).count == 4)
      }
      firsts.insert(targets[0])
    }
    #expect(firsts == ["a", "b", "c", "d"])
  }

  @Test func equalSeedsGiveEqualSchedulesAndOthersDiffer() {
    let schedules = (0..<1_000 as Range<UInt64>).map { make(defaults(30), seconds: 30, seed: $0) }
    #expect(schedules == (0..<1_000 as Range<UInt64>).map { make(defaults(30), seconds: 30, seed: $0) })
    #expect(Set(schedules.map(\.actions)).count == 1_000)
  }

  @Test func oneFaultsChoicesDoNotDependOnTheOthers() {
    let all = defaults(30)
    for seed in 0..<1_000 as Range<UInt64> {
      let together = make(all, seconds: 30, seed: seed)
      for settings in all {
        let own = together.actions.filter { $0.fault == settings.name }
        #expect(stripped(own) == stripped(make([settings], seconds: 30, seed: seed).actions))
      }
      #expect(stripped(together.actions) == stripped(make(all.reversed(), seconds: 30, seed: seed).actions))
    }
  }

  @Test func faultsAreNotInStepWithEachOther() {
    let schedule = make(defaults(60), seconds: 60, seed: 3)
    let starts = Dictionary(grouping: schedule.actions, by: \.fault).mapValues { $0.map(\.at) }
    #expect(starts["kill"] != starts["partition"])
    let gaps = zip(starts["kill"] ?? [], (starts["kill"] ?? []).dropFirst()).map { $1 - $0 }
    #expect(Set(gaps).count == gaps.count, "no jitter")
  }

  @Test func severalEntriesOfOneFaultDoNotOverlap() {
    let entries = [
      FaultSettings(name: "partition", targets: ["halves"], every: 3, hold: 1.5),
      FaultSettings(name: "partition", targets: ["isolate-one"], every: 3, hold: 1.5),
    ]
    for seed in 0..<1_000 as Range<UInt64> {
      let schedule = make(entries, seconds: 30, seed: seed)
      for (first, next) in zip(schedule.actions, schedule.actions.dropFirst()) {
        #expect(first.at + first.hold < next.at)
      }
      #expect(schedule.actions.allSatisfy { $0.at + $0.hold <= schedule.lastHeal })
      #expect(Set(schedule.actions.map(\.target)).count == 2)
    }
    #expect(
      make(entries, seconds: 30, seed: 1).notices == [
        "partition: 4 injections left out: its several entries leave no room for them"
      ])
  }

  @Test func tooShortForOneActionGivesANotice() {
    let schedule = make([FaultSettings(name: "kill", targets: ["one"], every: 4, hold: 2)], seconds: 2, seed: 1)
    #expect(schedule.actions.isEmpty)
    #expect(
      schedule.notices == [
        "kill: never injected: one injection needs 2.25 s (hold 2.0 s, 0.25 s of quiet at the end), "
          + "the load phase has 2.0 s"
      ])
  }

  @Test func roomForOneActionIsUsed() {
    let settings = [FaultSettings(name: "kill", targets: ["one"], every: 60, hold: 2)]
    for seed in 0..<1_000 as Range<UInt64> {
      #expect(make(settings, seconds: 2.3, seed: seed).actions.count == 1)
    }
  }

  @Test(arguments: [
    (5.0, 5.0, "`hold` (5.0 s) must be less than `every` (5.0 s)"),
    (0.0, 1.0, "`every` must be from 1 ms to a year, not 0.0 s"),
    (5.0, .nan, "`hold` must be from 1 ms to a year, not nan s"),
    (.infinity, 1.0, "`every` must be from 1 ms to a year, not inf s"),
    (1e300, -1.0, "`every` must be from 1 ms to a year, not 1e+300 s"),
  ])
  func impossibleSettingsGiveANotice(_ every: Double, _ hold: Double, _ reason: String) {
    let schedule = make([FaultSettings(name: "kill", targets: ["one"], every: every, hold: hold)], seconds: 60, seed: 1)
    #expect(schedule.actions.isEmpty)
    #expect(schedule.notices == ["kill: never injected: \(reason)"])
  }

  @Test func noTargetsGiveANotice() {
    let schedule = make([FaultSettings(name: "kill", targets: [], every: 4, hold: 2)], seconds: 60, seed: 1)
    #expect(schedule.notices == ["kill: never injected: it has no targets"])
  }

  @Test(arguments: 1...20) func `faults keep to their phase`(_ seed: UInt64) {
    let settings = [
      FaultSettings(name: "kill", targets: ["one"], every: 3, hold: 1, from: 10, until: 30),
      FaultSettings(name: "kill", targets: ["all"], every: 3, hold: 1, from: 20, until: 40),
      FaultSettings(name: "pause", targets: ["one"], every: 3, hold: 1, from: 50),
    ]
    let schedule = make(settings, seconds: 60, seed: seed)
    func phase(_ target: String, _ fault: String) -> (from: Double, until: Double) {
      let mine = schedule.actions.filter { $0.target == target && $0.fault == fault }
      return (
        Double(mine.map(\.at).min() ?? 0) / 1e9, Double(mine.map { $0.at + $0.hold }.max() ?? .max) / 1e9
      )
    }
    let (ones, alls, pauses) = (phase("one", "kill"), phase("all", "kill"), phase("one", "pause"))
    #expect(ones.from >= 10 && ones.from < 12 && ones.until <= 30 && ones.until > 25)
    #expect(alls.from >= 20 && alls.until <= 40 && alls.until > 35)
    #expect(pauses.from >= 50 && pauses.until <= 59.75)
  }

  @Test(arguments: [(10.0, 5.0), (-1, 5), (58.0, 59), (0, 0.5)])
  func `a phase without room gives a notice`(_ from: Double, _ until: Double) {
    let settings = FaultSettings(name: "kill", targets: ["one"], every: 3, hold: 2, from: from, until: until)
    let schedule = make([settings], seconds: 60, seed: 1)
    #expect(schedule.actions.isEmpty)
    #expect(schedule.notices.first?.hasPrefix("kill: never injected: ") == true)
  }

  @Test func numberOfActionsIsLimitedWithANotice() {
    let settings = FaultSettings(name: "kill", targets: ["one"], every: 0.002, hold: 0.001)
    let schedule = make([settings], seconds: 3600, seed: 1)
    #expect(schedule.actions.count == FaultSchedule.actionsPerFaultMax)
    #expect(schedule.notices == ["kill: cut after 10000 injections, the most that a run has of one fault"])
  }

  @Test func survivesItsFile() throws {
    let schedule = make(defaults(30), seconds: 30, seed: .max)
    let data = try JSONEncoder().encode(schedule)
    #expect(try JSONDecoder().decode(FaultSchedule.self, from: data) == schedule)
    let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect(object["schema"] as? Int == 1)
  }

  private func stripped(_ actions: [FaultAction]) -> [FaultAction] {
    actions.map { action in
      var copy = action
      copy.id = 0
      return copy
    }
  }
}
