import Histories

/// Makes the columns of a partitioned log from its operations.
struct LogLowering {
  /// Operations that say nothing of the log: how far a consumer is, and what Jepsen's clients do besides. One that
  /// crashes goes on as another process, which has no positions.
  static let silent = ["commit", "crash", "debug-topic-partitions"]

  private let rows: Operations
  private let lists: ListWords
  private let values: ValueStore
  private let (sendWord, pollWord): (ValueWord?, ValueWord?)
  private var log: LogColumns
  private var messageIDs = MessageTable()
  /// By partition: its offsets, to slots of the whole history.
  private var slotIDs: [WordTable] = []

  /// - Throws: `PairingError`; `MalformedHistory` for the first operation of another function or shape, and for a value
  ///   that is sent to a partition again though its first send did not fail.
  static func columns(_ history: History) throws -> LogColumns {
    try history.requireWhole("a partitioned log")
    let rows = try Operations(history)
    return try history.values.withLists { lists throws(MalformedHistory) in
      var lowering = LogLowering(rows, lists)
      lowering.log.calls.reserveCapacity(rows.count)
      for position in 0..<rows.count {
        try lowering.append(position)
        if position + 1 == sampled { lowering.reserve() }
      }
      lowering.log.finish()
      return lowering.log
    }
  }

  /// Operations after which the size of the columns is guessed.
  private static let sampled = 4_096

  /// Makes room for as many steps, messages and slots of each of the operations to come as of those so far.
  ///
  /// Columns that grow by doubling are copied again and again, and leave up to half of their room empty.
  private mutating func reserve() {
    func expected(_ count: Int) -> Int { count * (rows.count / Self.sampled + 1) * 17 / 16 }
    log.steps.reserveCapacity(expected(log.steps.count))
    log.messages.reserveCapacity(expected(log.messages.count))
    log.slots.reserveCapacity(expected(log.slots.count))
  }

  private init(_ rows: Operations, _ lists: ListWords) {
    (self.rows, self.lists, values) = (rows, lists, rows.history.values)
    (sendWord, pollWord) = (values.find("send"), values.find("poll"))
    log = LogColumns(rows.history)
  }

  private mutating func append(_ position: Int) throws(MalformedHistory) {
    switch rows.function(position) {
    case "send", "poll", "local-poll", "txn":
      appendCall(position, .transaction)
      try appendTransaction(position)
    case "resend":
      appendCall(position, .other)
      try appendResend(position)
    case "assign":
      appendCall(position, .assign)
      try appendAssigned(position)
    case "subscribe": appendCall(position, .subscribe)
    case let function where Self.silent.contains(function): appendCall(position, .other)
    case let other:
      throw malformed(
        rows.invocations[position],
        "expected the operations 'send', 'resend', 'poll', 'local-poll', 'txn', 'assign', 'subscribe', 'commit', "
          + "'crash' and 'debug-topic-partitions', not '\(other)'")
    }
  }

  private mutating func appendCall(_ position: Int, _ role: LogColumns.Call.Role) {
    let process = UInt32(truncatingIfNeeded: log.processes.id(rows.process(position).rawValue))
    log.calls.append(
      LogColumns.Call(
        role: role, outcome: rows.outcome(position), process: process, invocation: rows.invocations[position],
        completion: rows.completion(position).map { UInt32(truncatingIfNeeded: $0) } ?? LogColumns.never,
        start: log.steps.count, assignedStart: log.assigned.count))
  }

  private mutating func appendAssigned(_ position: Int) throws(MalformedHistory) {
    let event = rows.invocations[position]
    guard let list = lists[rows.input(position)] else {
      throw malformed(event, "expected the list of partitions, not \(values.value(rows.input(position)))")
    }
    for raw in list { log.assigned.append(try partition(ValueWord(rawValue: raw), event)) }
  }

  // MARK: Micro-operations

  private mutating func appendTransaction(_ position: Int) throws(MalformedHistory) {
    let (input, event) = (rows.input(position), rows.invocations[position])
    let isOK = rows.outcome(position) == .ok
    let answer = isOK ? rows.output(position) : ValueWord.null
    let answered = UInt32(truncatingIfNeeded: rows.completion(position) ?? Int(event))
    if let micro = microOperations(input) {
      let answers = isOK ? microOperations(answer) : nil
      if isOK, answers?.count != micro.count {
        throw malformed(
          answered, "expected the same micro-operations as in the invocation, not \(values.value(answer))")
      }
      for (number, raw) in micro.enumerated() {
        let other = answers.map { ValueWord(rawValue: $0[number]) }
        try appendMicro(ValueWord(rawValue: raw), other, position, UInt32(truncatingIfNeeded: number), answered)
      }
      return
    }
    switch rows.function(position) {
    case "poll", "local-poll":
      if !input.isNull { return try appendPositionedPoll(position, answered) }
      try appendPoll(isOK ? answer : nil, position, 0, answered)
    case "send":
      let (pair, parts) = try sendPairs(position, answered)
      try appendSend(pair, parts, position, 0, answered)
    default:
      throw malformed(
        event, "a transaction is a list of [\"send\", partition, value] and [\"poll\"], not \(values.value(input))")
    }
  }

  /// The list, if its elements are lists.
  private func microOperations(_ word: ValueWord) -> UnsafeBufferPointer<UInt64>? {
    guard let list = lists[word], list.allSatisfy({ ValueWord(rawValue: $0).isList }) else { return nil }
    return list
  }

  private mutating func appendMicro(
    _ word: ValueWord, _ answer: ValueWord?, _ position: Int, _ number: UInt32, _ answered: UInt32
  ) throws(MalformedHistory) {
    let event = rows.invocations[position]
    guard let parts = lists[word], let head = parts.first.map({ ValueWord(rawValue: $0) }) else {
      throw malformed(event, "expected [\"send\", partition, value] or [\"poll\"], not \(values.value(word))")
    }
    let answers = answer.flatMap { lists[$0] }
    if answer != nil, answers?.first != head.rawValue {
      throw malformed(answered, "expected the same micro-operations as in the invocation")
    }
    if head == pollWord {
      let polled = answers.map { $0.count > 1 ? ValueWord(rawValue: $0[1]) : .null }
      try appendPoll(polled, position, number, answered)
    } else if head == sendWord, parts.count == 3 {
      if let answers, answers.count != 3 {
        throw malformed(answered, "expected [\"send\", partition, [offset, value]]")
      }
      try appendSend((parts[1], parts[2]), answers.map { ($0[1], $0[2]) }, position, number, answered)
    } else {
      throw malformed(event, "expected [\"send\", partition, value] or [\"poll\"], not \(values.value(word))")
    }
  }

  /// - Parameter answer: partition and [offset, value], or value alone; nil unless it was acknowledged.
  private mutating func appendSend(
    _ input: (UInt64, UInt64), _ answer: (UInt64, UInt64)?, _ position: Int, _ number: UInt32, _ answered: UInt32
  ) throws(MalformedHistory) {
    let (event, call) = (rows.invocations[position], UInt32(truncatingIfNeeded: log.calls.count - 1))
    let partition = try partition(ValueWord(rawValue: input.0), event)
    let message = try message(ValueWord(rawValue: sentValue(input.1)), partition, event)
    if rows.outcome(position) == .fail {
      log.messages[Int(message)].failed = min(log.messages[Int(message)].failed, event)
      return
    }
    let first = log.messages[Int(message)].sender
    if first != LogColumns.never {
      throw malformed(
        event,
        "\(log.value(message)) is sent to partition \(log.partition(partition)) again (first at event "
          + "\(log.calls[Int(first)].invocation)); every send to a partition needs a value of its own")
    }
    log.messages[Int(message)].sender = call
    let slot = try answer.map { answer throws(MalformedHistory) in try acknowledge(message, answer, call, answered) }
    log.steps.append(
      LogColumns.Step(message: message, slot: slot ?? LogColumns.never, micro: number, isSend: true))
  }

  /// Notes the place that a send of the message was answered with.
  ///
  /// - Parameter answer: partition and [offset, value], or value alone.
  /// - Returns: `never` where it names none.
  private mutating func acknowledge(
    _ message: UInt32, _ answer: (UInt64, UInt64), _ call: UInt32, _ answered: UInt32
  ) throws(MalformedHistory) -> UInt32 {
    let (partition, value) = (log.messages[Int(message)].partition, log.messages[Int(message)].word)
    if try self.partition(ValueWord(rawValue: answer.0), answered) != partition {
      throw malformed(answered, "the send was acknowledged by another partition")
    }
    guard let pair = lists[ValueWord(rawValue: answer.1)] else {
      if answer.1 == value.rawValue { return LogColumns.never }
      throw malformed(answered, "the send was acknowledged with another value")
    }
    guard pair.count == 2, pair[1] == value.rawValue else {
      throw malformed(
        answered, "expected [offset, \(log.value(message))], not \(values.value(ValueWord(rawValue: answer.1)))")
    }
    let offset = ValueWord(rawValue: pair[0])
    if offset.isNull { return LogColumns.never }
    let slot = try self.slot(offset, partition, message, call, answered)
    if log.messages[Int(message)].acknowledged == LogColumns.never {
      (log.messages[Int(message)].acknowledged, log.messages[Int(message)].acknowledger) = (slot, call)
    }
    return slot
  }

  /// A message that was sent before, sent once more by its producer, who did not hear what became of it, or did.
  ///
  /// Systems with idempotent producers know it again and answer with its first offset. So it puts nothing in: it says
  /// where the message is, as the answer to its `send` does, and nothing of the order of sends.
  private mutating func appendResend(_ position: Int) throws(MalformedHistory) {
    let event = rows.invocations[position]
    let answered = UInt32(truncatingIfNeeded: rows.completion(position) ?? Int(event))
    let (pair, parts) = try sendPairs(position, answered)
    let partition = try partition(ValueWord(rawValue: pair.0), event)
    let message = try message(ValueWord(rawValue: sentValue(pair.1)), partition, event)
    guard log.messages[Int(message)].sender != LogColumns.never else {
      throw malformed(
        event,
        "\(log.value(message)) is sent to partition \(log.partition(partition)) once more, but there is no "
          + "'send' of it before that did not fail")
    }
    guard let parts else { return }
    let slot = try acknowledge(message, parts, UInt32(truncatingIfNeeded: log.calls.count - 1), answered)
    if slot != LogColumns.never { log.slots[Int(slot)].isSolid = true }
  }

  /// Partition and value of a send, and of its answer where it was acknowledged.
  private func sendPairs(
    _ position: Int, _ answered: UInt32
  ) throws(MalformedHistory) -> (input: (UInt64, UInt64), answer: (UInt64, UInt64)?) {
    let input = rows.input(position)
    guard let pair = lists[input], pair.count == 2 else {
      throw malformed(
        rows.invocations[position],
        "expected [partition, value] or [[\"send\", partition, value], …], not \(values.value(input))")
    }
    guard rows.outcome(position) == .ok else { return ((pair[0], pair[1]), nil) }
    guard let answer = lists[rows.output(position)], answer.count == 2 else {
      throw malformed(answered, "expected [partition, [offset, value]], not \(values.value(rows.output(position)))")
    }
    return ((pair[0], pair[1]), (answer[0], answer[1]))
  }

  /// What is sent: `v`, `[offset, v]`, or `{"value": v, …}` with what else the request says of it.
  private func sentValue(_ raw: UInt64) -> UInt64 {
    let word = ValueWord(rawValue: raw)
    if word.isMap { return values.field("value", of: word)?.rawValue ?? raw }
    return lists[word].flatMap { $0.count == 2 ? $0[1] : nil } ?? raw
  }

  /// A poll that says where it begins: `[p, offset] → [p, [[offset, v], …]]`.
  private mutating func appendPositionedPoll(_ position: Int, _ answered: UInt32) throws(MalformedHistory) {
    let (input, event) = (rows.input(position), rows.invocations[position])
    guard let pair = lists[input], pair.count == 2, let from = values.int(ValueWord(rawValue: pair[1])), from >= 0
    else {
      throw malformed(
        event, "a poll asks for null, [partition, offset] or [[\"poll\"], …], not \(values.value(input))")
    }
    let partition = try partition(ValueWord(rawValue: pair[0]), event)
    log.calls[log.calls.count - 1].from = from
    log.hasPositions = true
    guard rows.outcome(position) == .ok else {
      if rows.outcome(position) != .fail { log.unknownPolls += 1 }
      return
    }
    guard let answer = lists[rows.output(position)], answer.count == 2,
      try self.partition(ValueWord(rawValue: answer[0]), answered) == partition
    else {
      throw malformed(
        answered,
        "expected [\(log.partition(partition)), [[offset, value], …]], not "
          + "\(values.value(rows.output(position)))")
    }
    try appendPolled(ValueWord(rawValue: answer[1]), partition, 0, answered)
  }

  /// - Parameter answer: `{partition: [[offset, value], …]}`, or null; nil unless the poll was completed.
  private mutating func appendPoll(
    _ answer: ValueWord?, _ position: Int, _ number: UInt32, _ answered: UInt32
  ) throws(MalformedHistory) {
    guard let answer else {
      if rows.outcome(position) != .fail { log.unknownPolls += 1 }
      return
    }
    if answer.isNull { return }
    guard let entries = lists.entries(answer) else {
      throw malformed(answered, "a poll returns {partition: [[offset, value], …], …}, not \(values.value(answer))")
    }
    for place in stride(from: 0, to: entries.count - 1, by: 2) {
      let partition = try partition(ValueWord(rawValue: entries[place]), answered)
      try appendPolled(ValueWord(rawValue: entries[place + 1]), partition, number, answered)
    }
  }

  private mutating func appendPolled(
    _ word: ValueWord, _ partition: UInt32, _ number: UInt32, _ answered: UInt32
  ) throws(MalformedHistory) {
    guard let list = lists[word] else {
      throw malformed(answered, "a poll returns [[offset, value], …] for a partition, not \(values.value(word))")
    }
    let call = UInt32(truncatingIfNeeded: log.calls.count - 1)
    for raw in list {
      guard let pair = lists[ValueWord(rawValue: raw)], pair.count == 2 else {
        throw malformed(answered, "expected [offset, value], not \(values.value(ValueWord(rawValue: raw)))")
      }
      let message = try message(ValueWord(rawValue: pair[1]), partition, answered)
      let slot = try slot(ValueWord(rawValue: pair[0]), partition, message, call, answered)
      log.slots[Int(slot)].isPolled = true
      let poller = log.messages[Int(message)].poller
      if poller == LogColumns.never || log.calls[Int(poller)].completion > answered {
        log.messages[Int(message)].poller = call
      }
      log.steps.append(LogColumns.Step(message: message, slot: slot, micro: number, isSend: false))
    }
  }

  // MARK: Ids

  private mutating func partition(_ word: ValueWord, _ event: UInt32) throws(MalformedHistory) -> UInt32 {
    guard let id = log.partitions.id(word, values) else {
      throw malformed(event, "a partition is an integer or a text, not \(values.value(word))")
    }
    if id == slotIDs.count { slotIDs.append(WordTable(tagBits: 0, directTag: 0)) }
    return id
  }

  private mutating func message(
    _ word: ValueWord, _ partition: UInt32, _ event: UInt32
  ) throws(MalformedHistory) -> UInt32 {
    guard word.isScalar, !word.isNull else {
      throw malformed(event, "a message is a number, a text or a truth value, not \(values.value(word))")
    }
    let id = messageIDs.id(word, partition, log.messages)
    if id == log.messages.count { log.messages.append(LogColumns.Message(word: word, partition: partition)) }
    return id
  }

  /// The place with this offset, at which the call met the message.
  private mutating func slot(
    _ word: ValueWord, _ partition: UInt32, _ message: UInt32, _ call: UInt32, _ event: UInt32
  ) throws(MalformedHistory) -> UInt32 {
    guard let offset = values.int(word), offset >= 0 else {
      throw malformed(event, "an offset is an integer from 0 on, not \(values.value(word))")
    }
    let slot = slotIDs[Int(partition)].intern(UInt64(offset), next: UInt32(truncatingIfNeeded: log.slots.count))
    if slot == log.slots.count {
      log.slots.append(LogColumns.Slot(offset: offset, partition: partition, message: message, call: call))
    }
    log.note(message, at: slot, call)
    return slot
  }

  private func malformed(_ event: UInt32, _ message: String) -> MalformedHistory {
    MalformedHistory(index: Int(event), message: message)
  }
}
