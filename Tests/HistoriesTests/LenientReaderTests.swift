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

  @Test(arguments: [("", "\n"), ("[", ",\n")])
  func `an unreadable completion makes its operation unknown`(open: String, separator: String) throws {
    let bad = [#"{"process":0,"type":"ok","f":"w","value":18446744073709551616}"#, #"{"process":0,"type":"ok","f""#]
    for bad in bad {
      let lines = [
        Self.line(0, "invoke", "w", "1"), bad, Self.line(1, "invoke", "r", "null"), Self.line(1, "ok", "r", "1"),
      ]
      let text = open + lines.map { $0.trimmingLine }.joined(separator: separator) + (open == "[" ? "]" : "")
      let read = try read(text)
      #expect(words(read) == ["0:invoke:w:1", "0:info:w:1", "1:invoke:r:null", "1:ok:r:1"])
      #expect(read.history[1].error == "no readable completion")
      #expect(read.lines == [1, 2, 3, 4])
      #expect(read.skipped.description == "1 unreadable-completion (first on line 2)")
    }
  }

  @Test func `the same in EDN and in a log`() throws {
    let edn =
      "{:process 0 :type :invoke :f :w}\n{:process 0 :type :ok :f :w :value 1/3}\n{:process 1 :type :invoke :f :r}"
    #expect(words(try read(edn)) == ["0:invoke:w:null", "0:info:w:null", "1:invoke:r:null"])
    let log =
      "INFO jepsen.util - 0\t:invoke\t:w\t1\nINFO jepsen.util - 0\t:ok\t:w\t[\nINFO jepsen.util - 1\t:invoke\t:r\tnil\n"
    #expect(words(try read(log)) == ["0:invoke:w:1", "0:info:w:1", "1:invoke:r:null"])
  }

  @Test(arguments: [
    #"{"process":0,"type":"invoke","f":"w","value":1"#, #"{"process":0,"f":"w","va"#, "garbage", #"{"process":1}"#,
    // The torn line ran into the next one, which is an invocation.
    #"{"process":0,"type":"ok","f":"w{"process":1,"type":"invoke","f":"w","value":3}"#,
  ])
  func `what may be an invocation stays an error`(bad: String) {
    let text = Self.line(0, "invoke", "w", "1") + bad + "\n" + Self.line(2, "invoke", "r", "null")
    let error = #expect(throws: HistoryFileError.self) { try Self.lenient.read(Array(text.utf8)) }
    #expect(error?.line == 2)
    #expect(
      error?.message.hasSuffix(
        "; it cannot be left out: it may be an invocation, whose effects others may have seen") == true)
  }

  @Test(arguments: [
    "{\"process\":1,\"type\":\"invoke\",\"f\":\"w", "\0\0\0\0\0", "[1]",
  ])
  func `what nothing follows can be left out, whatever it is`(end: String) throws {
    let text = Self.line(0, "invoke", "w", "1") + end
    let read = try read(text)
    #expect(words(read) == ["0:invoke:w:1"])
    #expect(read.skipped[.tornEnd] == 1)
    #expect(read.skipped.firstLine(.tornEnd) == 2)
  }

  @Test func `a list that is cut off ends there`() throws {
    for text in ["[{:process 0 :type :invoke}\n{:process 0 :type :o", "[{:process 0 :type :invoke}\n"] {
      let read = try read(text)
      #expect(words(read) == ["0:invoke::null"])
      #expect(read.skipped[.tornEnd] == 1)
    }
    #expect(words(try read("[" + Self.line(0, "invoke", "w", "1"))) == ["0:invoke:w:1"])
  }

  @Test func `an unreadable event of the nemesis does not matter`() throws {
    let text =
      Self.line(0, "invoke", "w", "1") + #"{"process":"nemesis","type":"info","value":nope}"# + "\n"
      + Self.line(0, "ok", "w", "1")
    let read = try read(text)
    #expect(words(read) == ["0:invoke:w:1", "0:ok:w:1"])
    #expect(read.skipped[.unreadableNemesisEvent] == 1)
  }

  @Test(arguments: [
    ("ok", "1", "ok", "1"), ("fail", "1", "fail", "2"), ("info", "null", "ok", "1"), ("ok", "1", "info", "2"),
  ])
  func `the first of two completions is kept where they agree`(
    first: String, value: String, second: String, again: String
  ) throws {
    let text = Self.line(0, "invoke", "w", "1") + Self.line(0, first, "w", value) + Self.line(0, second, "w", again)
    let read = try read(text)
    #expect(words(read) == ["0:invoke:w:1", "0:\(first):w:\(value)"])
    #expect(read.skipped.description == "1 repeated-completion (first on line 3)")
  }

  @Test(arguments: [("ok", "w", "2"), ("fail", "w", "1"), ("ok", "r", "1")])
  func `completions that contradict each other stay an error`(type: String, f: String, value: String) {
    let text = Self.line(0, "invoke", "w", "1") + Self.line(0, "ok", "w", "1") + Self.line(0, type, f, value)
    let error = #expect(throws: HistoryFileError.self) { try Self.lenient.read(Array(text.utf8)) }
    #expect(error?.line == 3)
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
