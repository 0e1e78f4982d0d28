import Histories
import Testing

@testable import Checkers

/// Histories that a model must refuse rather than judge, each with the event that is named.
@Suite struct InputCheckTests {
  /// Events as `process:type:function:JSON`.
  private func history(_ words: String) throws -> History {
    History(
      try words.split(separator: " ").map { word in
        let parts = word.split(separator: ":", maxSplits: 3).map(String.init)
        return Event(
          index: 0, time: 0, process: ProcessID(try #require(Int32(parts[0]))),
          type: try #require(EventType(name: parts[1])), function: parts[2], value: try JSONReader.parse(parts[3]))
      })
  }

  private func check(_ name: String, _ words: String, initial: Value? = nil) throws -> Verdict {
    let model = try #require(ModelCatalogue.model(named: name))
    return try model.linearizable(try history(words), initial: initial).result.verdict
  }

  @Test(arguments: [
    ("register", "0:invoke:read:[1,null]", 0), ("cas-register", "1:invoke:write:1 0:invoke:read:[1,null]", 1),
    ("kv", "0:invoke:get:[2,null]", 0), ("fifo-queue", "0:invoke:dequeue:[1,null]", 0),
    ("unordered-queue", "0:invoke:dequeue:[1,null]", 0), ("stack", "0:invoke:pop:[7,null]", 0),
    ("priority-queue", "0:invoke:delete-min:[1,null]", 0), ("priority-queue", "0:invoke:extract:[1,null]", 0),
    ("grow-set", "0:invoke:read:[1,null]", 0), ("counter", "0:invoke:read:[1,null]", 0),
    ("log", "0:invoke:read:[1,null]", 0), ("log", "0:invoke:read:[9223372036854775807,9223372036854775807]", 0),
    // A completion that says something else than its invocation.
    ("register", "0:invoke:write:1 0:ok:write:2", 1), ("cas-register", "0:invoke:cas:[1,2] 0:ok:cas:[1,3]", 1),
    ("kv", #"0:invoke:put:"a" 0:ok:put:"b""#, 1), ("kv", #"0:invoke:append:"a" 0:ok:append:"b""#, 1),
    ("fifo-queue", "0:invoke:enqueue:1 0:ok:enqueue:2", 1), ("stack", "0:invoke:push:1 0:ok:push:2", 1),
    ("unordered-queue", "0:invoke:enqueue:1 0:ok:enqueue:[1]", 1),
    ("priority-queue", "0:invoke:insert:1 0:ok:insert:2", 1), ("grow-set", "0:invoke:add:1 0:ok:add:2", 1),
    ("set-object", "0:invoke:add:1 0:ok:add:2", 1), ("set-object", "0:invoke:remove:1 0:ok:remove:[2,true]", 1),
    ("counter", "0:invoke:add:1 0:ok:add:2", 1), ("fenced-lock", "0:invoke:release:1 0:ok:release:2", 1),
    ("fenced-lock", "0:invoke:write:[1,2] 0:ok:write:[1,3]", 1), ("log", "0:invoke:append:1 0:ok:append:[0,2]", 1),
    ("log", "0:invoke:append:1 0:ok:append:[4611686018427387904,1]", 1),
    ("counter", "0:invoke:read:null 0:ok:read:0.5", 1),
  ])
  func `what no operation of the model looks like is refused at its event`(
    model: String, words: String, event: Int
  ) throws {
    let error = #expect(throws: MalformedHistory.self) { try check(model, words) }
    #expect(error?.index == event, "\(error?.message ?? "")")
  }

  @Test(arguments: [
    ("register", "0:invoke:write:1 0:ok:write:null"), ("register", "0:invoke:write:1 0:ok:write:1"),
    ("register", #"0:invoke:write:1 0:info:write:"timeout""#), ("register", "0:invoke:write:1 0:fail:write:2"),
    ("register", "0:invoke:write:[1,2] 0:ok:write:[1,2]"), ("cas-register", "0:invoke:cas:[null,2] 0:ok:cas:[null,2]"),
    ("set-object", "0:invoke:add:1 0:ok:add:[1,true]"), ("set-object", "0:invoke:add:1 0:ok:add:1"),
    ("mutex", "0:invoke:acquire:7 0:ok:acquire:8"), ("register", "0:invoke:read:4 0:info:read:4"),
    ("log", "0:invoke:append:1 0:ok:append:[0,1]"),
    ("fifo-queue", "0:invoke:enqueue:{\"a\":1} 0:ok:enqueue:{\"a\":1}"),
    ("counter", "0:invoke:add:9223372036854775807 1:invoke:add:9223372036854775807 0:ok:add:null 1:ok:add:null"),
  ])
  func `completions that repeat the value or say nothing are accepted`(model: String, words: String) throws {
    #expect(try check(model, words) == .valid)
  }

  @Test(arguments: [
    ("log", Value.int(-1), "log starts from its first index, an integer from 0 and below 2⁶², not from -1"),
    (
      "log", .int(1 << 62),
      "log starts from its first index, an integer from 0 and below 2⁶², not from 4611686018427387904"
    ),
    ("semaphore", .int(0), "semaphore needs --initial N, the number of permits: an integer, at least 1"),
    ("semaphore", .null, "semaphore needs --initial N, the number of permits: an integer, at least 1"),
    ("counter", .double(0.5), "counter starts from an integer of 64 bits, not from 0.5"),
    ("grow-set", .int(1), "grow-set starts from a list of elements, not from 1"),
    ("set-object", .int(1), "set-object starts from a list of elements, not from 1"),
    ("mutex", .int(1), "the first state of mutex cannot be chosen"),
  ])
  func `a first state that the model does not have is refused with what it can be`(
    model: String, initial: Value, message: String
  ) throws {
    let error = #expect(throws: InvalidInitialState.self) { try check(model, "", initial: initial) }
    #expect(error?.message == message)
  }

  /// Sums at the ends of 64 bits neither trap nor wrap.
  @Test(arguments: [
    (
      "log", "0:invoke:append:1 0:ok:append:[4611686018427387903,1]", Value?.some(.int(4_611_686_018_427_387_903)),
      Verdict.valid
    ),
    ("log", "0:invoke:append:1 0:ok:append:[4611686018427387903,1]", .int(0), .invalid),
    ("log", "0:invoke:read:[4611686018427387903,9223372036854775807] 0:ok:read:[]", .int(0), .valid),
    ("log", "0:invoke:read:[3,-9223372036854775808] 0:ok:read:[]", .int(3), .valid),
    ("counter", "0:invoke:add:9223372036854775807 0:ok:add:null 1:invoke:read:null 1:ok:read:-2", .int(.max), .invalid),
    ("counter", "0:invoke:add:-9223372036854775808 0:ok:add:null 1:invoke:read:null 1:ok:read:-1", .int(.max), .valid),
    (
      "counter", "0:invoke:add:-9223372036854775808 0:info:add:null 1:invoke:read:null 1:ok:read:9223372036854775807",
      .int(.min), .invalid
    ),
    ("semaphore", "0:invoke:acquire:null 0:ok:acquire:null", .int(.max), .valid),
    (
      "priority-queue",
      "0:invoke:insert:9223372036854775807 1:invoke:insert:-9223372036854775808 0:ok:insert:null 1:ok:insert:null"
        + " 2:invoke:delete-min:null 2:ok:delete-min:-9223372036854775808", nil, .valid
    ),
    ("fenced-lock", "0:invoke:acquire:null 0:ok:acquire:9223372036854775807", nil, .valid),
  ])
  func `the ends of 64 bits`(model: String, words: String, initial: Value?, verdict: Verdict) throws {
    #expect(try check(model, words, initial: initial) == verdict)
  }

  @Test(arguments: [
    ("mutex", "0:invoke:acquire:null 1:invoke:acquire:[1,null]", 0, 1),
    ("mutex", "1:invoke:acquire:[1,null] 0:invoke:release:null", 1, 0),
    ("semaphore", "0:invoke:acquire:null 1:invoke:acquire:5 1:ok:acquire:[5,null]", 0, 1),
    ("fenced-lock", "0:invoke:release:3 1:invoke:acquire:[1,null]", 0, 1),
  ])
  func `locks with keys and locks without are not one history`(
    model: String, words: String, one: Int, many: Int
  ) throws {
    let model = try #require(ModelCatalogue.model(named: model))
    #expect(model.objectKeys(of: try history(words)) == .mixed(one: one, many: many))
  }
}
