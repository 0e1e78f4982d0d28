import Checkers
import Generators
import Histories
import Testing

/// Maps of two objects against the twin of each: a map is as right as the worst of its objects.
@Suite struct MapDifferentialTests {
  private static let types: [ReplicatedType] = [.pnCounter, .orSet, .lwwRegister, .mvRegister]

  /// What happened to one key: before all was healed, and after.
  private struct Part {
    var type: ReplicatedType
    var load: [Event]
    var finals: [Event]

    init(_ events: [Event], _ type: ReplicatedType, processes: Int32) {
      self.type = type
      let start = events.firstIndex { $0.process.rawValue >= 50 } ?? events.count
      let own = events.map { event in
        var event = event
        if !event.process.isNemesis { event.process = ProcessID(event.process.rawValue + processes) }
        return event
      }
      (load, finals) = (own[..<start].filter { !$0.process.isNemesis }, Array(own[start...]))
    }

    var hasOpenUpdate: Bool {
      TwinCall.all(in: load).contains { $0.end == .max && !$0.function.hasSuffix("read") }
    }

    /// The last state of each replica, by node; nil unless each has one.
    var states: [String: Value]? {
      let tried = Set(finals.compactMap(\.node))
      let shown = finals.filter { $0.type == .ok }.reduce(into: [:]) { $0[$1.node ?? ""] = $1.value }
      return tried.count == shown.count ? shown : nil
    }
  }

  private static let heal = Event(
    index: 0, time: 0, process: .nemesis, type: .info, function: "heal", value: .null)

  @Test(arguments: ReplicaSimulation.Report.allCases)
  func `a map is judged as its objects are`(report: ReplicaSimulation.Report) throws {
    var split = InvariantSplit()
    let streams = RandomStreams(seed: 0)
    var random = streams.stream("maps/\(report)")
    var simulations = Self.types.map { type in
      var simulation = ReplicaSimulation(streams.stream("maps/\(report)/\(type)"), type, report, isInstant: false)
      simulation.updatesMax = 3
      return simulation
    }
    for number in 0..<Soak.histories(slice: 600, whole: 60_000, parts: 3) {
      let parts = [0, 1].map { key in
        let kind = random.below(simulations.count)
        return Part(
          simulations[kind].history(tampers: random.below(4) == 0), Self.types[kind], processes: Int32(1_000 * key))
      }
      let whole = random.below(2) == 0 ? Self.wholeReads(parts) : []
      let twins = parts.enumerated().map { key, part in
        ConvergenceTwin(
          Self.numbered(part.load + [Self.heal] + part.finals + whole.map { Self.projected($0, key) }), part.type,
          observesAcknowledged: false, isQuiet: !parts.contains { $0.hasOpenUpdate })
      }
      let verdicts = twins.map { $0.verdict() }
      let isEmpty = !twins.contains { $0.hasUpdates }
      let expected: Verdict =
        verdicts.contains(.invalid) ? .invalid : verdicts.contains(.unknown) || isEmpty ? .unknown : .valid
      split.count(expected)
      let events = Self.numbered(
        parts.enumerated().flatMap { key, part in Self.keyed(part.load, key) } + [Self.heal]
          + parts.enumerated().flatMap { key, part in Self.keyed(part.finals, key) } + whole)
      let found = try ConvergenceChecker.mapReport(History(events), .init(quiescenceNanoseconds: 0)).verdict
      let mayLeaveOpen = found == .unknown && (report == .some || twins.contains { $0.hasStrangers })
      if found != expected, !mayLeaveOpen {
        Issue.record("history \(number): \(found), expected \(verdicts)\n\(ConvergenceDifferentialTests.text(events))")
        return
      }
    }
    split.show("maps, report \(report)")
  }

  /// Every replica once more, with all keys; none unless both objects have the same replicas.
  private static func wholeReads(_ parts: [Part]) -> [Event] {
    guard let first = parts[0].states, let second = parts[1].states, first.keys == second.keys else { return [] }
    return first.keys.sorted().flatMap { node in
      [EventType.invoke, .ok].map { type in
        Event(
          index: 0, time: 0, process: ProcessID(9_000), type: type, function: "local-read",
          value: type == .invoke ? .null : ["k0": first[node] ?? .null, "k1": second[node] ?? .null], node: node)
      }
    }
  }

  private static func projected(_ event: Event, _ key: Int) -> Event {
    var event = event
    event.value = event.value.map?["k\(key)"] ?? .null
    return event
  }

  private static func keyed(_ events: [Event], _ key: Int) -> [Event] {
    events.map { event in
      var event = event
      event.value = .list([.string("k\(key)"), event.value])
      return event
    }
  }

  private static func numbered(_ events: [Event]) -> [Event] {
    events.enumerated().map { index, event in
      var event = event
      event.index = index
      return event
    }
  }
}
