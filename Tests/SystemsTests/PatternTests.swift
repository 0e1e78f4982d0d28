import Testing

@testable import Systems

@Suite struct PatternTests {
  /// Literals go another way than real expressions: both must say what Regex says.
  @Test(arguments: [
    "Fatal error", "Crash:", #"^\*\*\* "#, #""level":"(fatal|panic)""#, "^panic:", #"^(-?\d+)$"#, "a.c", #"a\.c"#, "ü",
    "[ab]+x", "",
  ])
  func agreesWithRegex(_ source: String) throws {
    let pattern = try Pattern(source)
    let regex = try Regex(source)
    let texts = [
      "", "x", "Fatal error: y", "12: Fatal error", "Crash: no", "*** start", " *** x", #"{"level":"panic"}"#,
      "panic: 3",
      "a panic: 3", "-12", "12 ", "abc", "a.c", "für", "aabx",
    ]
    for text in texts {
      let expected = try regex.firstMatch(in: text) != nil
      #expect(pattern.matches(text) == expected, "\(source) in \(text)")
      let bytes = Array(text.utf8)
      #expect(bytes.withUnsafeBufferPointer { pattern.matches($0) } == expected, "\(source) in bytes of \(text)")
    }
  }

  @Test func capturesTheFirstGroupOrTheWholeMatch() throws {
    #expect(try Pattern(#"^v=(-?\d+)"#).firstCapture(in: "v=-12;") == "-12")
    #expect(try Pattern(#"\d+"#).firstCapture(in: "ab 77") == "77")
    #expect(try Pattern("plain").firstCapture(in: "a plain text") == "plain")
    #expect(try Pattern(#"(\d+)"#).firstCapture(in: "none") == nil)
  }

  @Test(arguments: ["(", "[a", "a{2,1}", "*"])
  func refuses(_ source: String) {
    #expect(throws: (any Error).self) { try Pattern(source) }
  }
}
