import Testing

@testable import Histories

/// Lists of integers, which are read a faster way than other values: what they may hold is the same.
@Suite struct ListOfIntegersTests {
  private static func value(_ text: String, _ format: HistoryFormat) throws -> Value {
    let event =
      format == .edn
      ? "{:process 0, :type :invoke, :f :f, :value \(text)}"
      : #"{"process":0,"type":"invoke","f":"f","value":\#(text)}"#
    return try HistoryReader(format: format).read(Array(event.utf8)).history[0].value
  }

  /// 18 digits are the most that are read the faster way; 61 bits are the most of a word.
  private static let integers: [Int64] = [
    0, 1, 9, 10, -1, -0, 999_999_999_999_999_999, 1_000_000_000_000_000_000, (1 << 60) - 1, 1 << 60, -(1 << 60),
    .max, .min,
  ]

  @Test(arguments: [
    (HistoryFormat.edn, " "), (.edn, ","), (.edn, "\n\t "), (.json, ","), (.json, " , "), (.json, ",\n"),
  ])
  func `every integer is what it is`(format: HistoryFormat, between: String) throws {
    let format = format == .json ? HistoryFormat.jsonLines : format
    let between = format == .jsonLines ? between.filter { $0 != "\n" } : between
    let text = Self.integers.map(String.init).joined(separator: between)
    let expected = Value.list(Self.integers.map { .int($0) })
    #expect(try Self.value("[\(text)]", format) == expected)
    #expect(try Self.value("[ \(text) ]", format) == expected)
    #expect(try Self.value("[[\(text)]\(between)[\(text)]]", format) == [expected, expected])
  }

  @Test func `other values stand between integers`() throws {
    let mixed: Value = [1, .double(2.5), 3, "x", [4, []], nil, 5, .double(600), 7]
    #expect(try Self.value(#"[1,2.5,3,"x",[4,[]],null,5,6e2,7]"#, .jsonLines) == mixed)
    #expect(try Self.value("[1 2.5 3 :x [4 ()] nil 5 6e2 7N]", .edn) == mixed)
    #expect(try Self.value("[1 #_2 3 ; 4\n 5 #inst 6 +7]", .edn) == [1, 3, 5, 6, 7])
    #expect(try Self.value("#{3 1 2}", .edn) == [1, 2, 3])
    #expect(try Self.value("{1 2 3 4}", .edn) == .map(["1": 2, "3": 4]))
    #expect(try Self.value("[1a]".replacing("1a", with: "a1"), .edn) == ["a1"])
  }

  @Test(arguments: [
    ("[01]", HistoryFormat.edn), ("[1a]", .edn), ("[1/2]", .edn), ("[1 2.5M]", .edn), ("[12", .edn), ("[1 2)", .edn),
    ("[9223372036854775808]", .edn), ("[01]", .jsonLines), ("[1 2]", .jsonLines), ("[1,]", .jsonLines),
    ("[1,,2]", .jsonLines), ("[1)", .jsonLines), ("[12", .jsonLines), ("[+1]", .jsonLines),
    ("[9223372036854775808]", .jsonLines),
  ])
  func `what is no list is refused`(text: String, format: HistoryFormat) {
    #expect(throws: HistoryFileError.self) { try Self.value(text, format) }
  }

  @Test func `long lists within lists`() throws {
    let numbers = Value.list((0..<5_000).map { .int($0) })
    for format in [HistoryFormat.edn, .jsonLines] {
      var text: [UInt8] = []
      if format == .edn { EDNLines.append(numbers, to: &text) } else { JSONWriter.append(numbers, to: &text) }
      let list = String(decoding: text, as: UTF8.self)
      let between = format == .edn ? " " : ","
      #expect(try Self.value("[7\(between)\(list)\(between)\(list)]", format) == [7, numbers, numbers])
    }
  }

  @Test func `bytes of symbols`() {
    let known = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-./:*+!_?$%&=<>#'|".utf8)
    for byte in UInt8.min...UInt8.max { #expect(EDNScanner.isSymbol(byte) == (byte >= 0x80 || known.contains(byte))) }
  }

  @Test func `a stack of words grows, and is cut`() {
    var stack = WordStack(capacity: 1)
    defer { stack.deallocate() }
    for word in 0..<1_000 as Range<UInt64> { stack.append(word) }
    #expect(Array(stack.words(from: 990)) == Array(990..<1_000))
    stack.cut(to: 3)
    stack[1] = 7
    stack.append(9)
    #expect(Array(stack.words(from: 0)) == [0, 7, 2, 9])
    #expect(stack[3] == 9)
  }
}
