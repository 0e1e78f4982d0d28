import Histories
import Testing

/// What each format may look like.
@Suite struct ReaderFormatTests {
  /// The events of a text, one short word each: `0:invoke:read:null`.
  static func words(_ text: String, format: HistoryFormat? = nil) throws -> [String] {
    let read = try HistoryReader(format: format).read(Array(text.utf8))
    return read.history.events.map { "\($0.process):\($0.type.name):\($0.function):\($0.value)" }
  }

  static let pair = ["0:invoke:read:null", "0:ok:read:[1,\"x\"]"]

  @Test(arguments: [
    (
      HistoryFormat.jsonLines,
      #"{"process":0,"type":"invoke","f":"read"}"# + "\n\r\n"
        + #" {"type":"ok","f":"read","value":[1,"x"],"process":0} "#
    ),
    (.json, #"[{"process":0,"type":"invoke","f":"read"},{"type":"ok","f":"read","value":[1,"x"],"process":0}]"#),
    (
      .json,
      "\u{FEFF}[\n{\"process\":0,\n\"type\":\"invoke\",\"f\":\"read\"}\n,"
        + #"{"type":"ok","f":"\u0072ead","va\u006cue":[1,"x"],"process":0} ]  "#
    ),
    (.edn, "{:process 0, :type :invoke, :f :read}\n{:type :ok :f :read :value [1 :x] :process 0}"),
    (.edn, "[{:process 0 :type :invoke :f :read :value nil},{:type :ok, :f :read, :value (1, \"x\"), :process 0}]\n"),
    (
      .edn,
      "; a note\n({:process 0 :type :invoke :f read} ; another\n #_{:type :ok}\n"
        + "#jepsen.history.Op{:type :ok\n :f :read\n :value #x [1N \\x] :process 0})"
    ),
    (.edn, #"{:process 0 "type" "invoke" :f "read"} {:type :ok :f :read, :value [+1 x], :process 0, 7 8, [1] #{}}"#),
    (
      .jepsenLog,
      "INFO  jepsen.util - 0\t:invoke\t:read\tnil\r\nINFO  jepsen.core - Worker 0 done\n"
        + "INFO  jepsen.util - 0\t:ok\t:read\t[1 :x]\n"
    ),
    (
      .jepsenLog,
      "2020-01-01 20:16:12,431{GMT}\tINFO\t[jepsen worker 0] jepsen.util: 0\t:invoke\t:read\tnil\n"
        + "n1 | INFO x - 0\t:ok\t:read\t[1 \"x\"]"
    ),
    (.jepsenLog, "0 :invoke :read nil\n\n0   :ok  :read  [1 x]\n"),
  ])
  func `the same history in every form`(format: HistoryFormat, text: String) throws {
    #expect(text.utf8.withContiguousStorageIfAvailable { HistoryFormat.detect($0) } == format)
    #expect(try Self.words(text) == Self.pair)
    #expect(try Self.words(text, format: format) == Self.pair)
  }

  @Test(arguments: [
    (":k", #""k""#), ("sym/bol", #""sym/bol""#), ("\\newline", #""\n""#), ("\\u0041", #""A""#), ("\\o101", #""A""#),
    ("\\é", #""é""#), ("\\(", #""(""#), ("#{:n2 :n1}", #"["n1","n2"]"#), ("#{3 -1 20}", "[-1,3,20]"), ("-0", "0"),
    ("#{[2] {} 1}", "[1,[2],{}]"), ("{0 10, 1 -10}", #"{"0":10,"1":-10}"#), ("{:x 1 \"y\" 2}", #"{"x":1,"y":2}"#),
    ("{[1 :a] nil, nil true}", #"{"[1,\"a\"]":null,"null":true}"#), ("#inst \"2020\"", #""2020""#), ("1.5e3", "1500.0"),
    ("\"a\\tb\nc\\u00e9\"", #""a\tb\ncé""#), ("(1 (2))", "[1,[2]]"), ("[1 #_ [2 #_ 3] #_#_ 4 5 6]", "[1,6]"),
    ("9223372036854775807N", "9223372036854775807"), ("-9223372036854775808", "-9223372036854775808"),
    ("true", "true"), ("nilly", #""nilly""#),
  ])
  func `EDN values become what JSON can say`(edn: String, json: String) throws {
    let text = "{:type :invoke :process 0 :f :w :value \(edn)}"
    #expect(try Self.words(text) == ["0:invoke:w:\(json)"])
  }

  @Test func `a key beside the value is wrapped around it`() throws {
    let text =
      #"{:process 0 :type :invoke :f :get :key "7" :value nil} {:process 0 :type :ok :f :get :value "" :key "7"}"#
    #expect(try Self.words(text) == [#"0:invoke:get:["7",null]"#, #"0:ok:get:["7",""]"#])
    #expect(try Self.words(#"{:process 1 :type :invoke :f :get :key 7}"#) == ["1:invoke:get:[7,null]"])
  }

  @Test func `keywords may be written as strings with their colon`() throws {
    let text = #"{"process":":nemesis","type":":info","f":":kill"} {"process":0,"type":":invoke","f":":read"}"#
    #expect(
      try Self.words("[" + text.replacing("} {", with: "},{") + "]") == [
        "nemesis:info:kill:null", "0:invoke:read:null",
      ])
    // With an escape in it too, else it would change when it is written without one.
    #expect(try Self.words(#"{"process":0,"type":"invoke","f":":re\u0061d"}"#) == ["0:invoke:read:null"])
  }

  @Test func `times that fall are told`() throws {
    func falls(_ times: [Int]) throws -> TimeFalls? {
      let lines = times.enumerated().map { "{\"process\":\($0),\"type\":\"invoke\",\"time\":\($1)}" }
      return try HistoryReader().read(Array(lines.joined(separator: "\n").utf8)).timeFalls
    }
    #expect(try falls([1, 2, 2, 9]) == nil)
    let found = try #require(try falls([1, 5, 4, 6, 0]))
    #expect((found.firstLine, found.count) == (3, 2))
    let fault = #"{"process":"nemesis","type":"info","f":"kill","time":1}"#
    let client = #"{"process":0,"type":"invoke","time":5}"#
    #expect(try HistoryReader().read(Array("\(client)\n\(fault)\n".utf8)).timeFalls == nil)
  }

  @Test func `a log is known though its first operation comes late`() throws {
    let text =
      String(repeating: "2020-01-01 INFO jepsen.core - setting up node n1\n", count: 3_000) + "0\t:invoke\t:read\tnil\n"
    #expect(try Self.words(text) == ["0:invoke:read:null"])
  }

  @Test func `named processes get numbers above all others`() throws {
    let text = """
      {:process :b :type :invoke :f :r} {:process 41 :type :invoke :f :r} {:process "a" :type :invoke :f :r}
      {:process nemesis :type :info :f :kill} {:process :b :type :ok :f :r}
      """
    let read = try HistoryReader().read(Array(text.utf8))
    #expect(read.history.events.map(\.process.rawValue) == [42, 41, 43, -1, 42])
    #expect(read.processNames == [ProcessID(42): "b", ProcessID(43): "a"])
    #expect(try Operations(read.history).count == 3)
  }

  @Test func `without processes each completion is an operation of its own`() throws {
    let read = try HistoryReader().read(
      Array("{:type :ok :value 1}\n{:type :info :process :nemesis}\n{:type :fail :value 2 :error :no}".utf8))
    let events = read.history.events.map { "\($0.process):\($0.type.name):\($0.value):\($0.error ?? "")" }
    #expect(events == ["0:invoke:1:", "0:ok:1:", "nemesis:info:null:", "1:invoke:2:", "1:fail:2:no"])
    #expect(read.lines == [1, 1, 2, 3, 3])
    #expect(!read.hasProcesses)
    #expect(try HistoryReader().read(Array(#"{"process":0,"type":"invoke"}"#.utf8)).hasProcesses)
  }

  /// As Clojure prints what went wrong: no value of a history, and no reason to refuse one.
  @Test(arguments: [
    ##"#object[java.lang.Thread 0x5e7f1a2b "Thread[main,5,main]"]"##, "1/2", "1.5M", "##NaN", "#:a{:b 1}",
    ##"#"\d+\"[a-z]""##, "1e400", "99999999999999999999N", "[:timeout 5000 {1/2 0x1f}]", "#inst \"2026-01-01\"",
  ]) func `what nobody looks at may be anything that is printed`(printed: String) throws {
    let text = """
      {:process 0 :type :invoke :f :write :value 1}
      {:process 0 :type :info :f :write :value 1 :exception \(printed) :error \(printed) :time 7}
      {:process :nemesis :type :info :f :start :value nil :exception {:via [\(printed)]}}
      """
    let history = try HistoryReader(format: .edn).read(Array(text.utf8)).history
    #expect(history.count == 3)
    #expect(history[1].value == 1 && history[1].error != nil && history[1].time == 7)
  }

  @Test func `time is the order where there is none, other fields are kept`() throws {
    let text = """
      {"type":"invoke","process":0,"time":null,"node":"n1","index":7}
      {"type":"fail","process":0,"time":9,"error":["x",{"a":null}],"index":9,"exception":{"deep":[1e5,123456789012345678901]}}
      """
    let history = try HistoryReader().read(Array(text.utf8)).history
    #expect(history[0].time == 0)
    #expect(history[0].node == "n1")
    #expect(history[1].time == 9)
    #expect(history[1].error == #"["x",{"a":null}]"#)
    #expect(history[1].index == 1)
  }

  @Test func `a log's fifth field is the error, the nemesis may speak plainly`() throws {
    let text =
      "INFO jepsen.util - 1\t:invoke\t:read\tnil\nINFO jepsen.util - 1\t:fail\t:read\tnil\t:not-found\n"
      + "INFO jepsen.util - :nemesis\t:info\t:start\tCut off {:n1 #{:n2}}\n"
    let events = Array(try HistoryReader().read(Array(text.utf8)).history.events)
    #expect(events[1].error == "not-found")
    #expect(events[2].process == .nemesis)
    #expect(events[2].value == "Cut off {:n1 #{:n2}}")
  }

  @Test func `every event knows its line`() throws {
    let text = "; note\n[{:type :invoke\n :process 0} {:type :ok :process 0}\n\n{:type :invoke :process 0}]"
    let read = try HistoryReader().read(Array(text.utf8), name: "a.edn")
    #expect(read.lines == [2, 3, 5])
    #expect(read.location(ofEvent: 1) == "a.edn:3:14")
    #expect(read.location(ofEvent: 2) == "a.edn:5:1")
  }

  @Test func `splitting by key is what reading with keys gives`() throws {
    let events = HistoryTests.randomEvents(seed: 8, count: 3_000)
    let split = History(events).splittingKeys()
    let keyed = History(keyed: true, events)
    #expect(split.keyed)
    #expect(split.keys.symbols == keyed.keys.symbols)
    #expect(!split.keys.symbols.isEmpty)
    for index in events.indices {
      #expect(split.keyID(at: index) == keyed.keyID(at: index))
      #expect(split.payload(at: index) == keyed.payload(at: index))
    }
    #expect(Array(split.events) == events)
  }

  @Test func `keys are one key whether scalar or not`() throws {
    var history = History(keyed: true)
    for key: Value in ["a", [1, 2], 3, "a", [1, 2], 3, 3.5] {
      history.append(
        Event(index: 0, time: 0, process: ProcessID(0), type: .invoke, function: "w", value: [key, nil]))
    }
    #expect((0..<7).map { history.keyID(at: $0) } == [0, 1, 2, 0, 1, 2, 3])
  }
}

extension Value: ExpressibleByFloatLiteral {
  public init(floatLiteral value: Double) { self = .double(value) }
}
