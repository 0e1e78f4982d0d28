import Histories

// What was sent, and sent again.
extension LogLowering {
  /// - Parameter answer: partition and [offset, value], or value alone; nil unless it was acknowledged.
  mutating func appendSend(
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
  mutating func appendResend(_ position: Int) throws(MalformedHistory) {
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
  func sendPairs(
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
}
