import Generators
import Histories

/// Small random histories of a partitioned log with transactions, some of them tampered with.
struct LogHistories {
  private struct Client {
    var process: Int32
    var next: [Int]
    var isSubscribed = false
    var open: (function: String, input: Value)?
    /// What its sends were told that took effect when they began, by micro-operation.
    var early: [Int: Value] = [:]
  }

  private var random: RandomStream
  private var logs: [[(offset: Int64, value: Int64)]] = []
  private var clients: [Client] = []
  private var events: [Event] = []
  private var (value, process): (Int64, Int32) = (0, 0)
  /// Percent of micro-operations that go wrong.
  private var wrongPercent = 0
  /// What was sent and has not failed, by the sends of one message.
  private var sentBefore: [(partition: Int64, value: Int64)] = []
  /// What was sent again: its send does not fail.
  private var resent: Set<Int64> = []
  /// Whether some polls say where they begin, and some messages are sent again.
  private var (hasPositions, hasResends) = (false, false)
  /// Whether a transaction's sends may take effect while it runs.
  private var isDirty = false

  init(random: RandomStream) { self.random = random }

  mutating func next() -> [Event] {
    let partitions = 1 + random.below(2)
    logs = Array(repeating: [], count: partitions)
    (clients, sentBefore, resent) = ([], [], [])
    (hasPositions, hasResends) = (random.below(3) == 0, random.below(2) == 0)
    (events, value, process) = ([], 0, 0)
    wrongPercent = random.below(2) == 0 ? 0 : 12
    isDirty = random.below(3) == 0
    for _ in 0..<1 + random.below(3) { clients.append(client()) }
    let calls = 3 + random.below(9)
    var begun = 0
    while begun < calls || clients.contains(where: { $0.open != nil }) {
      let place = random.below(clients.count)
      if clients[place].open != nil {
        complete(place)
      } else if begun < calls {
        begin(place)
        begun += 1
      }
    }
    return events
  }

  private mutating func client() -> Client {
    process += 1
    return Client(process: process, next: Array(repeating: 0, count: logs.count))
  }

  // MARK: Invocations

  private mutating func begin(_ place: Int) {
    let (function, input): (String, Value)
    switch random.below(14) {
    case 5 where hasPositions, 6 where hasPositions, 7 where hasPositions, 8 where hasPositions:
      (function, input) = (random.below(4) == 0 ? "local-poll" : "poll", start(place))
    case 9 where hasResends && !sentBefore.isEmpty, 10 where hasResends && !sentBefore.isEmpty:
      let (partition, value) = sentBefore[random.below(sentBefore.count)]
      resent.insert(value)
      (function, input) = ("resend", [.int(partition), .int(value)])
    case 0: (function, input) = ("assign", .list(partitions()))
    case 1: (function, input) = ("subscribe", .list(partitions()))
    case 2, 3, 4:
      let partition = Value.int(Int64(random.below(logs.count)))
      let value = fresh()
      (function, input) = ("send", [partition, random.below(4) == 0 ? ["value": value, "sequence": value] : value])
    case 5, 6, 7: (function, input) = ("poll", .null)
    default:
      let micro = (0..<1 + random.below(3)).map { _ -> Value in
        random.below(2) == 0 ? ["poll"] : ["send", .int(Int64(random.below(logs.count))), fresh()]
      }
      (function, input) = ("txn", .list(micro))
    }
    if function != "resend" { note(sentBy: function, input) }
    clients[place].open = (function, input)
    record(clients[place].process, .invoke, function, input)
    clients[place].early = [:]
    guard isDirty, function == "txn" else { return }
    for (number, operation) in (input.list ?? []).enumerated() where random.below(2) == 0 {
      guard let parts = operation.list, parts.count == 3 else { continue }
      clients[place].early[number] = sent([parts[1], parts[2]])
    }
  }

  /// Where a poll says that it begins: mostly behind its client's last one.
  private mutating func start(_ place: Int) -> Value {
    let partition = random.below(logs.count)
    let next = clients[place].next[partition]
    let last = (logs[partition].last?.offset ?? -1) + 1
    let behind = next > 0 && next <= logs[partition].count ? logs[partition][next - 1].offset + 1 : 0
    return [.int(Int64(partition)), .int(random.below(3) > 0 ? behind : Int64(random.below(Int(last) + 2)))]
  }

  private static func pairs(_ function: String, _ input: Value) -> [(partition: Int64, value: Int64)] {
    let all = function == "send" ? [input.list ?? []] : (input.list ?? []).map { Array(($0.list ?? []).dropFirst()) }
    return all.compactMap { pair in
      guard pair.count == 2, let partition = pair[0].int, let value = value(pair[1]) else { return nil }
      return (partition, value)
    }
  }

  /// What is sent, alone or with what else the request says.
  private static func value(_ sent: Value) -> Int64? { sent.map?["value"]?.int ?? sent.int }

  private mutating func note(sentBy function: String, _ input: Value) {
    if ["send", "txn"].contains(function) { sentBefore += Self.pairs(function, input) }
  }

  /// Forgets what was sent by a call that fails; false where it may not fail.
  private mutating func forget(_ function: String, _ input: Value) -> Bool {
    guard ["send", "txn"].contains(function) else { return true }
    let values = Set(Self.pairs(function, input).map(\.value))
    if !values.isDisjoint(with: resent) { return false }
    sentBefore.removeAll { values.contains($0.value) }
    return true
  }

  private mutating func fresh() -> Value {
    value += 1
    return .int(value)
  }

  private mutating func partitions() -> [Value] {
    logs.indices.filter { _ in random.below(3) > 0 }.map { .int(Int64($0)) }
  }

  // MARK: Completions

  private mutating func complete(_ place: Int) {
    guard let (function, input) = clients[place].open else { return }
    clients[place].open = nil
    switch random.below(12) {
    case 0 where forget(function, input): record(clients[place].process, .fail, function, input)
    case 1:
      if random.below(2) == 0 { _ = answer(place, function, input) }
      record(clients[place].process, .info, function, input)
      clients[place] = client()
    default: record(clients[place].process, .ok, function, answer(place, function, input))
    }
  }

  private mutating func answer(_ place: Int, _ function: String, _ input: Value) -> Value {
    switch function {
    case "assign", "subscribe":
      let kept = input.list?.compactMap(\.int) ?? []
      for partition in logs.indices where function == "subscribe" || !kept.contains(Int64(partition)) {
        clients[place].next[partition] = function == "subscribe" ? random.below(logs[partition].count + 1) : 0
      }
      return input
    case "send": return sent(input)
    case "resend": return sentAgain(input)
    case "poll", "local-poll": return input.isNull ? polled(place) : polled(place, from: input)
    default:
      let micro = (input.list ?? []).enumerated().map { number, operation -> Value in
        let parts = operation.list ?? []
        guard parts.count == 3, let answer = (clients[place].early[number] ?? sent([parts[1], parts[2]])).list
        else { return ["poll", polled(place)] }
        return ["send", answer[0], answer[1]]
      }
      return .list(micro)
    }
  }

  private mutating func goesWrong() -> Bool { random.below(100) < wrongPercent }

  private mutating func sent(_ pair: Value) -> Value {
    guard let parts = pair.list, let number = parts[0].int, let value = Self.value(parts[1]) else { return pair }
    let partition = Int(number)
    var offset = (logs[partition].last?.offset ?? -1) + 1 + (random.below(4) == 0 ? 1 : 0)
    if goesWrong() { offset = Int64(random.below(Int(offset) + 1)) }
    let isKept = !goesWrong()
    if isKept {
      let end = logs[partition].firstIndex { $0.offset > offset } ?? logs[partition].count
      logs[partition].insert((offset, value), at: end)
    }
    return [.int(number), random.below(10) == 0 ? [.null, .int(value)] : [.int(offset), .int(value)]]
  }

  /// Where the message is, which is put in if it is not there yet.
  private mutating func sentAgain(_ pair: Value) -> Value {
    guard let parts = pair.list, let partition = parts[0].int, let value = parts[1].int, !goesWrong(),
      let entry = logs[Int(partition)].first(where: { $0.value == value })
    else { return sent(pair) }
    return [.int(partition), [random.below(10) == 0 ? .null : .int(entry.offset), .int(value)]]
  }

  private mutating func polled(_ place: Int, from start: Value) -> Value {
    guard let parts = start.list, let number = parts[0].int, let from = parts[1].int else { return start }
    let log = logs[Int(number)]
    var first = log.firstIndex { $0.offset >= from } ?? log.count
    if goesWrong() { first = random.below(log.count + 1) }
    let end = min(log.count, first + random.below(4))
    var entries = log[first..<end].map { $0 }
    if goesWrong(), !entries.isEmpty { entries.remove(at: random.below(entries.count)) }
    if goesWrong(), !entries.isEmpty { entries[0].offset += 1 }
    if goesWrong(), !entries.isEmpty { entries[0].value = Int64(1 + random.below(Int(value) + 1)) }
    clients[place].next[Int(number)] = end
    return [.int(number), .list(entries.map { [.int($0.offset), .int($0.value)] })]
  }

  private mutating func polled(_ place: Int) -> Value {
    var answer: [String: Value] = [:]
    for partition in logs.indices where random.below(4) > 0 {
      var start = min(clients[place].next[partition], logs[partition].count)
      if goesWrong() { start = random.below(logs[partition].count + 1) }
      let end = min(logs[partition].count, start + 1 + random.below(3))
      var entries = logs[partition][start..<end].map { $0 }
      if goesWrong(), !entries.isEmpty { entries.remove(at: random.below(entries.count)) }
      if goesWrong(), !entries.isEmpty { entries[0].offset += 1 }
      if goesWrong(), !entries.isEmpty { entries[0].value = Int64(1 + random.below(Int(value) + 1)) }
      clients[place].next[partition] = end
      if entries.isEmpty { continue }
      answer["\(partition)"] = .list(entries.map { [.int($0.offset), .int($0.value)] })
    }
    return .map(answer)
  }

  private mutating func record(_ process: Int32, _ type: EventType, _ function: String, _ value: Value) {
    events.append(
      Event(
        index: events.count, time: Int64(events.count) * 1_000_000, process: ProcessID(process), type: type,
        function: function, value: value))
  }
}
