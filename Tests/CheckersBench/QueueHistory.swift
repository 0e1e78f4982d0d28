import Generators
import Histories

/// Histories of queues and logs by twenty clients, each always in flight, that keep every promise; a few operations at
/// the end of some break one.
struct QueueHistory {
  static let clients = 20
  /// Entries that a poll or a read returns at most.
  private static let entriesMax = 8

  private var history: History
  private var random: RandomStream
  private var next: Int64 = 0

  private init(keyed: Bool = false) {
    history = History(keyed: keyed)
    random = RandomStreams(seed: 1).stream("bench/queues")
  }

  // MARK: Clients

  private mutating func record(_ client: Int, _ type: EventType, _ function: String, _ value: Value) {
    history.append(
      Event(
        index: 0, time: Int64(history.count) * 1_000, process: ProcessID(Int32(client)), type: type,
        function: function, value: value))
  }

  /// One operation that nothing runs beside, by somebody who did nothing before.
  private mutating func alone(_ function: String, _ input: Value, _ output: Value) {
    record(Self.clients, .invoke, function, input)
    record(Self.clients, .ok, function, output)
  }

  /// All of them at one time, each by somebody who did nothing before.
  private mutating func together(_ operations: WorkloadRow.Tail) {
    for (number, operation) in operations.enumerated() {
      record(Self.clients + number, .invoke, operation.function, operation.input)
    }
    for (number, operation) in operations.enumerated() {
      record(Self.clients + number, .ok, operation.function, operation.output)
    }
  }

  /// Operations take effect when they complete.
  private mutating func run(
    _ operations: Int, _ begin: (_ client: Int, inout QueueHistory) -> (String, Value),
    _ complete: (_ client: Int, _ function: String, _ input: Value, inout QueueHistory) -> Value
  ) {
    var open = [(function: String, input: Value)?](repeating: nil, count: Self.clients)
    var begun = 0
    while begun < operations || open.contains(where: { $0 != nil }) {
      let client = random.below(Self.clients)
      if let (function, input) = open[client] {
        record(client, .ok, function, complete(client, function, input, &self))
        open[client] = nil
      } else if begun < operations {
        let (function, input) = begin(client, &self)
        record(client, .invoke, function, input)
        open[client] = (function, input)
        begun += 1
      }
    }
  }

  private mutating func fresh() -> Value {
    next += 1
    return .int(next)
  }

  // MARK: Queues

  /// What is enqueued and not yet taken, in order.
  private struct Content {
    var values: [Value] = []
    var head = 0

    mutating func take() -> Value? {
      guard head < values.count else { return nil }
      head += 1
      return values[head - 1]
    }
  }

  /// Half enqueues, half dequeues, the tail on the first queue, and a drain of each.
  static func total(_ operations: Int, queues: Int, tail: WorkloadRow.Tail) -> History {
    var maker = QueueHistory(keyed: queues > 1)
    var contents = [Content](repeating: Content(), count: queues)
    func keyed(_ queue: Value, _ value: Value) -> Value { queues > 1 ? [queue, value] : value }
    maker.run(operations) { _, maker in
      let queue = Value.int(Int64(maker.random.below(queues)))
      return maker.random.below(2) == 0
        ? ("enqueue", keyed(queue, maker.fresh())) : ("dequeue", keyed(queue, .null))
    } _: { _, function, input, _ in
      let (queue, value) = queues > 1 ? (input.list?[0] ?? 0, input.list?[1] ?? .null) : (0, input)
      let place = Int(queue.int ?? 0)
      if function == "dequeue" { return keyed(queue, contents[place].take() ?? .null) }
      contents[place].values.append(value)
      return input
    }
    for (function, input, output) in tail { maker.alone(function, keyed(0, input), keyed(0, output)) }
    for (queue, content) in contents.enumerated() {
      let key = Value.int(Int64(queue))
      maker.alone("drain", keyed(key, .null), keyed(key, .list(Array(content.values[content.head...]))))
    }
    return maker.history
  }

  /// Messages are received, and acknowledged by who received them.
  static func work(_ operations: Int, tail: WorkloadRow.Tail) -> History {
    var maker = QueueHistory()
    var content = Content()
    var held = [Value?](repeating: nil, count: clients)
    maker.run(operations) { client, maker in
      if let id = held[client] {
        held[client] = nil
        return ("ack", id)
      }
      return maker.random.below(2) == 0 ? ("enqueue", maker.fresh()) : ("receive", .null)
    } _: { client, function, input, _ in
      if function == "enqueue" { content.values.append(input) }
      guard function == "receive" else { return input }
      held[client] = content.take()
      return held[client].map { ["id": $0, "value": $0] } ?? .null
    }
    for (function, input, output) in tail { maker.alone(function, input, output) }
    maker.alone("drain", .null, .list(Array(content.values[content.head...])))
    return maker.history
  }

  // MARK: Logs

  /// Each partition is polled by one client, as by a group of consumers; with transactions each operation is of two
  /// sends and a poll.
  static func log(
    _ operations: Int, partitions: Int, transactions: Bool, tail: WorkloadRow.Tail
  ) -> History {
    var maker = QueueHistory()
    var logs = [[Value]](repeating: [], count: partitions)
    var polled = [Int](repeating: 0, count: partitions)
    func send(_ micro: Value) -> Value {
      guard let parts = micro.list, let number = parts[parts.count - 2].int else { return micro }
      logs[Int(number)].append(parts[parts.count - 1])
      let entry: Value = [.int(Int64(logs[Int(number)].count - 1)), parts[parts.count - 1]]
      return .list(parts.dropLast() + [entry])
    }
    func poll(_ client: Int, _ maker: inout QueueHistory) -> Value {
      let own = (partitions - client + clients - 1) / clients
      if own < 1 { return [:] }
      let partition = client + clients * maker.random.below(own)
      let end = min(logs[partition].count, polled[partition] + entriesMax)
      let entries = (polled[partition]..<end).map { Value.list([.int(Int64($0)), logs[partition][$0]]) }
      polled[partition] = end
      return entries.isEmpty ? [:] : ["\(partition)": .list(entries)]
    }
    maker.run(operations) { _, maker in
      func pair() -> [Value] { [.int(Int64(maker.random.below(partitions))), maker.fresh()] }
      if transactions { return ("txn", [.list(["send"] + pair()), ["poll"], .list(["send"] + pair())]) }
      return maker.random.below(2) == 0 ? ("send", .list(pair())) : ("poll", .null)
    } _: { client, function, input, maker in
      if function == "poll" { return poll(client, &maker) }
      guard function == "txn", let micro = input.list else { return send(input) }
      return .list(micro.map { $0.list?.count == 1 ? ["poll", poll(client, &maker)] : send($0) })
    }
    if transactions { maker.together(tail) }
    for (function, input, output) in transactions ? [] : tail { maker.alone(function, input, output) }
    return maker.history
  }

  /// Appends and reads of some entries; in the end three replicas are read whole.
  static func replicated(_ operations: Int, tail: WorkloadRow.Tail) -> History {
    var maker = QueueHistory()
    var log: [Value] = []
    func entries(_ range: Range<Int>) -> Value { .list(range.map { [.int(Int64($0)), log[$0]] }) }
    maker.run(operations) { _, maker in
      if maker.random.below(2) == 0 { return ("append", maker.fresh()) }
      let start = maker.random.below(log.count + 1)
      return ("read", [.int(Int64(start)), .int(Int64(start + entriesMax))])
    } _: { _, function, input, _ in
      if function == "append" {
        log.append(input)
        return [.int(Int64(log.count - 1)), input]
      }
      let start = Int(input.list?.first?.int ?? 0)
      return entries(start..<min(log.count, start + entriesMax))
    }
    for (function, input, output) in tail { maker.alone(function, input, output) }
    for _ in 0..<3 { maker.alone("read-all", .null, entries(0..<log.count)) }
    return maker.history
  }

  static func ids(_ operations: Int, tail: WorkloadRow.Tail) -> History {
    var maker = QueueHistory()
    maker.run(operations) { _, _ in
      ("generate", .null)
    } _: { _, _, _, maker in
      maker.next += 1 + Int64(maker.random.below(1_000))
      return .int(maker.next)
    }
    for (function, input, output) in tail { maker.alone(function, input, output) }
    return maker.history
  }
}
