import Histories
import Testing

@Suite struct ParameterTests {
  private let schema = [
    Parameter("keys", .int(1...10), default: 5, "keys"),
    Parameter("skew", .double(0...2), default: .double(0.5), "skew"),
    Parameter("fast", .bool, default: false, "fast"),
    Parameter("name", .string, default: "x", "name"),
    Parameter("values", .choice(["unique", "small"]), default: "small", "values"),
    Parameter("targets", .choices(["halves", "one"]), default: ["one"], "targets"),
    Parameter("mix", .weights(["read", "write"]), default: ["read": 2, "write": 1], "mix"),
  ]

  @Test func `defaults fill what is not given, in the form of the kind`() {
    let (values, problems) = Parameter.resolve(given: [:], schema: schema)
    #expect(problems.isEmpty)
    #expect(
      values == [
        "keys": 5, "skew": .double(0.5), "fast": false, "name": "x", "values": "small", "targets": ["one"],
        "mix": ["read": .double(2), "write": .double(1)],
      ])
  }

  @Test func `given values win, and numbers and weights are normalized`() {
    let given: [String: Value] = [
      "keys": 10, "skew": 2, "fast": true, "name": "", "values": "unique", "targets": [], "mix": ["read": .double(0.5)],
    ]
    let (values, problems) = Parameter.resolve(given: given, schema: schema)
    #expect(problems.isEmpty)
    #expect(values["skew"] == .double(2))
    #expect(values["mix"] == ["read": .double(0.5), "write": .double(0)])
    for name in ["keys", "fast", "name", "values", "targets"] { #expect(values[name] == given[name]) }
  }

  @Test func `all problems come at once, each with what was expected`() {
    let (values, problems) = Parameter.resolve(
      given: ["keys": 11, "skew": "much", "values": "unqiue", "kyes": 3, "zebra": 1, "name": "ok"], schema: schema)
    #expect(
      problems.map(\.description) == [
        "keys: expected an integer in 1...10, not 11",
        "skew: expected a number in 0.0...2.0, not \"much\"",
        "values: expected one of unique, small, not \"unqiue\"; did you mean 'unique'?",
        "kyes: no such parameter; known are fast, keys, mix, name, skew, targets, values; did you mean 'keys'?",
        "zebra: no such parameter; known are fast, keys, mix, name, skew, targets, values",
      ])
    #expect(values["keys"] == 5 && values["name"] == "ok")
    #expect(values["kyes"] == nil)
  }

  @Test(
    arguments: [
      ("keys", 0), ("keys", .double(3)), ("keys", "3"), ("skew", .double(.nan)), ("skew", -1), ("fast", 1),
      ("name", 3), ("targets", ["one", "one"]), ("targets", ["two"]), ("targets", "one"), ("mix", [:]),
      ("mix", ["read": 0, "write": 0]), ("mix", ["read": -1, "write": 2]), ("mix", ["raed": 1]), ("mix", ["read": "1"]),
      ("mix", ["read": .double(.infinity)]),
    ] as [(String, Value)])
  func `wrong values are refused`(name: String, value: Value) {
    let problems = Parameter.resolve(given: [name: value], schema: schema).problems
    #expect(problems.map(\.parameter) == [name])
  }

  @Test(
    arguments: [
      ("keys", "7", 7), ("skew", "1.5", .double(1.5)), ("skew", "1", .double(1)), ("fast", "true", true),
      ("name", "7", "7"),
      ("values", "unique", "unique"), ("targets", "halves+one", ["halves", "one"]),
      ("targets", "one,halves", ["one", "halves"]),
      ("mix", "read=3+write=1", ["read": .double(3), "write": .double(1)]),
      ("mix", "write=0.5", ["read": .double(0), "write": .double(0.5)]),
    ] as [(String, String, Value)])
  func `texts of a command line are read by kind`(name: String, text: String, value: Value) throws {
    let parameter = try #require(schema.first { $0.name == name })
    #expect(try parameter.value(parsing: text) == value)
  }

  @Test(arguments: [
    ("keys", "seven"), ("keys", "99"), ("fast", "yes"), ("mix", "read"), ("mix", "read=1+read=2"), ("mix", ""),
  ])
  func `texts that mean nothing are refused`(name: String, text: String) throws {
    let parameter = try #require(schema.first { $0.name == name })
    #expect(throws: ParameterProblem.self) { try parameter.value(parsing: text) }
  }
}

@Suite struct NearestTests {
  @Test(arguments: [
    ("partiton", "partition"), ("kil", "kill"), ("REGISTER", "register"), ("rgeister", "register"), ("ill", "kill"),
    ("regsiterr", "register"),
  ])
  func `slips of the finger are forgiven`(typed: String, meant: String) {
    #expect(Nearest.name(to: typed, in: ["kill", "partition", "pause", "register"]) == meant)
  }

  @Test func `what resembles nothing gets no advice, and ties go by the alphabet`() {
    #expect(Nearest.name(to: "zebra", in: ["kill", "partition"]) == nil)
    #expect(Nearest.name(to: "x", in: [String]()) == nil)
    #expect(Nearest.name(to: "bat", in: ["rat", "cat", "hat"]) == "cat")
    #expect(Nearest.name(to: "", in: ["kill"]) == nil)
  }
}
