import Histories
import Testing

/// What lenient reading leaves out, and what it must not.
@Suite struct LenientReaderTests {
  private static let lenient = HistoryReader(isLenient: true)

  private static func line(_ process: Int, _ type: String, _ f: String, _ value: String) -> String {
    "{\"process\":\(process),\"type\":\"\(type)\",\"f\":\"\(f)\",\"value\":\(value)}\n"
  }

  /// Reads what strict reading refuses; pairing must hold.
  private func read(_ text: String) throws -> ReadHistory {
    #expect(throws: HistoryFileError.self) { try HistoryReader().read(Array(text.utf8)) }
    let read = try Self.lenient.read(Array(text.utf8))
    _ = try Operations(read.history)
    return read
  }

  private func words(_ read: ReadHistory) -> [String] {
    read.history.events.map { "\($0.process):\($0.type.name):\($0.function):\($0.value)" }
  }

  @Test(arguments: [("", "\n"), ("[", ",\n"), ("[", ",")])
  func `a completion with a number that nothing holds makes its operation unknown`(
    open: String, separator: String
  ) throws {
    for bad in ["18446744073709551616", "[1e400]", "{\"a\":1e-400}"] {
      let lines = [
        Self.line(0, "invoke", "w", "1"), Self.line(0, "ok", "w", bad), Self.line(1, "invoke", "r", "null"),
        Self.line(1, "ok", "r", "1"),
      ]
      let text = open + lines.map { $0.trimmingLine }.joined(separator: separator) + (open == "[" ? "]" : "")
      let read = try read(text)
      #expect(words(read) == ["0:invoke:w:1", "0:info:w:1", "1:invoke:r:null", "1:ok:r:1"])
      #expect(read.history[1].error == "no readable completion")
      let line = separator == "," ? 1 : 2
      #expect(read.skipped.description == "1 number-out-of-range (first on line \(line))")
    }
  }

  @Test(arguments: ["1/3", "1.5M", "##NaN", "[##-Inf 99999999999999999999]", "{1 2N, 3 1e400}"])
  func `the same in EDN and in a log`(bad: String) throws {
    let edn =
      "{:process 0 :type :invoke :f :w}\n{:process 0 :type :ok :f :w :value \(bad)}\n{:process 1 :type :invoke :f :r}"
    #expect(words(try read(edn)) == ["0:invoke:w:null", "0:info:w:null", "1:invoke:r:null"])
    let log =
      "jepsen.util - 0\t:invoke\t:w\t1\njepsen.util - 0\t:ok\t:w\t\(bad)\njepsen.util - 1\t:invoke\t:r\tnil\n"
    #expect(words(try read(log)) == ["0:invoke:w:1", "0:info:w:1", "1:invoke:r:null"])
  }

  @Test(arguments: [
    #"{"process":0,"type":"invoke","f":"w","value":1"#, #"{"process":0,"f":"w","va"#, "garbage", #"{"process":1}"#,
    // Completions: but what else was on this line?
    #"{"process":0,"type":"ok","f""#, "{\"process\":0,\"type\":\"ok\",\"f\":\"w\0\0\0\0\0\0\0\0",
    "{\"process\":0,\"type\":\"ok\",\0\0\0\0\0\0\0\0", #"{"process":0,"type":"ok","f":"wX"ok","f":"w","value":2}"#,
    #"{"process":0,"type":"ok","f":"w{"process":1,"type":"invoke","f":"w","value":3}"#,
    #"{"process":"nemesis","type":"info","value":nope}"#,
    // Whole, but not the completion of an open operation.
    #"{"process":0,"type":"invoke","f":"w","value":18446744073709551616}"#,
    #"{"process":0,"type":"ok","f":"r","value":18446744073709551616}"#,
    #"{"process":7,"type":"ok","f":"w","value":18446744073709551616}"#,
    #"{"process":18446744073709551616,"type":"ok","f":"w","value":1}"#,
    #"{"process":0,"type":"ok","f":"w","value":18446744073709551616"#,
  ])
  func `what may hide an invocation stays an error`(bad: String) {
    for end in [Self.line(2, "invoke", "r", "null"), "\n{}", "\n" + Self.line(2, "info", "r", "null")] {
      let text = Self.line(0, "invoke", "w", "1") + bad + "\n" + end
      let error = #expect(throws: HistoryFileError.self) { try Self.lenient.read(Array(text.utf8)) }
      #expect(error?.line == 2)
      #expect(
        error?.message.contains("; it cannot be left out: nothing tells which invocations were lost here") == true)
    }
  }

  @Test func `one line that is broken early is not an end`() {
    let events = (0..<50).map { Self.line($0, "invoke", "w", "\($0)").trimmingLine }
    for text in [
      "[" + events[0] + ",{\"process\":1;" + events.dropFirst(2).joined(separator: ",") + "]",
      events[0] + "\n" + events.dropFirst().joined(),
    ] {
      let error = #expect(throws: HistoryFileError.self) { try Self.lenient.read(Array(text.utf8)) }
      #expect(error?.message.contains("it cannot be left out") == true)
    }
  }

  @Test(arguments: [
    "{\"process\":1,\"type\":\"invoke\",\"f\":\"w", "\0\0\0\0\0", "{\"process\":1,\"type\":\"ok\",\0\0\0\0",
    "{\"process\":nul",
    "{\"process\":1,\"type\":\"invoke\",\"f\":\"w\n",
  ])
  func `an end that is missing is left out, whatever it was`(end: String) throws {
    let text = Self.line(0, "invoke", "w", "1") + end
    let read = try read(text)
    #expect(words(read) == ["0:invoke:w:1"])
    #expect(read.skipped.description == "1 torn-end (line 2, \(end.trimmingLine.utf8.count) bytes)")
  }

  @Test func `a list that is cut off ends there`() throws {
    for text in ["[{:process 0 :type :invoke}\n{:process 0 :type :o", "[{:process 0 :type :invoke}\n"] {
      let read = try read(text)
      #expect(words(read) == ["0:invoke::null"])
      #expect(read.skipped[.tornEnd] == 1)
    }
    #expect(words(try read("[" + Self.line(0, "invoke", "w", "1"))) == ["0:invoke:w:1"])
  }

  @Test func `a log that is cut off in a number ends before it`() throws {
    let read = try read("0\t:invoke\t:r\tnil\n0\t:ok\t:r\t1")
    #expect(words(read) == ["0:invoke:r:null"])
    #expect(read.skipped.description == "1 torn-end (line 2, 10 bytes)")
  }

  @Test func `a number in an event of the nemesis does not matter`() throws {
    let text =
      Self.line(0, "invoke", "w", "1") + #"{"process":"nemesis","type":"info","value":1e400}"# + "\n"
      + Self.line(0, "ok", "w", "1")
    let read = try read(text)
    #expect(words(read) == ["0:invoke:w:1", "0:ok:w:1"])
    #expect(read.skipped[.numberOutOfRange] == 1)
  }

  @Test func `a completion that is there twice in a row is one`() throws {
    let text = Self.line(0, "invoke", "w", "1") + Self.line(0, "ok", "w", "1") + Self.line(0, "ok", "w", "1")
    for text in [text + Self.line(0, "invoke", "r", "null"), text, text + text] {
      let read = try read(text)
      #expect(words(read).prefix(2) == ["0:invoke:w:1", "0:ok:w:1"])
      #expect(read.skipped.firstLine(.repeatedCompletion) == 3)
    }
  }

  /// The late copy of a completion closes the next operation of its process: the true completion is the one too many.
  @Test(arguments: [
    Self.line(0, "ok", "r", "1"), Self.line(0, "info", "r", "null"), Self.line(0, "ok", "r", "2"),
    Self.line(0, "ok", "w", "1"),
  ])
  func `a completion too many stays an error where it is no copy of the line above`(last: String) {
    let read = Self.line(0, "invoke", "r", "null") + Self.line(0, "ok", "r", "1")
    let text = read + read + Self.line(1, "invoke", "w", "1") + Self.line(1, "ok", "w", "1") + last
    let error = #expect(throws: HistoryFileError.self) { try Self.lenient.read(Array(text.utf8)) }
    #expect(error?.line == 7)
    #expect(error?.message.hasSuffix("and may belong to another operation") == true)
  }

  @Test func `an orphan stays an error`() {
    #expect(throws: HistoryFileError.self) { try Self.lenient.read(Array(Self.line(0, "ok", "w", "1").utf8)) }
  }

  @Test func `an operation left open is unknown, and so is the next one that may have got its completion`() throws {
    let text = Self.line(0, "invoke", "w", "1") + Self.line(0, "invoke", "w", "2") + Self.line(0, "ok", "w", "2")
    let read = try read(text)
    #expect(words(read) == ["0:invoke:w:1", "0:info:w:1", "0:invoke:w:2"])
    #expect(read.skipped[.missingCompletion] == 1)
    #expect(read.skipped[.ambiguousCompletion] == 1)
  }

  @Test func `a completion of another function is certainly that of the next operation`() throws {
    let text =
      Self.line(0, "invoke", "w", "1") + Self.line(0, "invoke", "r", "null") + Self.line(0, "ok", "r", "1")
      + Self.line(0, "ok", "w", "1")
    let read = try read(text)
    #expect(words(read) == ["0:invoke:w:1", "0:info:w:1", "0:invoke:r:null", "0:ok:r:1"])
    #expect(read.skipped[.missingCompletion] == 1)
    #expect(read.skipped[.ambiguousCompletion] == 1)
  }
}

extension String {
  fileprivate var trimmingLine: String { hasSuffix("\n") ? String(dropLast()) : self }
}
