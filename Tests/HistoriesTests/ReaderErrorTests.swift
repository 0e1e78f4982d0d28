import Histories
import Testing

/// What is refused, where, and in which words.
@Suite struct ReaderErrorTests {
  static func error(_ text: String, _ reader: HistoryReader = HistoryReader()) -> String {
    error(Array(text.utf8), reader)
  }

  static func error(_ bytes: [UInt8], _ reader: HistoryReader = HistoryReader()) -> String {
    do throws(HistoryFileError) {
      let read = try reader.read(bytes, name: "h")
      return "read \(read.history.count) events"
    } catch { return error.description }
  }

  /// A last `…` stands for what is said of a file that ends within an event.
  static func full(_ error: String) -> String { error.hasSuffix("…") ? error.dropLast() + torn : error }

  static let torn = "; the file ends within this event: --lenient leaves it out"
  static let invoke = #"{"type":"invoke","process":0,"f":"w","value":1}"#
  static let ok = #"{"type":"ok","process":0,"f":"w","value":1}"#

  private static let jsonLines: [(text: String, error: String)] = [
    ("", "h: holds no event"),
    (" \n\t", "h: holds no event"),
    ("[]", "h: holds no event"),
    (
      "hello\n",
      "h:1:1: no history that is known here: expected JSON objects, a JSON array, EDN, or a Jepsen log; "
        + "if it is one of them, say which with --input"
    ),
    (
      "\0\0\0\0",
      "h:1:1: no history that is known here: expected JSON objects, a JSON array, EDN, or a Jepsen log; "
        + "if it is one of them, say which with --input"
    ),
    ("\u{FEFF}", "h: holds no event"),
    (#"{"type":"invoke","process":0,"f":"#, "h:1:34: 'f' must be a name…"),
    (#"{"type":"invoke","process":0,"f":"wri"#, "h:1:34: the string is not closed…"),
    (#"{"type":"invoke","process":0,"value":tr"#, "h:1:38: expected true…"),
    (#"{"type":"invoke","process":0,"value":"\u00"#, "h:1:41: expected 4 hex digits…"),
    (#"{"type":"invoke","process":null,"process":0}"#, "h:1:43: the field 'process' comes twice"),
    (#"{"type":"invoke","process":0,"value":{"a":1,"b":2,"a":2}}"#, "h:1:38: a key of the object comes twice"),
    (
      #"{"type":"invoke","process":0,"time":4611686018427387905}"#,
      "h:1:37: 'time' must be nanoseconds, at most 2⁶² (146 years) before or after 0, not 4611686018427387905"
    ),
    (
      "{\"type\":\"invoke\",\"process\":0,\"key\":1}\n{\"type\":\"invoke\",\"process\":1}",
      "h:2:1: some invocations have a 'key' and some have none, or null: all of them must have one, or none"
    ),
    (
      "{\"type\":\"invoke\",\"process\":0,\"key\":null}\n{\"type\":\"invoke\",\"process\":1,\"key\":1}",
      "h:2:1: some invocations have a 'key' and some have none, or null: all of them must have one, or none"
    ),
    (#"{"type":"invoke","process":0,"value":1e-400}"#, "h:1:38: the number is too small for a double"),
    (#"{"type":"invoke","process":0,"value":0e-400}"#, "read 1 events"),
    (invoke + "\n{\"type\":\"ok\"\n" + ok, "h:2:13: expected ',' or '}'"),
    (invoke + ok, "h:1:48: text after the event"),
    (invoke + "\n[1]", "h:2:1: expected an object with type, process, f and value"),
    (#"{"type":"maybe","process":0}"#, "h:1:9: 'type' must be one of invoke, ok, fail, info"),
    (#"{"process":0}"#, "h:1:1: the event has no type: 'type' must be one of invoke, ok, fail, info"),
    (#"{"type":"ok","type":"ok"}"#, "h:1:21: the field 'type' comes twice"),
    (
      #"{"type":"invoke","process":-4}"#,
      "h:1:28: 'process' must be 0…2147483647 or a name as \"nemesis\", not -4"
    ),
    (#"{"type":"invoke","process":1.5}"#, "h:1:28: 'process' must be an integer or a name as \"nemesis\""),
    (#"{"type":"invoke","process":0,"time":1.5}"#, "h:1:37: 'time' must be an integer"),
    (#"{"type":"invoke","process":0,"f":3}"#, "h:1:34: 'f' must be a name"),
    (
      #"{"type":"invoke"}"#,
      "h:1:1: 'process' is missing: nothing tells which completion belongs to this invocation"
    ),
    (
      invoke + "\n" + #"{"type":"ok"}"#,
      "h:2:1: 'process' is missing in some events: it must be in all of them, or in none"
    ),
    (#"{"type":"invoke","process":0,"value":[9223372036854775808]}"#, "h:1:39: the integer does not fit 64 bits"),
    (#"{"type":"invoke","process":0,"value":-9223372036854775809}"#, "h:1:38: the integer does not fit 64 bits"),
    (#"{"type":"invoke","process":0,"value":1e400}"#, "h:1:38: the number is too large for a double"),
    (
      "{\"type\":\"invoke\",\"process\":0,\"value\":\"\0\"}",
      "h:1:39: a control character in a string must be escaped"
    ),
    (
      #"{"type":"invoke","process":0,"value":"# + String(repeating: "[", count: 300),
      "h:1:293: nested deeper than 256 levels"
    ),
    (
      #"{"type":"invoke","process":0,"index":5}"# + "\n" + #"{"type":"ok","process":0,"index":4}"#,
      "h:2:1: the index falls from 5 to 4: events must be in the order in which they happened"
    ),
  ]

  @Test(arguments: jsonLines)
  func `JSON Lines`(text: String, error: String) { #expect(Self.error(text) == Self.full(error)) }

  @Test(arguments: [
    ("[" + invoke, "h:1:49: expected ',' or ']' after the event of the JSON array…"),
    ("[" + invoke + ",\n" + ok, "h:2:44: expected ',' or ']' after the event of the JSON array…"),
    ("[" + invoke + "\n" + ok + "]", "h:2:1: expected ',' or ']' after the event of the JSON array"),
    ("[" + invoke + ",]", "h:1:50: expected an object with type, process, f and value"),
    ("[" + invoke + "] x", "h:1:51: text after the JSON array"),
    ("[{\"type\":\"invoke\",\"process\":0,\n\"f\":nul}]", "h:2:5: 'f' must be a name"),
    ("[{\"a\":1}, 7]", "h:1:2: the event has no type: 'type' must be one of invoke, ok, fail, info"),
  ])
  func `JSON arrays`(text: String, error: String) { #expect(Self.error(text) == Self.full(error)) }

  @Test(arguments: [
    ("{:type :invoke, :process 0, :f", "h:1:31: 'f' must be a name…"),
    ("{:type :invoke, :process 0\n", "h:1:1: the map is not closed, expected '}'…"),
    ("[{:type :invoke, :process 0}\n", "h:2:1: the list of events is not closed, expected ']'…"),
    ("[{:type :invoke, :process 0})", "h:1:29: expected a map with :type, :process, :f and :value"),
    ("[{:type :invoke, :process 0, :value \"ab]", "h:1:37: the string is not closed…"),
    ("{:type :invoke, :process 0, :value 9223372036854775808}", "h:1:36: the integer does not fit 64 bits"),
    ("{:type :invoke, :process 0, :value 9223372036854775808N}", "h:1:36: the integer does not fit 64 bits"),
    (
      "{:type :invoke, :process 0, :value 1/3}",
      "h:1:36: ratios are not supported: a double may not hold them"
    ),
    (
      "{:type :invoke, :process 0, :value 1.5M}",
      "h:1:36: exact decimals (M) are not supported: a double may not hold them"
    ),
    ("{:type :invoke, :process 0, :value ##NaN}", "h:1:36: ##Inf, ##-Inf and ##NaN are not supported"),
    ("{:type :invoke, :process 0, :value #\"a+\"}", "h:1:36: regular expressions are not supported"),
    (
      "{:type :invoke, :process 0, :value #:a{:b 1}}",
      "h:1:36: maps with a namespace (#:name{…}) are not supported"
    ),
    ("{:type :invoke, :process 0, :value {1 2 3}}", "h:1:36: the last key of the map has no value"),
    (
      "{:type :invoke, :process 0, :value {1 2 \"1\" 3}}",
      "h:1:36: two keys of the map are equal when written as text"
    ),
    ("{:type :invoke, :process 0, :value 012}", "h:1:36: a number cannot start with 0"),
    ("{:type :invoke, :process 0, :value 12x}", "h:1:36: malformed number"),
    ("{:type :invoke, :process 0, :value \\foo}", "h:1:36: '\\foo' is no character"),
    ("{:type :invoke, :process 0, :value ^x}", "h:1:36: expected a value, not '^'"),
    ("{:type :invoke, :process 0, :value \0}", "h:1:36: expected a value, not the byte 0"),
    ("{:type :invoke, :process 0, :value \"\0\"}", "h:1:37: a NUL byte in a string"),
    (
      "{:type :invoke, :process 0, :value " + String(repeating: "#_", count: 400),
      "h:1:548: nested deeper than 256 levels"
    ),
    ("[[{:type :ok}]]", "h:1:2: expected a map with :type, :process, :f and :value"),
    // The end comes where a reader would step over a character, in what it discards.
    ("#_\\", "h:1:4: expected a character after '\\'…"),
    ("(#_\\", "h:1:5: expected a character after '\\'…"),
    ("{:type :ok, :process 0, :value \\", "h:1:33: expected a character after '\\'…"),
  ])
  func `EDN`(text: String, error: String) { #expect(Self.error(text) == Self.full(error)) }

  @Test(arguments: [
    (
      "INFO jepsen.util - 1",
      "h:1:21: the line ends before the type: expected process, type, f and value…"
    ),
    ("INFO jepsen.util - 1\t:invo\n\n0 :info", "h:1:22: 'type' must be one of invoke, ok, fail, info"),
    (
      "INFO jepsen.util - 1\t:invoke",
      "h:1:29: the line ends before the function: expected process, type, f and value…"
    ),
    // A number that is cut off is another number.
    ("0\t:invoke\t:r\tnil\n0\t:ok\t:r\t12", "h:2:12: the last line has no end…"),
    ("0\t:invoke\t:w\t[1 2]", "read 1 events"),
    ("0\t:invoke\t:w\t1\n", "read 1 events"),
    ("INFO jepsen.util - 5 nodes\n1 {:type :ok, :f :r}\n0\t:invoke\t:r\tnil\n", "read 1 events"),
    (
      "INFO jepsen.util - 1\t:invoke\t:write\n",
      "h:1:36: the line ends before the value: expected process, type, f and value…"
    ),
    ("INFO jepsen.util - 1\t:invoke\t:cas\t[1 2", "h:1:35: the collection is not closed, expected ']'…"),
    ("INFO jepsen.util - 1\t:invoke\t:cas\t[1 2]]", "h:1:40: text after the value"),
  ])
  func `logs`(text: String, error: String) {
    #expect(Self.error(text, HistoryReader(format: .jepsenLog)) == Self.full(error))
  }

  @Test(arguments: [
    ("INFO jepsen.util - 0:invoke\t:w\t7\n0\t:invoke\t:r\tnil\n", "h:1:21"),
    ("INFO jepsen.util - 0:invoke :w 7\n", "h:1:20"),
    ("INFO jepsen.util - 0:invo\0e\t:w\t7\n", "h:1:26"),
    ("0:ok :w 7\n", "h:1:1"),
    ("INFO x - \t:ok\t:w\t7\n", "h:1:11"),
    ("INFO jepsen.util - \n0\t:invoke\t:r\tnil\n", "h:1:20"),
  ])
  func `remains of a record in a log are not passed over`(text: String, place: String) {
    let error = place + ": a damaged record: expected process, type, f and value between tabs"
    #expect(Self.error(text, HistoryReader(format: .jepsenLog)) == error)
  }

  @Test func `what is packed must be unpacked`() {
    #expect(Self.error([0x1F, 0x8B, 0x08, 0]) == "h: this is gzip: unpack it first (zcat FILE | faultline check -)")
  }

  @Test func `what is no history is refused with both lines`() {
    let invoke = Self.invoke + "\n"
    let ok = Self.ok + "\n"
    #expect(Self.error(ok) == "h:1:1: process 0 completes an operation that it never invoked")
    #expect(Self.error(invoke + ok + ok) == "h:3:1: process 0 completes its operation again: it did on line 2")
    #expect(Self.error(invoke + "\n" + invoke) == "h:3:1: process 0 invokes 'w' while its 'w' of line 1 is open")
    #expect(
      Self.error(invoke + #"{"type":"ok","process":0,"f":"r"}"#)
        == "h:2:1: completes 'r', but the open operation of process 0 is 'w' of line 1")
    #expect(
      Self.error("{:type :ok :process :bob :f :r}")
        == "h:1:1: process 'bob' completes an operation that it never invoked")
  }

  @Test func `bytes that are not UTF-8 are refused wherever they are kept`() {
    for (prefix, suffix, place) in [
      (#"{"type":"invoke","process":0,"value":""#, #""}"#, 39), (#"{"type":"invoke","process":0,"f":""#, #""}"#, 35),
      (#"{"type":"invoke","process":""#, #""}"#, 29), (#"{"type":"invoke","process":0,"other":""#, #""}"#, 39),
      ("{:type :invoke :process 0 :value :a", "}", 35),
    ] {
      for bad: [UInt8] in [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80]] {
        let bytes = Array(prefix.utf8) + bad + Array(suffix.utf8)
        #expect(Self.error(bytes) == "h:1:\(place): the string is not UTF-8")
      }
    }
  }

  @Test func `limits are limits`() {
    let line = Self.invoke + "\n" + Self.ok + "\n"
    let text = String(repeating: line, count: 3)
    let error = "h:6:1: more than 6 events: split the history"
    #expect(Self.error(text, HistoryReader(eventsMax: 8)) == "read 6 events")
    #expect(Self.error(text, HistoryReader(eventsMax: 6)) == error)
    #expect(Self.error(text, HistoryReader(isLenient: true, eventsMax: 6)) == error)
  }
}
