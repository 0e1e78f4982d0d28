import Histories

/// Holds what clients sent and polled against the order of the log: skips, steps back, and what was passed by.
///
/// *Polls* of one client, one after the other, must get the messages of a partition one after the other: `poll-skip` if
/// messages that certainly are between were left out, `nonmonotonic-poll` if the second is not behind the first. Only
/// completed polls count: one that failed is held to leave the position as it was (as in Jepsen), and one of unknown
/// outcome ends its process. Messages count as between if they were acknowledged or polled by anybody, since what is in
/// the log at a lower offset is there before whatever has a higher one; those that only a failed call sent do not.
/// Nothing is claimed across an `assign` that leaves the partition out, or after a `subscribe` (`ClientPositions`). A
/// poll that says where it begins is held to that alone, whatever its client polled before.
///
/// *Sends* of one process, each begun after the last was acknowledged, must have increasing offsets
/// (`nonmonotonic-send`); one of unknown outcome counts if somebody polled it. A message that has several offsets is
/// before another only if all of them are.
///
/// The same within one call is `int-`; of two polls of one transaction only if the client is not subscribed, but always
/// within one poll. Messages of others between two sends of one transaction (`int-send-skip`) are normal in Kafka.
struct LogOrderAudit {
  private let columns: LogColumns
  private var positions: ClientPositions
  /// By place in the order of slots: how many more passages begin there than end. The sums say what was passed by.
  private var passages: [Int32]

  init(_ columns: LogColumns) {
    self.columns = columns
    positions = ClientPositions(processes: columns.processes.count)
    passages = Array(repeating: 0, count: columns.order.count + 1)
  }

  /// Reports all that is out of order.
  ///
  /// - Returns: by place in the order of slots, whether some client got what is before and what is behind one after the
  ///   other.
  mutating func report(to log: inout FindingLog) -> [Bool] {
    for number in columns.calls.indices {
      let call = columns.calls[number]
      switch call.role {
      case .transaction: audit(UInt32(truncatingIfNeeded: number), call, &log)
      case .assign where call.outcome == .ok: positions.assign(call.process, columns.assigned(by: number))
      case .subscribe where call.outcome != .fail: positions.assign(call.process, nil)
      case .assign where call.outcome != .fail: positions.assign(call.process, [])
      case .assign, .subscribe, .other: break
      }
    }
    var open: Int32 = 0
    return passages.dropLast().map { change in
      open += change
      return open > 0
    }
  }

  private mutating func audit(_ number: UInt32, _ call: LogColumns.Call, _ log: inout FindingLog) {
    for step in columns.steps(of: Int(number)) {
      let position = positions.number(call.process, columns.messages[Int(step.message)].partition)
      if step.isSend {
        auditSend(step, number, position, &log)
      } else {
        auditPoll(step, number, position, &log)
      }
    }
  }

  // MARK: Polls

  private mutating func auditPoll(
    _ step: LogColumns.Step, _ call: UInt32, _ number: Int, _ log: inout FindingLog
  ) {
    let last = positions[number]
    positions[number].polled = step.slot
    (positions[number].pollCall, positions[number].pollMicro) = (call, step.micro)
    let isOnePoll = last.pollCall == call && last.pollMicro == step.micro
    if !isOnePoll, columns.calls[Int(call)].from >= 0 { return auditStart(step, call, &log) }
    guard last.polled != LogColumns.never, isOnePoll || !positions.isSubscribed(columns.calls[Int(call)].process)
    else { return }
    let isInner = last.pollCall == call
    let (before, here) = (columns.place(last.polled), columns.place(step.slot))
    if here <= before {
      reportPoll(isInner ? .innerNonmonotonicPoll : .nonmonotonicPoll, last, step, call, &log)
      return
    }
    passages[before + 1] += 1
    passages[here] -= 1
    if columns.messagesBetween(last.polled, step.slot) > 0 {
      reportPoll(isInner ? .innerPollSkip : .pollSkip, last, step, call, &log)
    }
  }

  /// Holds the first message of a poll that says where it begins against that: it must be the next one from there on.
  private mutating func auditStart(_ step: LogColumns.Step, _ call: UInt32, _ log: inout FindingLog) {
    let partition = columns.messages[Int(step.message)].partition
    let from = columns.calls[Int(call)].from
    let (first, here) = (columns.firstPlace(of: partition, from: from), columns.place(step.slot))
    let skipped = first < here ? columns.messages(in: first..<here) : 0
    if first < here {
      passages[first] += 1
      passages[here] -= 1
    }
    guard here < first || skipped > 0 else { return }
    log.add(here < first ? .nonmonotonicPoll : .pollSkip, key: columns.partition(partition)) { witnesses in
      let what =
        skipped > 0
        ? ", and not the \(skipped == 1 ? "message" : "\(skipped) messages") between" : ", which is before it"
      return (
        "\(columns.name(call, witnesses)) asked for offset \(from) on and began with "
          + "\(columns.text(step.message, step.slot))\(what)",
        columns.invocations([call]), columns.events([call])
      )
    }
  }

  private func reportPoll(
    _ anomaly: InvariantAnomaly, _ last: ClientPositions.Position, _ step: LogColumns.Step, _ call: UInt32,
    _ log: inout FindingLog
  ) {
    let partition = columns.messages[Int(step.message)].partition
    log.add(anomaly, key: columns.partition(partition)) { witnesses in
      let calls = last.pollCall == call ? [call] : [last.pollCall, call]
      let first = columns.text(columns.slots[Int(last.polled)].message, last.polled)
      let second = columns.text(step.message, step.slot)
      let between = columns.messagesBetween(last.polled, step.slot)
      let what =
        if between > 0 { ", and not the \(between == 1 ? "message" : "\(between) messages") between" } else {
          ", which is not behind it"
        }
      return (
        calls.count == 1
          ? "\(columns.name(call, witnesses)) got \(first), then \(second)\(what)"
          : "\(columns.name(calls[0], witnesses)) ended with \(first); then "
            + "\(columns.name(call, witnesses)) began with \(second)\(what)",
        columns.invocations(calls), columns.events(calls)
      )
    }
  }

  // MARK: Sends

  private mutating func auditSend(
    _ step: LogColumns.Step, _ call: UInt32, _ number: Int, _ log: inout FindingLog
  ) {
    let last = positions[number]
    let message = columns.messages[Int(step.message)]
    guard message.slot != LogColumns.never else { return }
    (positions[number].sent, positions[number].sendCall) = (step.message, call)
    guard last.sent != LogColumns.never else { return }
    let isInner = last.sendCall == call
    // What was sent by a call that was not acknowledged may have got into the log later.
    if !isInner, columns.calls[Int(last.sendCall)].outcome != .ok { return }
    let before = columns.messages[Int(last.sent)]
    if columns.offsets(of: step.message).upperBound < columns.offsets(of: last.sent).lowerBound {
      reportSend(isInner ? .innerNonmonotonicSend : .nonmonotonicSend, last, step, call, &log)
    } else if isInner, message.otherSlot == LogColumns.never, before.otherSlot == LogColumns.never,
      columns.messagesBetween(before.slot, message.slot) > 0
    {
      reportSend(.innerSendSkip, last, step, call, &log)
    }
  }

  private func reportSend(
    _ anomaly: InvariantAnomaly, _ last: ClientPositions.Position, _ step: LogColumns.Step, _ call: UInt32,
    _ log: inout FindingLog
  ) {
    let message = columns.messages[Int(step.message)]
    log.add(anomaly, key: columns.partition(message.partition)) { witnesses in
      let calls = last.sendCall == call ? [call] : [last.sendCall, call]
      let first = columns.text(last.sent, columns.messages[Int(last.sent)].slot)
      let second = columns.text(step.message, message.slot)
      let what = anomaly == .innerSendSkip ? ", with messages of others between" : ", which is before it"
      return (
        calls.count == 1
          ? "\(columns.name(call, witnesses)) sent \(first), then \(second)\(what)"
          : "\(columns.name(calls[0], witnesses)) sent \(first); then "
            + "\(columns.name(call, witnesses)) sent \(second)\(what)",
        columns.invocations(calls), columns.events(calls)
      )
    }
  }
}
