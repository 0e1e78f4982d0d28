import Histories

/// Makes the columns of a partitioned log from its operations.
struct LogLowering {
  /// Operations that say nothing of the log: how far a consumer is, and what Jepsen's clients do besides. One that
  /// crashes goes on as another process, which has no positions.
  static let silent = ["commit", "crash", "debug-topic-partitions"]

  let rows: Operations
  let lists: ListWords
  let values: ValueStore
  private let (sendWord, pollWord): (ValueWord?, ValueWord?)
  var log: LogColumns
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

  // MARK: Ids

  mutating func partition(_ word: ValueWord, _ event: UInt32) throws(MalformedHistory) -> UInt32 {
    guard let id = log.partitions.id(word, values) else {
      throw malformed(event, "a partition is an integer or a text, not \(values.value(word))")
    }
    if id == slotIDs.count { slotIDs.append(WordTable(tagBits: 0, directTag: 0)) }
    return id
  }

  mutating func message(
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
  mutating func slot(
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

  func malformed(_ event: UInt32, _ message: String) -> MalformedHistory {
    MalformedHistory(index: Int(event), message: message)
  }
}
