import Histories

// What was polled.
extension LogLowering {
  /// A poll that says where it begins: `[p, offset] → [p, [[offset, v], …]]`.
  mutating func appendPositionedPoll(_ position: Int, _ answered: UInt32) throws(MalformedHistory) {
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
  mutating func appendPoll(
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
}
