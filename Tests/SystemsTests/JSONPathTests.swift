import Histories
import Testing

@testable import Systems

@Suite struct JSONPathTests {
  static let document: Value = [
    "value": 3, "none": nil, "kvs": [["value": "a"], ["value": "b"]], "odd key": ["x.y": true], "n_1": ["e-f": 1],
  ]

  @Test(
    arguments: [
      ("$", document), ("$.value", 3), ("$.none", .null), ("$.kvs[0].value", "a"), ("$.kvs[-1]['value']", "b"),
      ("$['odd key'][\"x.y\"]", true), ("$.n_1.e-f", 1), ("$['kvs'][1]", ["value": "b"]),
    ] as [(String, Value)])
  func finds(_ path: String, _ expected: Value) throws {
    #expect(try JSONPath(path).value(in: Self.document) == expected)
  }

  @Test(arguments: ["$.missing", "$.kvs[2]", "$.kvs[-3]", "$.value.deeper", "$.kvs.value", "$.value[0]"])
  func findsNothing(_ path: String) throws {
    #expect(try JSONPath(path).value(in: Self.document) == nil)
  }

  @Test(arguments: [
    ("value", 1, "a JSON path begins with '$'"),
    ("$value", 2, "expected '.' or '[', not 'v'"),
    ("$.", 3, "expected a name behind '.'; others are written ['name']"),
    ("$..a", 3, "expected a name behind '.'; others are written ['name']"),
    ("$.a[0", 4, "'[' is not closed by ']'"),
    ("$.a[*]", 5, "expected an index or a name in quotes"),
    ("$.a[1.5]", 5, "expected an index or a name in quotes"),
    ("$['a]", 3, "the text is not closed"),
  ])
  func refuses(_ text: String, _ column: Int, _ message: String) {
    #expect(throws: TemplateError(message, column: column)) { try JSONPath(text) }
  }
}
