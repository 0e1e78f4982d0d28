import Histories
import Testing

@Suite struct ValueTests {
  @Test(arguments: [
    "null", "true", "false", "0", "-1", "9223372036854775807", "-9223372036854775808", "1.5", "\"\"",
    "\"a\\\"b\\\\c\\n\\u0001\"", "[]", "[1,[2,[]],null]", "{}", "{\"a\":1,\"b\":{\"c\":[true]}}", "\"é🙂\"",
  ])
  func `JSON that we write reads back as the same text`(text: String) throws {
    #expect(try JSONReader.parse(text).json == text)
  }

  @Test func `maps are written with their keys sorted`() {
    let value: Value = ["b": 1, "a": 2, "c": 3]
    #expect(value.json == #"{"a":2,"b":1,"c":3}"#)
  }

  @Test func `integers beyond 64 bits become doubles`() throws {
    #expect(try JSONReader.parse("9223372036854775808") == .double(9_223_372_036_854_775_808))
    #expect(try JSONReader.parse("1e2") == .double(100))
  }

  @Test func `escapes are decoded, surrogate pairs joined`() throws {
    #expect(try JSONReader.parse(#""\u0041\ud83d\ude42\/\t""#) == "A🙂/\t")
  }

  @Test(arguments: [
    ("", 1), ("nul", 1), ("tru ", 1), ("01", 1), ("-", 1), ("1.", 3), ("1e", 3), ("[1,", 4), ("[1 2]", 4),
    ("{\"a\" 1}", 6),
    ("{a:1}", 2), ("\"abc", 1), ("\"\\x\"", 3), ("\"\\ud800\"", 4), ("\"\\u12\"", 4), ("1 1", 3), ("[1]]", 4),
    ("\"\u{1}\"", 2), ("1e400", 1),
  ])
  func `malformed JSON is refused at the offending byte`(text: String, byte: Int) {
    let error = #expect(throws: JSONError.self) { try JSONReader.parse(text) }
    #expect(error?.offset == byte - 1, "\(error?.description ?? "")")
  }

  @Test func `invalid UTF-8 is refused`() {
    #expect(throws: JSONError.self) { try JSONReader.parse([0x22, 0xFF, 0x22]) }
  }

  @Test func `nesting is limited`() {
    let deep = String(repeating: "[", count: 300) + String(repeating: "]", count: 300)
    #expect(throws: JSONError.self) { try JSONReader.parse(deep) }
    let shallow = String(repeating: "[", count: 200) + String(repeating: "]", count: 200)
    #expect(throws: Never.self) { try JSONReader.parse(shallow) }
  }
}
