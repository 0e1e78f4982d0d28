import Checkers
import Generators
import Histories
import Testing

/// Staleness: histories written down, planted stale reads, and what is refused.
@Suite struct StalenessTests {
  /// Events are a millisecond apart.
  private static func report(_ text: String, _ bound: String, keyed: Bool = false) throws -> InvariantReport {
    let bound = try #require(StalenessBound(bound))
    return try StalenessChecker.report(InvariantText.history(text, keyed: keyed), .init(bound: bound))
  }

  private static let stale = """
    0 invoke write 1
    0 ok write 1
    0 invoke write 2
    0 ok write 2
    0 invoke write 3
    0 ok write 3
    1 invoke read null
    1 ok read 1
    """

  @Test(arguments: [("t<3ms", false), ("t<4ms", true), ("t<3000001ns", true), ("k<2", false), ("k<3", true)])
  func `a read is as stale as what it missed`(bound: String, isKept: Bool) throws {
    let report = try Self.report(Self.stale, bound)
    #expect(report.verdict == (isKept ? .valid : .invalid), "\(report)")
    #expect(report.statistic("staleness-max-seconds") == .double(0.003))
    #expect(report.statistic("staleness-max-versions") == .int(2))
    #expect(report.statistic("least-time-bound-seconds") == .double(0.003))
    guard !isKept else { return }
    let finding = try #require(report.findings.first)
    #expect(finding.anomaly == .staleBeyondBound && finding.operations == [0, 2, 6])
    #expect(
      finding.summary == "process 1's read (events 6–7, 0.007 s) saw 1, but 2, the first of 2 later ones, was there by "
        + "event 3, and the read began 0.003 s later: not \(bound)")
  }

  /// Each read may be the one in time, but not both: peers that look at reads one by one see nothing.
  @Test func `two values that are seen in turn are stale together`() throws {
    let text = """
      0 invoke write 1
      1 invoke write 2
      2 invoke read null
      2 ok read 1
      2 invoke read null
      2 ok read 2
      2 invoke read null
      2 ok read 1
      2 invoke read null
      2 ok read 2
      0 ok write 1
      1 ok write 2
      """
    let report = try Self.report(text, "t<1us")
    #expect(report.verdict == .invalid && report.findings.count == 1, "\(report)")
    #expect(report.statistic("stale-reads") == .int(0))
    #expect(report.statistic("least-time-bound-seconds") == .double(0.001))
    #expect(try Self.report(text, "t<2ms").verdict == .valid)
    #expect(report.findings.first?.summary.contains("whichever was the later, not t<1us") == true, "\(report)")
  }

  @Test func `an unacknowledged write is there when it was seen`() throws {
    let head = "0 invoke write 1\n0 ok write 1\n1 invoke write 2\n1 info write 2\n"
    let read1 = "0 invoke read null\n0 ok read 1\n", read2 = "0 invoke read null\n0 ok read 2\n"
    #expect(try Self.report(head + read1 + read2, "k<1").verdict == .valid)
    #expect(try Self.report(head + read2 + read1, "k<1").verdict == .invalid)
  }

  @Test func `registers are bounded one by one`() throws {
    let text = """
      0 invoke write ["x", 1]
      0 ok write ["x", 1]
      0 invoke read ["y", null]
      0 ok read ["y", null]
      0 invoke read ["x", null]
      0 ok read ["x", null]
      """
    let report = try Self.report(text, "t<1us", keyed: true)
    #expect(report.findings.map(\.key) == [.string("x")], "\(report)")
    #expect(report.statistic("objects") == .int(2))
  }

  @Test func `what nobody wrote breaks every bound`() throws {
    let thinAir = try Self.report("0 invoke read null\n0 ok read 7", "k<9")
    #expect(thinAir.findings.map(\.anomaly) == [.thinAirRead])
    let early = "0 invoke read null\n0 ok read 7\n0 invoke write 7\n0 ok write 7"
    #expect(try Self.report(early, "t<1h").findings.map(\.anomaly) == [.thinAirRead])
    let failed = "0 invoke write 7\n0 fail write 7\n0 invoke read null\n0 ok read 7"
    #expect(try Self.report(failed, "t<1h").findings.map(\.anomaly) == [.abortedRead])
  }

  @Test func `without times there are versions only`() throws {
    let events = try InvariantText.history(
      "0 invoke write 1\n0 ok write 1\n1 invoke read null\n1 ok read 1"
    ).events.map { event in
      var event = event
      event.time = 0
      return event
    }
    let bound = try #require(StalenessBound("k<2"))
    let report = try StalenessChecker.report(History(events), .init(bound: bound))
    #expect(report.verdict == .valid && report.statistic("staleness-max-versions") == 0)
    #expect(!report.statistics.contains { $0.name.hasSuffix("seconds") })
  }

  @Test func `histories without reads tell nothing`() throws {
    #expect(try Self.report("0 invoke write 1\n0 ok write 1", "k<1").verdict == .unknown)
  }

  private static let malformed: [(text: String, index: Int, message: String)] = [
    ("0 invoke write 1\n1 invoke write 1", 1, "1 is written again (first at event 0)"),
    ("0 invoke write null", 0, "it is the first value"),
    ("0 invoke cas 5", 0, "expected [from, to], not 5"),
    ("0 invoke add 5", 0, "expected the operations 'read', 'write' and 'cas', not 'add'"),
  ]

  @Test(arguments: malformed) func `what is no register is refused`(text: String, index: Int, message: String) {
    let error = #expect(throws: MalformedHistory.self) { try Self.report(text, "k<1") }
    #expect(error?.index == index && error?.message.contains(message) == true, "\(String(describing: error))")
  }

  @Test func `time needs times`() throws {
    var history = History()
    for (type, value) in [(EventType.invoke, Value.null), (.ok, .null)] {
      history.append(
        Event(
          index: 0, time: Int64(history.count), process: ProcessID(0), type: type, function: "read", value: value))
    }
    let error = #expect(throws: MalformedHistory.self) {
      try StalenessChecker.report(history, .init(bound: .time(1000)))
    }
    #expect(error?.message.contains("needs events with times") == true)
    #expect(try StalenessChecker.report(history, .init(bound: .versions(1))).verdict == .valid)
  }

  @Test(arguments: [
    ("t<5s", StalenessBound.time(5_000_000_000)), ("t < 250ms", .time(250_000_000)), ("t<1.5us", .time(1_500)),
    ("k<3", .versions(3)),
  ]) func `bounds are read as they are written`(text: String, bound: StalenessBound) {
    #expect(StalenessBound(text) == bound)
    #expect(StalenessBound(bound.description) == bound)
  }

  @Test(arguments: ["", "t", "t<", "t<5", "t<0s", "t<-1s", "k<0", "k<1.5", "t<5s<6s", "v<3", "t<=5s", "t<9e99s"])
  func `other bounds are refused`(text: String) { #expect(StalenessBound(text) == nil) }

  // MARK: Planted

  private static let seeds = 1...Soak.histories(slice: 50, whole: 1_000)

  /// A replica that lags behind by less than the bound is never refuted; one read beyond it is found, and is all.
  @Test func `one read beyond the bound is found, and nothing is where none is`() throws {
    for seed in seeds {
      var register = LaggingRegister(RandomStreams(seed: UInt64(seed)).stream("staleness/planted"))
      var events = register.events(400, lagMax: LaggingRegister.lagMax)
      let bound = StalenessBound.time(LaggingRegister.lagMax)
      let clean = try StalenessChecker.report(History(events), .init(bound: bound))
      #expect(clean.verdict == .valid && clean.counts == [], "seed \(seed): \(clean)")
      #expect(clean.statistic("stale-reads")?.int ?? 0 > 0, "seed \(seed): nothing lags")
      let planted = register.plant(&events)
      let place = try #require(planted)
      let report = try StalenessChecker.report(History(events), .init(bound: bound))
      #expect(report.findings.map(\.anomaly) == [.staleBeyondBound], "seed \(seed): \(report)")
      #expect(report.findings.first?.events.contains(place) == true, "seed \(seed): \(report)")
    }
  }

  private var seeds: ClosedRange<Int> { Self.seeds }
}

/// A register whose writes take effect at once, and whose reads see it as it was some time before.
private struct LaggingRegister {
  /// Nanoseconds.
  static let lagMax: Int64 = 50_000_000
  private var random: RandomStream
  /// When each value took effect.
  private var effects: [(time: Int64, value: Int64)] = []

  init(_ random: RandomStream) { self.random = random }

  /// Four clients, each always in flight.
  mutating func events(_ operations: Int, lagMax: Int64) -> [Event] {
    struct Step { var time: Int64, process: Int32, type: EventType, function: String, value: Value }
    var steps: [Step] = []
    var next = [Int64](repeating: 0, count: 4)
    var reads: [(begin: Int, at: Int64)] = []
    for number in 0..<operations {
      let client = next.indices.min { next[$0] < next[$1] } ?? 0
      let begin = next[client] + 1 + Int64(random.below(2_000_000))
      let effect = begin + 1 + Int64(random.below(5_000_000))
      let end = effect + 1 + Int64(random.below(5_000_000))
      next[client] = end
      let isWrite = number % 4 == 0
      let value = isWrite ? Value.int(Int64(number + 1)) : .null
      if isWrite { effects.append((effect, Int64(number + 1))) } else { reads.append((steps.count, effect)) }
      for (time, type) in [(begin, EventType.invoke), (end, .ok)] {
        steps.append(
          Step(time: time, process: Int32(client), type: type, function: isWrite ? "write" : "read", value: value))
      }
    }
    effects.sort { $0.time < $1.time }
    for read in reads {
      let seen = effects.last { $0.time <= read.at - Int64(random.below(Int(lagMax))) }
      steps[read.begin + 1].value = seen.map { .int($0.value) } ?? .null
    }
    return steps.sorted { ($0.time, $0.process) < ($1.time, $1.process) }.enumerated().map { index, step in
      Event(
        index: index, time: step.time, process: ProcessID(step.process), type: step.type, function: step.function,
        value: step.value)
    }
  }

  /// Gives a late read the value that another had replaced for more than the bound; its completion's index.
  mutating func plant(_ events: inout [Event]) -> Int? {
    guard let place = events.lastIndex(where: { $0.type == .ok && $0.function == "read" }),
      let begin = events[..<place].lastIndex(where: { $0.process == events[place].process && $0.type == .invoke })
    else { return nil }
    // Two writes that were over before: no order puts the second before the first.
    let before = events[begin].time - Self.lagMax
    let writes = events.filter { $0.type == .ok && $0.function == "write" && $0.time < before }
    for first in writes {
      for second in writes where second.time > first.time {
        let began = events.last { $0.process == second.process && $0.type == .invoke && $0.index < second.index }
        guard let began, began.index > first.index else { continue }
        events[place].value = first.value
        return place
      }
    }
    return nil
  }
}
