import Histories
import Testing

@testable import Systems

/// A response, short.
private func response(_ status: Int, _ body: String = "", _ headers: [HTTPHeader] = []) -> HTTPResult {
  .response(HTTPResponse(status: status, headers: HTTPHeaders(headers), body: Array(body.utf8)))
}

private func failure(_ reason: TransportFailure.Reason, neverSent: Bool) -> HTTPResult {
  .failure(TransportFailure(reason: reason, neverSent: neverSent, curlCode: 28, osError: 0, detail: "…"))
}

@Suite struct OutcomeClassifierTests {
  private static func rule(
    _ status: Int, _ kind: OutcomeRule.Kind, path: (String, ResponseCondition.Expectation)? = nil,
    value: OutcomeRule.Result = .invocation, error: String? = nil
  ) throws -> OutcomeRule {
    let paths = try path.map { [ResponseCondition.PathExpectation(path: try JSONPath($0.0), expectation: $0.1)] }
    return OutcomeRule(
      condition: ResponseCondition(status: [status], paths: paths ?? []), kind: kind, value: value, error: error)
  }

  private func classifier(readOnly: Bool, _ outcomes: [OutcomeRule]) -> OutcomeClassifier {
    OutcomeClassifier(
      OperationDescription(
        readOnly: readOnly, request: RequestDescription(method: "GET", path: Template(literal: "/")), outcomes: outcomes
      ))
  }

  private func read() throws -> OutcomeClassifier {
    let extraction = ValueExtraction(source: .jsonpath(try JSONPath("$.value")), kind: .int)
    return classifier(
      readOnly: true,
      [
        try Self.rule(200, .ok, value: .extracted(extraction)),
        try Self.rule(404, .ok, path: ("$.error", .equals("not-found")), value: .constant(nil)),
        try Self.rule(503, .fail, path: ("$.error", .equals("no-leader")), error: "no-leader"),
      ])
  }

  private func write() throws -> OutcomeClassifier {
    classifier(
      readOnly: false,
      [
        try Self.rule(200, .ok), try Self.rule(409, .fail),
        try Self.rule(503, .fail, path: ("$.error", .equals("no-leader")), error: "no-leader"),
        try Self.rule(504, .info, error: "unknown"),
      ])
  }

  @Test func aListIsMadeOfWhatIsFoundAndWhatWasInvoked() throws {
    let index = OutcomeRule.Result.extracted(ValueExtraction(source: .jsonpath(try JSONPath("$.index"))))
    let append = classifier(
      readOnly: false, [try Self.rule(200, .ok, value: .list([index, .invocation, .constant(true)]))])
    let invocation = Fixture.keyed("append", 9)
    let answered = append.completion(of: invocation, response(200, #"{"index":5}"#))
    #expect(answered == OperationOutcome(type: .ok, value: .keyed(4, [5, 9, true])))
    let empty = append.completion(of: invocation, response(200, "{}"))
    #expect(
      empty
        == OperationOutcome(
          type: .info, value: .keyed(4, 9), error: "bad-response: $.index is missing", unclassified: true))
  }

  @Test func partsOfWhatWasInvokedAreExpressions() throws {
    let offset = OutcomeRule.Result.extracted(ValueExtraction(source: .jsonpath(try JSONPath("$.offset"))))
    let parts = try ["{{ op.value[0] }}", "{{ op.value[1].v }}"].map { OutcomeRule.Result.template(try Template($0)) }
    let send = classifier(
      readOnly: false, [try Self.rule(200, .ok, value: .list([parts[0], .list([offset, parts[1]])]))])
    let invocation = PendingOperation(id: 1, function: "send", value: [3, ["v": 17]], keyed: false)
    let answered = send.completion(of: invocation, response(200, #"{"offset":5}"#))
    #expect(answered == OperationOutcome(type: .ok, value: [3, [5, 17]]))
  }

  @Test func readsByTheTable() throws {
    let invocation = Fixture.keyed("read", nil)
    func expect(_ result: HTTPResult, _ type: EventType, _ value: Value, _ error: String?, unclassified: Bool = false)
      throws
    {
      let expected = OperationOutcome(type: type, value: .keyed(4, value), error: error, unclassified: unclassified)
      #expect(try read().completion(of: invocation, result) == expected)
    }
    try expect(response(200, #"{"value":7}"#), .ok, 7, nil)
    try expect(response(200, #"{"value":"7"}"#), .ok, 7, nil)
    try expect(response(404, #"{"error":"not-found"}"#), .ok, nil, nil)
    try expect(response(404, #"{"error":"no-route"}"#), .fail, nil, "unclassified 404", unclassified: true)
    try expect(response(404, "gone"), .fail, nil, "unclassified 404", unclassified: true)
    try expect(response(503, #"{"error":"no-leader"}"#), .fail, nil, "no-leader")
    try expect(response(500), .fail, nil, "unclassified 500", unclassified: true)
    try expect(response(200, "{}"), .fail, nil, "bad-response: $.value is missing", unclassified: true)
    try expect(response(200, #"{"value":"x"}"#), .fail, nil, "bad-response: $.value is not an int", unclassified: true)
    try expect(response(200, #"{"value":null}"#), .fail, nil, "bad-response: $.value is not an int", unclassified: true)
    try expect(response(200, #"{"value":7"#), .fail, nil, "bad-response: the body is not JSON", unclassified: true)
    try expect(failure(.timeout, neverSent: false), .fail, nil, "timeout")
    try expect(failure(.refused, neverSent: true), .fail, nil, "refused")
  }

  /// A write is unknown wherever nobody proved otherwise.
  @Test func writesByTheTable() throws {
    let invocation = Fixture.keyed("write", 9)
    func expect(_ result: HTTPResult, _ type: EventType, _ error: String?, unclassified: Bool = false) throws {
      let expected = OperationOutcome(type: type, value: .keyed(4, 9), error: error, unclassified: unclassified)
      #expect(try write().completion(of: invocation, result) == expected)
    }
    try expect(response(200, "not even JSON"), .ok, nil)
    try expect(response(409), .fail, "http 409")
    try expect(response(503, #"{"error":"no-leader"}"#), .fail, "no-leader")
    try expect(response(503, #"{"error":"overload"}"#), .info, "unclassified 503", unclassified: true)
    try expect(response(504), .info, "unknown")
    try expect(response(302), .info, "unclassified 302", unclassified: true)
    try expect(failure(.timeout, neverSent: false), .info, "timeout")
    try expect(failure(.reset, neverSent: false), .info, "reset")
    try expect(failure(.connectTimeout, neverSent: true), .fail, "connect-timeout")
  }

  @Test func aBadResponseToAWriteIsUnknown() throws {
    let extraction = ValueExtraction(source: .header("X-Index"), kind: .int)
    let rules = [try Self.rule(200, .ok, value: .extracted(extraction))]
    let completion = classifier(readOnly: false, rules).completion(of: Fixture.keyed("append", 1), response(200))
    let expected = OperationOutcome(
      type: .info, value: .keyed(4, 1), error: "bad-response: header X-Index is missing", unclassified: true)
    #expect(completion == expected)
  }

  @Test func unkeyedValuesAreNotWrapped() throws {
    let invocation = PendingOperation(id: 1, function: "read", value: nil, keyed: false)
    #expect(try read().completion(of: invocation, response(200, #"{"value":7}"#)).value == 7)
  }

  @Test func theFirstMatchWins() throws {
    let rules = [
      try Self.rule(200, .fail, path: ("$.succeeded", .absent), error: "compare-failed"), try Self.rule(200, .ok),
    ]
    let cas = classifier(readOnly: false, rules)
    let invocation = Fixture.keyed("cas", [1, 2])
    #expect(cas.completion(of: invocation, response(200, "{}")).error == "compare-failed")
    #expect(cas.completion(of: invocation, response(200, #"{"succeeded":false}"#)).type == .ok)
    #expect(cas.completion(of: invocation, response(200, "no JSON")).type == .ok)
  }
}

@Suite struct ResponseConditionTests {
  private func matches(_ condition: ResponseCondition, _ status: Int, _ body: String, _ headers: [HTTPHeader] = [])
    -> Bool
  {
    var reader = ResponseReader(HTTPResponse(status: status, headers: HTTPHeaders(headers), body: Array(body.utf8)))
    return condition.matches(&reader)
  }

  @Test func allPartsMustHold() throws {
    let condition = ResponseCondition(
      status: [200, 201], headers: [.init(name: "X-Leader", expectation: .present)],
      paths: [.init(path: try JSONPath("$.a"), expectation: .equals(1))], regex: try Pattern("b"))
    let leader = [HTTPHeader("x-leader", "n1")]
    #expect(matches(condition, 201, #"{"a":1.0,"b":0}"#, leader))
    #expect(!matches(condition, 202, #"{"a":1,"b":0}"#, leader))
    #expect(!matches(condition, 200, #"{"a":1,"b":0}"#))
    #expect(!matches(condition, 200, #"{"a":"1","b":0}"#, leader))
    #expect(!matches(condition, 200, #"{"a":1}"#, leader))
  }

  @Test(arguments: [
    (ResponseCondition.Expectation.absent, #"{}"#, true), (.absent, #"{"a":null}"#, false), (.absent, "text", false),
    (.present, #"{"a":null}"#, true), (.present, "{}", false), (.equals(nil), #"{"a":null}"#, true),
    (.equals(nil), "{}", false), (.equals(true), #"{"a":true}"#, true), (.equals("true"), #"{"a":true}"#, false),
  ])
  func paths(_ expectation: ResponseCondition.Expectation, _ body: String, _ expected: Bool) throws {
    let condition = ResponseCondition(paths: [.init(path: try JSONPath("$.a"), expectation: expectation)])
    #expect(matches(condition, 200, body) == expected)
  }
}

@Suite struct ValueExtractionTests {
  private func extract(_ extraction: ValueExtraction, _ body: String, _ headers: [HTTPHeader] = []) throws -> Value {
    var reader = ResponseReader(HTTPResponse(status: 200, headers: HTTPHeaders(headers), body: Array(body.utf8)))
    return try extraction.value(in: &reader)
  }

  private func path(
    _ kind: ValueExtraction.Kind? = nil, decode: ValueExtraction.Decoding? = nil, default fallback: Value? = nil
  ) throws -> ValueExtraction {
    ValueExtraction(source: .jsonpath(try JSONPath("$.v")), kind: kind, decoding: decode, fallback: fallback)
  }

  @Test func readsEveryKind() throws {
    #expect(try extract(path(), #"{"v":[1,{"a":null}]}"#) == [1, ["a": nil]])
    #expect(try extract(path(), #"{"v":null}"#) == nil)
    #expect(try extract(path(.int), #"{"v":3.0}"#) == 3)
    #expect(try extract(path(.int), #"{"v":"-12"}"#) == -12)
    #expect(try extract(path(.string), #"{"v":12}"#) == "12")
    #expect(try extract(path(.double), #"{"v":"1.5"}"#) == .double(1.5))
    #expect(try extract(path(.bool), #"{"v":"true"}"#) == true)
    #expect(try extract(path(.json), #"{"v":"[1,2]"}"#) == [1, 2])
    #expect(try extract(path(.int, decode: .base64), #"{"v":"NDI="}"#) == 42)
    #expect(try extract(ValueExtraction(source: .regex(Pattern(#"^(-?\d+)$"#)), kind: .int), "-3") == -3)
    let header = ValueExtraction(source: .header("etag"), kind: .int)
    #expect(try extract(header, "", [HTTPHeader("ETag", "5")]) == 5)
  }

  @Test func ofAListAPartOfEachElementIsTaken() throws {
    let third = ValueExtraction(source: .jsonpath(try JSONPath("$.v")), kind: .int, pick: try JSONPath("$[2]"))
    #expect(try extract(third, #"{"v":[[0,5,"7"],[1,6,8]]}"#) == [7, 8])
    #expect(try extract(third, #"{"v":[]}"#) == [])
    #expect(throws: ValueExtraction.Failure(reason: "$[2] of $.v is missing")) { try extract(third, #"{"v":[[0]]}"#) }
    #expect(throws: ValueExtraction.Failure(reason: "$.v is not a list")) { try extract(third, #"{"v":3}"#) }
  }

  @Test func aDefaultStandsForMissingAndNullOnly() throws {
    #expect(try extract(path(.int, default: .null), "{}") == nil)
    #expect(try extract(path(.int, default: 0), #"{"v":null}"#) == 0)
    #expect(throws: ValueExtraction.Failure(reason: "$.v is not an int")) {
      try extract(path(.int, default: 0), #"{"v":"x"}"#)
    }
  }

  @Test(
    arguments: [
      (ValueExtraction.Kind.int, nil, "{}", "$.v is missing"), (.int, nil, #"{"v":1.5}"#, "$.v is not an int"),
      (.int, nil, #"{"v":true}"#, "$.v is not an int"), (.string, nil, #"{"v":[1]}"#, "$.v is not a string"),
      (.json, nil, #"{"v":"{"}"#, "$.v is not a json"), (.int, .base64, #"{"v":"?"}"#, "$.v is not base64"),
      (.bool, nil, #"{"v":1}"#, "$.v is not a bool"), (.int, nil, "", "the body is not JSON"),
    ] as [(ValueExtraction.Kind, ValueExtraction.Decoding?, String, String)])
  func refuses(_ kind: ValueExtraction.Kind, _ decode: ValueExtraction.Decoding?, _ body: String, _ reason: String)
    throws
  {
    let extraction = try path(kind, decode: decode)
    #expect(throws: ValueExtraction.Failure(reason: reason)) { try extract(extraction, body) }
  }
}
