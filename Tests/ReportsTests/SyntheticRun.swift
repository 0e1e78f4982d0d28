import FoundationEssentials
import Histories
import RunStore

/// A run directory made from a seed: histories of any size with faults and, if asked, a counterexample.
///
/// It looks like a run, with clients that block during partitions; nothing in it claims to be a correct history.
struct SyntheticRun {
  var seed: UInt64 = 1
  var operations = 400
  var seconds = 20.0
  var verdict = Verdict.valid
  /// Put into every name, value, error and sentence of the run.
  var hostile = ""
  /// Whether the violation ended the load.
  var stops = false
  var threads = 10
  var nodes = 5

  /// A small generator of pseudo-random numbers (SplitMix64), so that every test sees the same run.
  private struct Dice {
    var state: UInt64
    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var mixed = state
      mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
      mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
      return mixed ^ (mixed >> 31)
    }
    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
    mutating func unit() -> Double { Double(next() >> 11) / 9_007_199_254_740_992 }
  }

  var faults: [FaultRecord] {
    func time(_ part: Double) -> Int64 { Int64(part * seconds * 1e9) }
    func fault(
      _ id: Int, _ name: String, _ target: String, _ targets: String, _ from: Double, _ to: Double, _ evidence: String
    ) -> FaultRecord {
      FaultRecord(
        id: id, fault: name + hostile, target: target, targets: targets + hostile, from: time(from), to: time(to),
        evidence: FaultEvidence(took: true, summary: evidence + hostile, detail: .null), skipped: nil,
        invocations: Int(Double(operations) * (to - from)))
    }
    var faults = [
      fault(1, "partition", "halves", "n1 n2 | n3 n4 n5", 0.12, 0.27, "1,412 packets dropped on 12 links"),
      fault(2, "kill", "primary", "n3", 0.35, 0.42, "n3: pid 17 ended by signal 9, started again as pid 61"),
      fault(3, "partition", "isolate-primary", "n3 | n1 n2 n4 n5", 0.5, 0.68, "2,077 packets dropped on 8 links"),
      fault(4, "kill", "one", "n1", 0.62, 0.74, "n1: pid 11 ended by signal 9, started again as pid 72"),
      fault(5, "partition", "isolate-one", "n5 | n1 n2 n3 n4", 0.82, 0.93, "640 packets dropped on 8 links"),
    ]
    faults.append(
      FaultRecord(
        id: 6, fault: "clock" + hostile, target: "skew", targets: "n2" + hostile, from: nil, to: nil, evidence: nil,
        skipped: "the kernel forbids it here" + hostile, invocations: 0))
    return faults
  }

  /// All events in order of time.
  func history() -> [Event] {
    var events = clientEvents() + nemesisEvents()
    if verdict == .invalid { events += violatingOperations.flatMap(self.events) }
    let order = events.enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }
    return order.enumerated().map { index, entry in
      var event = entry.element
      event.index = index
      return event
    }
  }

  /// Each thread asks at random moments of its share of time; while a fault lasts, some of it is slow or unknown.
  private func clientEvents() -> [Event] {
    var dice = Dice(state: seed)
    var events: [Event] = []
    var process = Array(0..<threads)
    var clock = [Int64](repeating: 0, count: threads)
    var value = 0
    let rounds = max(1, operations / threads)
    let gap = seconds * 1e9 / Double(rounds)
    for round in 0..<rounds {
      for thread in 0..<threads {
        value += 1
        let start = max(clock[thread], Int64((Double(round) + dice.unit() * 0.8) * gap))
        let (invocation, completion) = operation(of: process[thread], at: start, value, &dice)
        events += [invocation, completion]
        if completion.type == .info { process[thread] += threads }
        clock[thread] = completion.time + 20_000
      }
    }
    return events
  }

  private func operation(of process: Int, at start: Int64, _ value: Int, _ dice: inout Dice) -> (Event, Event) {
    let hurt = faults.contains { ($0.from ?? .max) < start && start < ($0.to ?? .min) }
    let (kind, key, roll) = (dice.below(10), Value.int(Int64(dice.below(8))), dice.below(100))
    let name = kind < 5 ? "read" : kind < 8 ? "write" : "cas"
    let new = Value.int(Int64(value))
    let input: Value = kind < 5 ? .null : kind < 8 ? new : .list([new, .int(Int64(value + 1))])
    let latency = Int64((0.4e6 + dice.unit() * dice.unit() * 4e6) * (hurt && roll < 30 ? 40 : 1))
    let invocation = Event(
      index: 0, time: start, process: ProcessID(Int32(process)), type: .invoke, function: name + hostile,
      value: .keyed(key, input), node: "n\(process % nodes + 1)" + hostile)
    var completion = invocation
    (completion.type, completion.time) = (.ok, start + latency)
    if kind < 5 { completion.value = .keyed(key, .int(Int64(value - dice.below(20)))) }
    if hurt, roll > 95 {
      (completion.type, completion.time) = (.info, start + 1_000_000_000)
      (completion.error, completion.value) = ("timeout" + hostile, invocation.value)
    } else if kind >= 8, roll > 50 {
      (completion.type, completion.error) = (.fail, "compare-failed" + hostile)
    } else if kind == 3, !hostile.isEmpty {
      completion.value = .keyed(key, .string(hostile))
    }
    return (invocation, completion)
  }

  private func nemesisEvents() -> [Event] {
    faults.flatMap { fault in
      [(fault.from, "start-"), (fault.to, "stop-")].compactMap { time, name in
        time.map {
          Event(
            index: 0, time: $0, process: .nemesis, type: .info, function: name + fault.fault,
            value: .string(fault.targets))
        }
      }
    }
  }

  private func events(of operation: Counterexample.Operation) -> [Event] {
    let process = ProcessID(Int32(operation.process.prefix { $0.isNumber }) ?? 0)
    var event = Event(
      index: 0, time: operation.invokeTime, process: process, type: .invoke, function: operation.f,
      value: .keyed(.string("x" + hostile), operation.input), node: operation.node)
    let invocation = event
    guard let returned = operation.completeTime else { return [invocation] }
    (event.time, event.type, event.value) = (returned, .ok, .keyed(.string("x" + hostile), operation.output))
    return [invocation, event]
  }

  /// The operations of the counterexample, in the middle of the run, by processes that nobody else uses; their
  /// indices are not set.
  private var violatingOperations: [Counterexample.Operation] {
    let base = Int64(seconds * 0.55 * 1e9)
    func operation(
      _ process: String, _ node: String, _ f: String, _ label: String, _ input: Value, _ output: Value,
      _ from: Int64, _ to: Int64?
    ) -> Counterexample.Operation {
      Counterexample.Operation(
        index: 0, completion: nil, process: process + hostile, node: node + hostile, f: f + hostile, input: input,
        output: output, type: to == nil ? "info" : "ok", role: to == nil ? .optional : .required,
        invokeTime: base + from, completeTime: to.map { base + $0 }, label: label + hostile)
    }
    return [
      operation("9003", "n4", "write", "w 4", 4, 4, 0, 3_400_000),
      operation("9007", "n3", "write", "w 9", 9, nil, 700_000, nil),
      operation("9005", "n4", "read", "r → 4", nil, 4, 212_000_000, 214_100_000),
      operation("9001", "n2", "cas", "cas 4→5", [4, 5], [4, 5], 213_000_000, 216_900_000),
      operation("9003", "n4", "read", "r → 5", nil, 5, 217_400_000, 218_800_000),
      operation("9006", "n3", "read", "r → 4", nil, 4, 219_500_000, 221_200_000),
    ]
  }

  /// A stale read, as a checker would reduce it.
  func counterexample(in history: [Event]) -> Counterexample {
    var operations = violatingOperations
    for position in operations.indices {
      let own = history.filter { "\($0.process)" + hostile == operations[position].process }
      operations[position].index = own.first { $0.time == operations[position].invokeTime }?.index ?? 0
      operations[position].completion = own.first { $0.time == operations[position].completeTime }?.index
    }
    let first = Counterexample.Path(
      initial: .int(3),
      steps: [(0, 4), (2, 4), (3, 5), (4, 5)].map { .init(operation: $0.0, state: .int($0.1)) },
      stuck: [
        .init(operation: 5, reason: "it read 4, and the state is 5" + hostile),
        .init(operation: 1, reason: "it would leave 9, and the read still has to see 4" + hostile),
      ])
    let second = Counterexample.Path(
      initial: .int(3),
      steps: [(1, 9), (0, 4), (2, 4), (3, 5), (4, 5)].map { .init(operation: $0.0, state: .int($0.1)) },
      stuck: [.init(operation: 5, reason: "it read 4, and the state is 5" + hostile)])
    return Counterexample(
      claim: "linearizable", anomaly: "nonlinearizable", key: .string("x" + hostile),
      summary: Self.summary + hostile,
      explanation: [
        "Process 9001 changed 4 to 5 before the last read was invoked.",
        "Process 9003 saw 5, so the change had taken effect." + hostile,
        "Process 9006 then read 4 from n3, which was cut off from the majority: a stale read.",
      ],
      initialStates: [.int(3)], earlierOperations: 812, operations: operations, violation: 5, paths: [first, second])
  }

  static let summary = "process 9006 read 4 from n3 after the register had become 5"

  var results: RunResults {
    let finding = Finding(
      anomaly: "nonlinearizable", summary: Self.summary + hostile, operations: [],
      fingerprint: "stale-read")
    let broken = verdict == .invalid
    let claims = [
      ClaimOutcome(
        claim: "linearizable" + hostile, checker: "linearizability" + hostile, algorithm: "just-in-time search",
        verdict: verdict, expect: .valid, outcome: broken ? .missed : verdict == .valid ? .met : .undecided,
        seconds: 0.184, reason: verdict == .unknown ? "the memory budget of 1 GB ran out" + hostile : nil,
        findings: broken ? [finding] : [], counterexamples: broken ? ["1.json"] : []),
      ClaimOutcome(
        claim: "recovers", checker: "vitals", algorithm: "progress and health", verdict: .valid, expect: .valid,
        outcome: .met, seconds: 0.0004, reason: nil, findings: [], counterexamples: []),
      ClaimOutcome(
        claim: "no-panic", checker: "logs", algorithm: "patterns", verdict: .valid, expect: .valid, outcome: .met,
        seconds: 0.002, reason: nil, findings: [], counterexamples: []),
    ]
    return RunResults(
      verdict: verdict, exit: broken ? 1 : verdict == .valid ? 0 : 2, seed: seed, plan: "raft-kv" + hostile,
      system: "raft-kv" + hostile, versions: ["faultline": "0.1.0" + hostile, "raft-kv": "0.1.0"],
      started: "2026-11-22T18:00:00Z", duration: seconds,
      phases: ["setup": 0.8, "load": seconds, "recovery": 1.2, "final": 0.4, "checking": 0.2],
      reproduce:
        "faultline run raft-kv --workload register --faults partition,kill --time 20s --seed \(seed)\(hostile)",
      claims: claims, vitals: .map(["unclassified": .map(["get: 502 Bad Gateway" + hostile: 3])]), faults: faults,
      minimums: [
        Minimum(name: "ok{f=read}", wanted: 1, got: 2_391),
        Minimum(name: "evidence{fault=kill}", wanted: 1, got: 2),
        Minimum(name: "invocations{fault=partition}", wanted: 10, got: 812),
        Minimum(
          name: "ok-after-heal", wanted: 10, got: verdict == .unknown ? 4 : 96,
          hint: verdict == .unknown ? "let the run last longer after the final heal" + hostile : nil),
      ], notices: ["The clock fault was skipped: this kernel does not allow it" + hostile],
      online: [online], stoppedAt: stops ? 12_100_000_000 : nil)
  }

  /// How the first claim was watched while the run went on.
  private var online: OnlineRecord {
    let seen = OnlineRecord.Violation(
      key: .string("x" + hostile), event: 512, violationTime: 11_221_200_000, detectedAfterSeconds: 0.8,
      summary: Self.summary + hostile)
    return OnlineRecord(
      claim: "linearizable" + hostile, decisions: 431, seconds: 0.9, lagSecondsMax: 1.25,
      violations: verdict == .invalid ? [seen] : [], problem: nil)
  }

  /// Writes the whole directory.
  func write(to directory: URL) throws {
    let files = FileManager.default
    let folder = directory.appendingPathComponent(RunFile.counterexamples)
    try files.createDirectory(at: folder, withIntermediateDirectories: true)
    let events = history()
    var lines: [UInt8] = []
    for event in events { JSONLines.append(event, to: &lines) }
    try Data(lines).write(to: directory.appendingPathComponent(RunFile.history))
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    try encoder.encode(results).write(to: directory.appendingPathComponent(RunFile.results))
    if verdict == .invalid {
      try encoder.encode(counterexample(in: events)).write(to: folder.appendingPathComponent("1.json"))
    }
    let plan =
      "name: raft-kv\(hostile)\nsystem: raft-kv\nworkload: register\nfaults: [partition, kill]\nduration: 20s\n"
    try Data(plan.utf8).write(to: directory.appendingPathComponent(RunFile.plan))
    let schedule = #"{"seed":1,"actions":[{"at":2.4,"fault":"partition"}]}"#
    try Data(schedule.utf8).write(to: directory.appendingPathComponent(RunFile.schedule))
  }
}
