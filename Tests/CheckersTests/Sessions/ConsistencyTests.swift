import Generators
import Histories
import Testing

@testable import Checkers

/// Guarantees to sessions and causal consistency of registers: histories written down, planted ones, and what is refused.
@Suite struct ConsistencyTests {
  private static func weak(_ text: String, keyed: Bool = true, initial: Value = .null) throws -> InvariantReport {
    try WeakCausalChecker.report(InvariantText.history(text, keyed: keyed), initial: initial)
  }

  private static func verdicts(_ text: String, keyed: Bool = true, initial: Value = .null) throws -> [String: Verdict] {
    let history = try InvariantText.history(text, keyed: keyed)
    let result = try RegisterConsistency.result(history, claim: .causal, initial: initial)
    let ladder = try #require(result.isolation).ladder
    #expect(ladder.map(\.level) == RegisterConsistency.levels.map(\.rawValue))
    return Dictionary(uniqueKeysWithValues: ladder.map { ($0.level, $0.verdict) })
  }

  @Test(arguments: [divergent] + patterns.map(\.text))
  func `of a long history only the claim is decided, alike`(text: String) throws {
    let history = try InvariantText.history(text, keyed: true)
    for claim in RegisterConsistency.levels {
      let whole = try RegisterConsistency.result(history, claim, .null, CheckBudget(), ladderEventsMax: .max)
      let alone = try RegisterConsistency.result(history, claim, .null, CheckBudget(), ladderEventsMax: 0)
      #expect(alone.verdict == whole.verdict && whole.verdict != .unknown, "\(claim)")
      #expect(alone.isolation?.ladder.map(\.level) == [claim.rawValue])
      #expect(alone.notices.contains { $0.contains("only \(claim.rawValue) was decided") })
    }
  }

  /// All of these claims are about what reads show.
  @Test func `without a read every claim is unknown`() throws {
    let writes = "0 invoke write [\"x\",1]\n0 ok write [\"x\",1]"
    #expect(try Set(Self.verdicts(writes).values) == [.unknown])
    #expect(try Self.weak(writes).verdict == .unknown)
    #expect(try Self.weak(writes).reason == "no read completed")
  }

  // MARK: Patterns

  /// Two replicas that never agree: fine in the weak sense, for ever, and no checker of single sessions sees it.
  static let divergent = """
    0 invoke write ["x",1]
    0 ok write ["x",1]
    1 invoke write ["x",2]
    1 ok write ["x",2]
    0 invoke read ["x",null]
    0 ok read ["x",2]
    1 invoke read ["x",null]
    1 ok read ["x",1]
    """

  @Test func `replicas that never agree are weakly causal, and not convergent`() throws {
    #expect(try Self.weak(Self.divergent).verdict == .valid)
    let verdicts = try Self.verdicts(Self.divergent)
    #expect(verdicts["causal"] == .invalid)
    #expect(verdicts["monotonic-reads"] == .valid && verdicts["monotonic-writes"] == .valid)
  }

  static let patterns: [(anomaly: InvariantAnomaly, text: String, operations: [Int], summary: String)] = [
    (
      .writeCOInitRead,
      """
      0 invoke write ["x",1]
      0 ok write ["x",1]
      0 invoke write ["y",1]
      0 ok write ["y",1]
      1 invoke read ["y",null]
      1 ok read ["y",1]
      1 invoke read ["x",null]
      1 ok read ["x",null]
      """, [0, 6],
      #"key "x": process 1's read (events 6–7, 0.007 s) saw the first value, but process 0's write (events 0–1, 0.001 s)"#
        + " of 1 is in its causal past"
    ),
    (
      .writeCORead,
      """
      0 invoke write ["x",1]
      0 ok write ["x",1]
      1 invoke read ["x",null]
      1 ok read ["x",1]
      1 invoke write ["x",2]
      1 ok write ["x",2]
      2 invoke read ["x",null]
      2 ok read ["x",2]
      2 invoke read ["x",null]
      2 ok read ["x",1]
      """, [0, 4, 8],
      #"key "x": process 2's read (events 8–9, 0.009 s) saw 1, but process 1's write (events 4–5, 0.005 s) of 2 is in"#
        + " its causal past, and 1 in that write's"
    ),
    (
      .cyclicCO,
      """
      0 invoke read ["x",null]
      0 ok read ["x",1]
      0 invoke write ["y",1]
      0 ok write ["y",1]
      1 invoke read ["y",null]
      1 ok read ["y",1]
      1 invoke write ["x",1]
      1 ok write ["x",1]
      """, [0, 2, 4, 6],
      "process 0's read (events 0–1, 0.001 s) came before process 0's write (events 2–3, 0.003 s) was seen by process 1's"
        + " read (events 4–5, 0.005 s) came before process 1's write (events 6–7, 0.007 s) was seen by the first again"
    ),
    (
      .thinAirRead, "0 invoke read [\"x\",null]\n0 ok read [\"x\",7]", [0],
      #"key "x": process 0's read (events 0–1, 0.001 s) saw 7, which nobody wrote"#
    ),
    (
      .abortedRead,
      """
      0 invoke write ["x",7]
      0 fail write ["x",7]
      1 invoke read ["x",null]
      1 ok read ["x",7]
      """, [2], #"key "x": process 1's read (events 2–3, 0.003 s) saw 7, which only a failed operation wrote"#
    ),
  ]

  @Test(arguments: patterns.indices) func `each pattern is named`(_ number: Int) throws {
    let (anomaly, text, operations, summary) = Self.patterns[number]
    let report = try Self.weak(text)
    #expect(report.verdict == .invalid)
    let finding = try #require(report.findings.first)
    #expect(finding.anomaly == anomaly && Set(finding.operations) == Set(operations), "\(finding)")
    #expect(finding.summary == summary)
    #expect(report.findings.count == 1)
    #expect(try Self.verdicts(text)["causal"] == .invalid)
  }

  // MARK: Sessions

  /// Each guarantee is a promise by itself: without monotonic writes a replica may apply 2 before 1, and a session that
  /// wrote both in the other order and reads 1 still sees all that it wrote.
  @Test(arguments: [
    (["read-your-writes"], "0 invoke write 1\n0 ok write 1\n0 invoke read null\n0 ok read null"),
    (
      ["monotonic-reads"],
      "0 invoke write 1\n0 ok write 1\n1 invoke read null\n1 ok read 1\n1 invoke read null\n1 ok read null"
    ),
    (
      [],
      "0 invoke write 1\n0 ok write 1\n0 invoke write 2\n0 ok write 2\n0 invoke read null\n0 ok read 1"
    ),
    (
      [],
      "0 invoke write 1\n0 ok write 1\n0 invoke write 2\n0 ok write 2\n1 invoke read null\n1 ok read 2\n"
        + "1 invoke read null\n1 ok read 1"
    ),
  ]) func `a session that loses what it had is told`(broken: [String], text: String) throws {
    let verdicts = try Self.verdicts(text, keyed: false)
    let found = verdicts.filter { $0.value != .valid }.keys.sorted()
    #expect(found == (broken + ["causal", "pram"]).sorted(), "\(verdicts)")
    #expect(try Self.weak(text, keyed: false).verdict == .invalid)
  }

  @Test func `a process that was never answered goes on as another session`() throws {
    let text = "0 invoke write 1\n0 info write 1\n0 invoke read null\n0 ok read null"
    #expect(try Self.verdicts(text, keyed: false).values.allSatisfy { $0 == .valid })
    #expect(try Self.weak(text, keyed: false).verdict == .valid)
    let answered = "0 invoke write 1\n0 ok write 1\n0 invoke read null\n0 ok read null"
    #expect(try Self.verdicts(answered, keyed: false)["read-your-writes"] == .invalid)
    #expect(try Self.weak(answered, keyed: false).findings.map(\.anomaly) == [.writeCOInitRead])
  }

  /// Clients mostly answer a write with nothing.
  @Test func `what was written is what was asked for`() throws {
    let text = """
      0 invoke write ["x",1]
      0 ok write null
      1 invoke cas ["x",[1,2]]
      1 ok cas null
      2 invoke read ["x",null]
      2 ok read ["x",2]
      2 invoke read ["x",null]
      2 ok read ["x",1]
      """
    #expect(try Self.weak(text).findings.map(\.anomaly) == [.writeCORead])
    #expect(try Self.verdicts(text)["causal"] == .invalid)
  }

  @Test func `the first value may be any`() throws {
    let text = "0 invoke read null\n0 ok read 0\n1 invoke read null\n1 ok read null"
    #expect(try Self.weak(text, keyed: false, initial: 0).findings.map(\.anomaly) == [.thinAirRead])
    #expect(try Self.verdicts(text, keyed: false, initial: 0)["causal"] == .invalid)
    let zero = "0 invoke read null\n0 ok read 0"
    #expect(try Self.weak(zero, keyed: false, initial: 0).verdict == .valid)
    #expect(try Self.weak(zero, keyed: false).verdict == .invalid)
  }

  // MARK: Planted

  /// A store of two replicas, each with its clients, that hand writes on in order: causal. In a broken one, one write
  /// reaches the other replica before what its writer had seen.
  @Test func `a write that overtakes its past is found, and nothing is where none does`() throws {
    for seed in 0..<UInt64(Soak.isOn ? 1_000 : 60) {
      var replicas = CausalReplicas(random: RandomStreams(seed: seed).stream("consistency/replicas"))
      let clean = replicas.events(rounds: 40, overtakes: false)
      #expect(try WeakCausalChecker.report(History(keyed: true, clean)).verdict == .valid, "seed \(seed)")
      let broken = replicas.events(rounds: 40, overtakes: true)
      let report = try WeakCausalChecker.report(History(keyed: true, broken))
      #expect(report.verdict == .invalid, "seed \(seed)")
      #expect(report.findings.first?.anomaly == .writeCOInitRead, "seed \(seed): \(report)")
      let result = try RegisterConsistency.result(History(keyed: true, broken), claim: .causal)
      #expect(result.verdict == .invalid, "seed \(seed)")
    }
  }

  // MARK: Malformed

  static let malformed: [(text: String, index: Int, message: String)] = [
    ("0 invoke read null\n0 ok read null\n0 invoke add 1\n0 ok add 1", 2, "'read', 'write' and 'cas', not 'add'"),
    ("0 invoke write null\n0 ok write null", 0, "null is written"),
    ("0 invoke write [1]\n0 ok write [1]", 0, "expected a number, a string or a truth value"),
    ("0 invoke cas 1\n0 ok cas 1", 0, "expected [from, to], not 1"),
    (
      "0 invoke write 1\n0 ok write 1\n0 invoke write 1\n0 ok write 1\n0 invoke read null\n0 ok read 1", 4,
      "written twice"
    ),
  ]

  @Test(arguments: malformed.indices) func `what is no register is refused`(_ number: Int) throws {
    let (text, index, message) = Self.malformed[number]
    let history = try InvariantText.history(text, keyed: false)
    let weak = #expect(throws: MalformedHistory.self) { try WeakCausalChecker.report(history) }
    let causal = #expect(throws: MalformedHistory.self) { try RegisterConsistency.result(history, claim: .causal) }
    #expect(weak == causal && weak?.index == index, "\(String(describing: weak))")
    #expect(weak?.message.contains(message) == true, "\(String(describing: weak))")
  }
}

/// Two replicas of registers that hand writes on to each other, with two clients each.
private struct CausalReplicas {
  var random: RandomStream

  /// Each round writes a register, reads it at the other replica once it is there, and writes another one.
  ///
  /// - Parameter overtakes: in one round the second write arrives without the first.
  mutating func events(rounds: Int, overtakes: Bool) -> [Event] {
    var events: [Event] = []
    let bad = overtakes ? random.below(rounds) : rounds
    func run(_ process: Int32, _ function: String, _ key: Int, _ value: Value) {
      for type in [EventType.invoke, .ok] {
        let shown = type == .invoke && function == "read" ? Value.null : value
        events.append(
          Event(
            index: events.count, time: Int64(events.count), process: ProcessID(process), type: type,
            function: function, value: [.int(Int64(key)), shown]))
      }
    }
    for round in 0..<rounds {
      let home = Int32(random.below(2))
      let (local, remote) = (home * 2, (1 - home) * 2)
      let (first, second) = (round * 2, round * 2 + 1)
      let value = Value.int(Int64(round + 1))
      run(local, "write", first, value)
      if random.below(2) == 0 { run(remote, "read", first, .null) }
      // Another client of the replica has seen the first before it writes the second.
      run(local + 1, "read", first, value)
      run(local + 1, "write", second, value)
      run(remote + 1, "read", second, value)
      run(remote + 1, "read", first, round == bad ? .null : value)
    }
    return events
  }
}
