import Histories
import Testing

/// Random values of every shape, for round trips.
struct ValueMaker {
  var generator: SystemLike

  /// A tiny linear congruential generator: these tests need variety, not quality.
  struct SystemLike: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state ^ state >> 29
    }
  }

  mutating func value(depth: Int = 0) -> Value {
    switch Int.random(in: 0..<(depth > 3 ? 5 : 8), using: &generator) {
    case 0: .null
    case 1: .bool(Bool.random(using: &generator))
    case 2: .int(Int64.random(in: .min ... .max, using: &generator))
    case 3: .int(Int64.random(in: -2...300, using: &generator))
    case 4: .string(["", "x", "n1", "é\"\\\n", "🙂"].randomElement(using: &generator) ?? "")
    case 5: .double(Double.random(in: -1e9...1e9, using: &generator))
    case 6: .list((0..<Int.random(in: 0...3, using: &generator)).map { _ in value(depth: depth + 1) })
    default:
      .map(
        Dictionary(
          (0..<Int.random(in: 0...3, using: &generator)).map { ("k\($0)", value(depth: depth + 1)) },
          uniquingKeysWith: { $1 }))
    }
  }
}

@Suite struct HistoryTests {
  static func randomEvents(seed: UInt64, count: Int) -> [Event] {
    var maker = ValueMaker(generator: .init(state: seed))
    return (0..<count).map { index in
      Event(
        index: index, time: Int64(index) * 17, process: index % 9 == 8 ? .nemesis : ProcessID(Int32(index % 9)),
        type: EventType.allCases[index % 4], function: ["read", "write", "cas"][index % 3], value: maker.value(),
        node: index % 5 == 0 ? nil : "n\(index % 5)", error: index % 7 == 0 ? "timeout" : nil)
    }
  }

  @Test(arguments: [false, true])
  func `events come back as they were put in`(keyed: Bool) {
    let events = Self.randomEvents(seed: 1, count: 3_000)
    #expect(Array(History(keyed: keyed, events).events) == events)
  }

  @Test func `chunks join without a seam`() {
    var history = History(keyed: true)
    let count = (1 << 16) + 10
    for index in 0..<count {
      history.append(
        Event(
          index: 0, time: Int64(index), process: ProcessID(0), type: index % 2 == 0 ? .invoke : .ok, function: "write",
          value: [.int(Int64(index % 3)), .int(Int64(index))]))
    }
    #expect(history.count == count)
    #expect(history[1 << 16].value == [.int(Int64((1 << 16) % 3)), .int(1 << 16)])
    #expect(history[(1 << 16) - 1].index == (1 << 16) - 1)
  }

  @Test func `JSON Lines round trip`() throws {
    let events = Self.randomEvents(seed: 2, count: 2_000)
    var bytes: [UInt8] = []
    for event in events { JSONLines.append(event, to: &bytes) }
    #expect(Array(try JSONLines.history(from: bytes, keyed: true).events) == events)
  }

  @Test func `a torn last line is the end of a run's file, an error elsewhere`() throws {
    let whole = #"{"process":0,"type":"invoke","f":"read","value":[1,null]}"# + "\n"
    let torn = Array((whole + #"{"process":0,"ty"#).utf8)
    #expect(try JSONLines.history(from: torn, keyed: true, tornTail: true).count == 1)
    let error = #expect(throws: HistoryFileError.self) { try JSONLines.history(from: torn, keyed: true) }
    #expect(error?.line == 2)
    let inside = Array((#"{"process":0,"ty"# + "\n" + whole).utf8)
    #expect(throws: HistoryFileError.self) { try JSONLines.history(from: inside, keyed: true, tornTail: true) }
  }

  @Test(arguments: [
    (#"[1]"#, "object"), (#"{"process":0,"type":"maybe","f":"r"}"#, "'type'"),
    (#"{"process":-4,"type":"ok","f":"r"}"#, "'process'"), (#"{"process":4294967296,"type":"ok"}"#, "'process'"),
    (#"{"type":"ok","f":"r"}"#, "'process'"), (#"{"process":0,"type":"ok","f":"r""#, "expected ','"),
  ])
  func `lines that are no events are refused with line and reason`(line: String, reason: String) {
    let error = #expect(throws: HistoryFileError.self) {
      try JSONLines.history(from: Array("\n\(line)\n".utf8), keyed: false)
    }
    #expect(error?.line == 2)
    #expect(error?.message.contains(reason) == true, "\(error?.description ?? "")")
  }
}

@Suite struct OperationsTests {
  private func event(
    _ process: Int32, _ type: EventType, _ function: String, _ value: Value, error: String? = nil
  ) -> Event {
    Event(index: 0, time: 0, process: ProcessID(process), type: type, function: function, value: value, error: error)
  }

  @Test func `completions find their invocations across processes`() throws {
    let history = History(
      keyed: true,
      [
        event(0, .invoke, "write", ["x", 1]), event(1, .invoke, "read", ["y", nil]), event(-1, .info, "kill", "n1"),
        event(1, .ok, "read", ["y", 7]), event(0, .info, "write", ["x", 1], error: "timeout"),
        event(2, .invoke, "write", ["x", 2]),
      ])
    let operations = try Operations(history)
    #expect(operations.count == 3)
    #expect(operations[0].outcome == .info)
    #expect(operations[0].error == "timeout")
    #expect(operations[1].output == 7)
    #expect(operations[1].key == "y")
    #expect(operations[2].completion == nil)
    #expect(operations[2].outcome == .info)
    let x = try #require(history.keys.id(of: "x"))
    #expect(Array(operations.positions(key: x)) == [0, 2])
  }

  @Test func `what is no history is refused at its event`() {
    let cases: [([Event], Int)] = [
      ([event(0, .ok, "read", nil)], 0),
      ([event(0, .invoke, "read", nil), event(0, .invoke, "read", nil)], 1),
      ([event(0, .invoke, "read", nil), event(0, .ok, "write", nil)], 1),
    ]
    for (events, index) in cases {
      let error = #expect(throws: PairingError.self) { try Operations(History(events)) }
      #expect(error?.index == index)
    }
  }
}

@Suite struct VerdictTests {
  @Test func `invalid beats error beats unknown beats valid`() {
    #expect(Verdict.combined([.valid, .unknown, .error, .invalid]) == .invalid)
    #expect(Verdict.combined([.valid, .unknown, .error]) == .error)
    #expect(Verdict.combined([.valid, .unknown]) == .unknown)
    #expect(Verdict.combined([]) == .valid)
    for left in Verdict.allCases {
      for right in Verdict.allCases { #expect(left.combined(with: right) == right.combined(with: left)) }
    }
  }
}
