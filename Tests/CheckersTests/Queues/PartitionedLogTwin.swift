import Histories

/// The anomalies of a partitioned log by their definitions: everything is held against everything.
struct PartitionedLogTwin {
  struct Place: Hashable {
    var partition: String
    var offset: Int64
  }

  struct Message: Hashable {
    var partition: String
    var value: Value
  }

  /// One micro-operation's message, with its place where it is known.
  private struct Step {
    var call: Int
    var micro: Int
    var message: Message
    var offset: Int64?
    var isSend: Bool
    /// Whether it only says again what was sent before.
    var isAgain = false
  }

  private let calls: [TwinCall]
  private let processes: [ProcessID]
  private var steps: [Step] = []
  private var unknownPolls = 0
  /// Pairs of polled messages that one client got one after the other, with whether both are of one call.
  private var polledPairs: [(first: Step, second: Step)] = []
  private var sentPairs: [(first: Step, second: Step)] = []
  /// What polls began with that say where they begin, and where.
  private var starts: [(from: Int64, first: Step)] = []

  init(_ events: [Event]) {
    calls = TwinCall.all(in: events)
    processes = calls.map { events[$0.begin].process }
    for (number, call) in calls.enumerated()
    where ["send", "resend", "poll", "local-poll", "txn"].contains(call.function) {
      let micro = Self.micro(call.function, call.type == .ok ? call.output : call.input)
      for (place, operation) in micro.enumerated() { append(number, place, operation) }
    }
    findPairs()
  }

  private static func name(_ value: Value) -> String { value.int.map { "\($0)" } ?? value.string ?? "" }

  private static func micro(_ function: String, _ value: Value) -> [[Value]] {
    switch function {
    case "send", "resend": [[.string(function)] + (value.list ?? [])]
    case "poll", "local-poll": [["poll", value.list.map { .map([name($0[0]): $0[1]]) } ?? value]]
    default: (value.list ?? []).map { $0.list ?? [] }
    }
  }

  private mutating func append(_ call: Int, _ place: Int, _ operation: [Value]) {
    if operation[0] == "send" || operation[0] == "resend" {
      let pair = operation[2].list
      let value = pair?[1] ?? operation[2].map?["value"] ?? operation[2]
      let message = Message(partition: Self.name(operation[1]), value: value)
      steps.append(
        Step(
          call: call, micro: place, message: message, offset: calls[call].isOK ? pair?[0].int : nil, isSend: true,
          isAgain: operation[0] == "resend"))
      return
    }
    if calls[call].type == .info { unknownPolls += 1 }
    guard calls[call].isOK, operation.count > 1, let map = operation[1].map else { return }
    for (partition, entries) in map.sorted(by: { $0.key < $1.key }) {
      for entry in entries.list ?? [] {
        let pair = entry.list ?? []
        steps.append(
          Step(
            call: call, micro: place, message: Message(partition: partition, value: pair[1]), offset: pair[0].int,
            isSend: false))
      }
    }
  }

  // MARK: What is known

  private var met: [Step] { steps.filter { $0.offset != nil && calls[$0.call].isOK } }

  private var places: Set<Place> {
    Set(met.map { Place(partition: $0.message.partition, offset: $0.offset ?? 0) })
  }

  private func offsets(_ message: Message) -> Set<Int64> {
    Set(met.filter { $0.message == message }.compactMap(\.offset))
  }

  private func messages(at place: Place) -> Set<Message> {
    Set(met.filter { $0.message.partition == place.partition && $0.offset == place.offset }.map(\.message))
  }

  /// The call that sent it and did not fail.
  private func sender(_ message: Message) -> Int? {
    steps.first { $0.isSend && !$0.isAgain && $0.message == message && calls[$0.call].type != .fail }?.call
  }

  private func isPolled(_ message: Message) -> Bool { met.contains { !$0.isSend && $0.message == message } }

  /// Whether something that certainly was sent lies strictly between.
  private func isSkipping(_ partition: String, _ low: Int64, _ high: Int64) -> Bool {
    places.contains { place in
      place.partition == partition && place.offset > low && place.offset < high
        && messages(at: place).contains { sender($0) != nil }
    }
  }

  private mutating func findPairs() {
    for process in Set(processes) {
      var polled: [String: Step] = [:]
      var sent: [String: Step] = [:]
      var isSubscribed = false
      for (number, call) in calls.enumerated() where processes[number] == process && call.type != .fail {
        if call.function == "assign" {
          let kept = (call.input.list ?? []).map(Self.name)
          polled = polled.filter { call.isOK && kept.contains($0.key) }
          isSubscribed = false
        }
        if call.function == "subscribe" { (polled, isSubscribed) = ([:], true) }
        for step in steps where step.call == number {
          let partition = step.message.partition
          if step.isSend {
            if step.isAgain { continue }
            if offsets(step.message).isEmpty { continue }
            if let last = sent[partition] { sentPairs.append((last, step)) }
            sent[partition] = step
          } else {
            let isOnePoll = polled[partition].map { $0.call == number && $0.micro == step.micro } ?? false
            if !isOnePoll, let from = from(call) {
              starts.append((from, step))
            } else if let last = polled[partition], !isSubscribed || isOnePoll {
              polledPairs.append((last, step))
            }
            polled[partition] = step
          }
        }
      }
    }
  }

  /// Where the poll says that it begins.
  private func from(_ call: TwinCall) -> Int64? {
    ["poll", "local-poll"].contains(call.function) ? call.input.list?[1].int : nil
  }

  private var hasPositions: Bool { calls.contains { from($0) != nil } }

  // MARK: Anomalies

  /// Of polls that say where they begin: those that began before it, and those that left something out.
  func startCounts() -> (early: Int, skipping: Int) {
    var counts = (early: 0, skipping: 0)
    for (from, first) in starts {
      let offset = first.offset ?? 0
      if offset < from {
        counts.early += 1
      } else if isSkipping(first.message.partition, from - 1, offset) {
        counts.skipping += 1
      }
    }
    return counts
  }

  /// Messages that are known to be in the log by answers to what was sent again, alone.
  var resentOnly: Int {
    Set(steps.filter { $0.isAgain && $0.offset != nil }.map(\.message)).count { message in
      !steps.contains { $0.isSend && !$0.isAgain && $0.message == message && calls[$0.call].isOK }
    }
  }

  func counts() -> [InvariantAnomalyName: Int] {
    var counts: [InvariantAnomalyName: Int] = [:]
    counts["inconsistent-offsets"] = places.count { messages(at: $0).count > 1 }
    counts["duplicate-offset"] = Set(met.map(\.message)).count { offsets($0).count > 1 }
    for message in Set(met.filter { !$0.isSend }.map(\.message)) {
      let first = met.filter { !$0.isSend && $0.message == message }.map { calls[$0.call].end }.min() ?? .max
      if let sender = sender(message), calls[sender].begin < first { continue }
      let failed = steps.contains {
        $0.isSend && $0.message == message && calls[$0.call].type == .fail && calls[$0.call].begin < first
      }
      counts[failed ? "aborted-read" : "thin-air-read", default: 0] += 1
    }
    for (first, second) in polledPairs {
      let inner = first.call == second.call ? "int-" : ""
      guard let low = first.offset, let high = second.offset else { continue }
      if high <= low {
        counts[inner + "nonmonotonic-poll", default: 0] += 1
      } else if isSkipping(
        first.message.partition, low, high)
      {
        counts[inner + "poll-skip", default: 0] += 1
      }
    }
    let started = startCounts()
    counts["nonmonotonic-poll", default: 0] += started.early
    counts["poll-skip", default: 0] += started.skipping
    for (first, second) in sentPairs where first.call == second.call || calls[first.call].isOK {
      let (before, after) = (offsets(first.message), offsets(second.message))
      let inner = first.call == second.call ? "int-" : ""
      if (after.max() ?? 0) < (before.min() ?? 0) { counts[inner + "nonmonotonic-send", default: 0] += 1 }
    }
    counts["lost-write"] = losses().lost
    let cycles = cycles()
    (counts["G1c-wr"], counts["G0"], counts["G1c"]) = (cycles.reads, cycles.sends, cycles.mixed)
    return counts
  }

  typealias InvariantAnomalyName = String

  var hasPolled: Bool { met.contains { !$0.isSend } }

  /// Acknowledged, never polled, though something not before it was; of consumers that begin anywhere, only what one of
  /// them passed by. So it is where some poll says where it begins: that one passes by what is from there on to its first
  /// message, and whoever gets something else at its offset passes it by too.
  func losses(startsAtBeginning: Bool = true) -> (lost: Int, perhaps: Int) {
    var (lost, perhaps) = (0, 0)
    let startsAtBeginning = startsAtBeginning && !hasPositions
    var told: Set<Message> = []
    for step in met where step.isSend && !isPolled(step.message) && sender(step.message) != nil {
      // Where it was first said to be.
      if !told.insert(step.message).inserted { continue }
      let offset = step.offset ?? 0
      guard
        met.contains(where: {
          !$0.isSend && $0.message.partition == step.message.partition && $0.offset ?? 0 >= offset
        })
      else { continue }
      let isPassed = polledPairs.contains { first, second in
        first.message.partition == step.message.partition && first.offset ?? 0 < offset && second.offset ?? 0 > offset
      }
      let isStartedBehind = starts.contains { from, first in
        first.message.partition == step.message.partition && from <= offset && offset < first.offset ?? 0
      }
      let isReplaced =
        hasPositions
        && met.contains { other in
          !other.isSend && other.message.partition == step.message.partition && other.offset == offset
        }
      if isPassed || isStartedBehind || isReplaced || startsAtBeginning && unknownPolls == 0 {
        lost += 1
      } else {
        perhaps += startsAtBeginning ? 1 : 0
      }
    }
    return (lost, perhaps)
  }

  // MARK: Circles

  private func cycles() -> (reads: Int, sends: Int, mixed: Int) {
    let (reads, sends) = (readEdges, sendEdges)
    let (readGroups, sendGroups) = (Self.groups(reads), Self.groups(sends))
    let taken = Set(readGroups.joined()).union(sendGroups.joined())
    let mixed = Self.groups(reads.union(sends)).filter { taken.isDisjoint(with: $0) }
    return (readGroups.count, sendGroups.count, mixed.count)
  }

  private struct Edge: Hashable {
    var (from, to): (Int, Int)
    init(_ from: Int, _ to: Int) { (self.from, self.to) = (from, to) }
    static func == (one: Edge, other: Edge) -> Bool { one.from == other.from && one.to == other.to }
    func hash(into hasher: inout Hasher) { hasher.combine(from * 1000 + to) }
  }

  private var readEdges: Set<Edge> {
    Set(
      met.filter { !$0.isSend }.compactMap { step in
        sender(step.message).flatMap { $0 == step.call ? nil : Edge($0, step.call) }
      })
  }

  private var sendEdges: Set<Edge> {
    let clear = places.compactMap { place -> (Place, Int)? in
      let all = messages(at: place)
      guard all.count == 1, let message = all.first, offsets(message).count == 1, let sender = sender(message)
      else { return nil }
      return (place, sender)
    }
    var edges: Set<Edge> = []
    for (first, one) in clear {
      for (second, other) in clear
      where one != other && first.partition == second.partition && first.offset < second.offset {
        edges.insert(Edge(one, other))
      }
    }
    return edges
  }

  /// The sets of calls that reach each other.
  private static func groups(_ edges: Set<Edge>) -> [Set<Int>] {
    let nodes = Set(edges.flatMap { [$0.from, $0.to] })
    var reach = edges
    var isGrowing = true
    while isGrowing {
      let more = Set(reach.flatMap { edge in edges.filter { $0.from == edge.to }.map { Edge(edge.from, $0.to) } })
      isGrowing = !more.isSubset(of: reach)
      reach.formUnion(more)
    }
    var groups: [Set<Int>] = []
    for node in nodes.sorted() where reach.contains(Edge(node, node)) && !groups.contains(where: { $0.contains(node) })
    {
      groups.append(nodes.filter { reach.contains(Edge(node, $0)) && reach.contains(Edge($0, node)) })
    }
    return groups
  }
}
