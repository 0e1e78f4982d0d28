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
    case "send", "poll", "txn":
      appendCall(position, .transaction)
      try appendTransaction(position)
    case "assign":
      appendCall(position, .assign)
      try appendAssigned(position)
    case "subscribe": appendCall(position, .subscribe)
    case let function where Self.silent.contains(function): appendCall(position, .other)
    case let other:
      throw malformed(
        rows.invocations[position],
        "expected the operations 'send', 'poll', 'txn', 'assign', 'subscribe', 'commit', 'crash' and "
          + "'debug-topic-partitions', not '\(other)'")
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
    case "poll":
      guard input.isNull else {
        throw malformed(event, "a poll asks for null or [[\"poll\"], …], not \(values.value(input))")
      }
      try appendPoll(isOK ? answer : nil, position, 0, answered)
    case "send":
      guard let pair = lists[input], pair.count == 2 else {
        throw malformed(
          event, "expected [partition, value] or [[\"send\", partition, value], …], not \(values.value(input))")
      }
      let parts = isOK ? lists[answer].flatMap { $0.count == 2 ? ($0[0], $0[1]) : nil } : nil
      if isOK, parts == nil {
        throw malformed(answered, "expected [partition, [offset, value]], not \(values.value(answer))")
      }
      try appendSend((pair[0], pair[1]), parts, position, 0, answered)
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
    let sent = lists[ValueWord(rawValue: input.1)].flatMap { $0.count == 2 ? $0[1] : nil } ?? input.1
    let message = try message(ValueWord(rawValue: sent), partition, event)
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
    var slot = LogColumns.never
    if let answer {
      if try self.partition(ValueWord(rawValue: answer.0), answered) != partition {
        throw malformed(answered, "the send was acknowledged by another partition")
      }
      if let pair = lists[ValueWord(rawValue: answer.1)] {
        guard pair.count == 2, pair[1] == sent else {
          throw malformed(
            answered, "expected [offset, \(log.value(message))], not \(values.value(ValueWord(rawValue: answer.1)))")
        }
        let offset = ValueWord(rawValue: pair[0])
        if !offset.isNull { slot = try self.slot(offset, partition, message, call, answered) }
      } else if answer.1 != sent {
        throw malformed(answered, "the send was acknowledged with another value")
      }
      log.messages[Int(message)].acknowledged = slot
    }
    log.steps.append(LogColumns.Step(message: message, slot: slot, micro: number, isSend: true))
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

/// Partition and value to message.
///
/// Most histories send each value to one partition only: one table of all values, which are dense, finds the first
/// message of each. Only where a value goes to several partitions are the others looked for by both.
private struct MessageTable {
  private var values = WordTable(tagBits: 3, directTag: ValueWord.intTag)
  /// By value, in order of first use: the first message that has it.
  private var first: [UInt32] = []
  /// By value and partition: the message, where it is not the first of its value.
  private var others = WordTable(tagBits: 0, directTag: 0)

  /// - Returns: the number that follows on the messages if there is no such message yet.
  mutating func id(_ word: ValueWord, _ partition: UInt32, _ messages: [LogColumns.Message]) -> UInt32 {
    let next = UInt32(truncatingIfNeeded: messages.count)
    let value = Int(values.intern(word.rawValue, next: UInt32(truncatingIfNeeded: first.count)))
    if value == first.count {
      first.append(next)
      return next
    }
    if messages[Int(first[value])].partition == partition { return first[value] }
    return others.intern(UInt64(value) << 32 | UInt64(partition), next: next)
  }
}

extension LogColumns {
  /// The call met the message at the slot.
  fileprivate mutating func note(_ message: UInt32, at slot: UInt32, _ call: UInt32) {
    if slots[Int(slot)].message != message, !slots[Int(slot)].isShared {
      slots[Int(slot)].isShared = true
      others[slot] = (message, call)
    }
    let number = Int(message)
    if messages[number].slot == Self.never {
      messages[number].slot = slot
    } else if messages[number].slot != slot {
      let (known, offset) = (offsets(of: message), slots[Int(slot)].offset)
      if messages[number].otherSlot == Self.never { messages[number].otherSlot = slot }
      spreads[message] = min(known.lowerBound, offset)...max(known.upperBound, offset)
    }
  }
}
