import Histories
import Testing

/// What is written in one of our formats is read back as it was.
@Suite struct WriterTests {
  /// A small generator of pseudo-random numbers (SplitMix64), so that every test sees the same histories.
  private struct Dice {
    var state: UInt64

    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var mixed = state
      mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
      mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
      return mixed ^ (mixed >> 31)
    }

    mutating func pick<Element>(_ choices: [Element]) -> Element { choices[Int(next() % UInt64(choices.count))] }
  }

  private static let texts = [
    "", " ", "read", "start-partition", "compare failed: 3 ≠ 4", ":f", "nil", "true", "9", "-1", "a\"b\\c", "\n\r\t",
    "\u{0}\u{1}\u{8}\u{c}\u{1f}", "é", "漢字", "😀", ";x", "#_", "{}", "a,b", "x/y", "\u{7f}",
  ]
  /// A function's name may be written `:f`, so none begins with one colon.
  private static let functions = texts.filter { !$0.hasPrefix(":") } + ["::f"]
  private static let numbers = [0, 1, -1, 7, Int64.max, Int64.min]
  private static let doubles = [0.5, -2.25, 1e300, .leastNonzeroMagnitude, 0.1, 1e16, -1e-7, .greatestFiniteMagnitude]

  private static func value(_ dice: inout Dice, depth: Int = 0) -> Value {
    switch dice.next() % (depth < 4 ? 8 : 6) {
    case 0: return .null
    case 1: return .bool(dice.next() % 2 == 0)
    case 2, 3: return .int(dice.pick(numbers))
    case 4: return .double(dice.pick(doubles))
    case 5: return .string(dice.pick(texts))
    case 6: return .list((0..<dice.next() % 4).map { _ in value(&dice, depth: depth + 1) })
    default:
      let entries = (0..<dice.next() % 4).map { _ in (dice.pick(texts), value(&dice, depth: depth + 1)) }
      return .map(Dictionary(entries) { first, _ in first })
    }
  }

  /// Operations one after the other, of many processes, the nemesis between them.
  private static func events(seed: UInt64, operations: Int) -> [Event] {
    var dice = Dice(state: seed)
    var events: [Event] = []
    for operation in 0..<operations {
      let isNemesis = dice.next() % 5 == 0
      var event = Event(
        index: events.count, time: Int64(operation) * 1000, process: isNemesis ? .nemesis : ProcessID(Int32(operation)),
        type: isNemesis ? .info : .invoke, function: dice.pick(functions), value: value(&dice),
        node: dice.pick([nil, "n1", dice.pick(texts)]))
      events.append(event)
      guard !isNemesis else { continue }
      (event.index, event.time) = (events.count, event.time + Int64(dice.next() % 1000))
      (event.type, event.value) = (dice.pick([.ok, .fail, .info]), value(&dice))
      event.error = dice.pick([nil, "timeout", dice.pick(texts)])
      events.append(event)
    }
    return events
  }

  @Test(arguments: 0..<40)
  func `what is written is read back`(seed: Int) throws {
    let events = Self.events(seed: UInt64(seed), operations: 100)
    var (lines, edn): ([UInt8], [UInt8]) = ([], [])
    for event in events {
      JSONLines.append(event, to: &lines)
      EDNLines.append(event, to: &edn)
    }
    #expect(edn.count { $0 == UInt8(ascii: "\n") } == events.count, "one line an event")
    for (format, bytes) in [(HistoryFormat.jsonLines, lines), (.edn, edn)] {
      #expect(bytes.withUnsafeBufferPointer { HistoryFormat.detect($0) } == format)
      #expect(try Array(HistoryReader().read(bytes).history.events) == events, "\(format)")
    }
  }

  @Test func `names are keywords, other texts are strings`() {
    var bytes: [UInt8] = []
    EDNLines.append(
      Event(
        index: 3, time: 5, process: ProcessID(1), type: .fail, function: "cas", value: [1, nil, ["k": "v"], 0.5],
        node: "n1", error: "compare-failed"), to: &bytes)
    EDNLines.append(
      Event(
        index: 4, time: 6, process: .nemesis, type: .info, function: "start it", value: .double(.nan), error: "2 of 3"),
      to: &bytes)
    #expect(
      String(decoding: bytes, as: UTF8.self) == """
        {:index 3, :time 5, :process 1, :type :fail, :f :cas, :value [1 nil {"k" "v"} 0.5], :node "n1", :error :compare-failed}
        {:index 4, :time 6, :process :nemesis, :type :info, :f "start it", :value nil, :error "2 of 3"}

        """)
  }
}
