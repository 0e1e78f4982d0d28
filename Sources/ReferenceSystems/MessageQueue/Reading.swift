import ProtocolKit

/// A question to the leader.
enum Question: Sendable {
  case records(from: Offset, max: Int)
  /// Answered when it is certain that the queue was empty while this replica led.
  case nothingFree
}

/// A read, the round of confirmations that it needs, and when it is given up.
struct WaitingRead: Sendable {
  var question: Question
  var name: RequestName
  var round: UInt64
  var deadline: Nanoseconds
}

/// Reads are answered by a leader that makes sure that it still leads: after the read came in, a majority of replicas says
/// that its register holds nothing of a later epoch. A later leader would have needed one of them before.
///
/// Deviation from Kafka, whose leaders answer at once and may have been deposed. And as a new leader does not know at first
/// how much of its log is committed, it answers none before it knows (KIP-207), so that the high watermark never goes back.
extension Partition {
  mutating func read(_ question: Question, _ name: RequestName, _ context: inout Context) {
    guard let leading else { return }
    if context.configuration.bug == .servesUncommitted {
      return context.reply(.outcome(outcome(of: question, context)), to: name, about: id)
    }
    guard serving.reads.count < context.configuration.limits.readsWaitingMax else {
      return context.reply(.outcome(.overloaded), to: name, about: id)
    }
    serving.reads.append(
      WaitingRead(
        question: question, name: name, round: leading.round + 1,
        deadline: context.now + context.configuration.requestTimeout))
  }

  /// At the end of a batch: one round for all reads that came in, when the round before is over.
  mutating func startRound(_ context: inout Context) {
    guard let leading, leading.roundConfirmed == leading.round,
      serving.reads.elements.last.map({ $0.round > leading.round }) == true
    else { return }
    self.leading?.round += 1
    sendRound(&context)
  }

  private mutating func sendRound(_ context: inout Context) {
    guard let leading else { return }
    self.leading?.confirmDeadline = context.now + context.configuration.retryInterval
    for node in replicas where leading.confirmations[node] ?? 0 < leading.round {
      context.send(message(.confirm(epoch: leading.epoch, round: leading.round)), to: node)
    }
  }

  /// The acceptor of this replica is asked.
  mutating func answerConfirm(epoch: Epoch, round: UInt64, from sender: NodeID, _ context: inout Context) {
    if let value = state.value, value.epoch > epoch {
      context.send(message(.leaderIs(epoch: value.epoch, leader: value.leader)), to: sender)
    } else {
      context.send(message(.confirmed(epoch: epoch, round: round)), to: sender)
    }
  }

  mutating func receiveConfirmed(epoch: Epoch, round: UInt64, from sender: NodeID, _ context: inout Context) {
    guard leading?.epoch == epoch else { return }
    let known = leading?.confirmations[sender] ?? 0
    leading?.confirmations[sender] = max(known, round)
    guard let leading, leading.roundConfirmed < leading.round,
      leading.confirmations.values.count(where: { $0 >= leading.round }) >= majority
    else { return }
    self.leading?.roundConfirmed = leading.round
    serveReads(&context)
  }

  /// Answers reads whose round is confirmed, once all that the leaders before committed is known.
  mutating func serveReads(_ context: inout Context) {
    guard let leading, highWatermark >= leading.startOffset else { return }
    while let read = serving.reads.first, read.round <= leading.roundConfirmed {
      serving.reads.popFirst()
      context.reply(.outcome(outcome(of: read.question, context)), to: read.name, about: id)
    }
  }

  mutating func readTick(_ context: inout Context) {
    guard let leading else { return }
    while let read = serving.reads.first, read.deadline <= context.now { serving.reads.popFirst() }
    if leading.roundConfirmed < leading.round, context.now >= leading.confirmDeadline { sendRound(&context) }
  }

  private func outcome(of question: Question, _ context: Context) -> Outcome {
    switch question {
    case .nothingFree: return .delivery(nil)
    case .records(let from, let max):
      let end = readableEnd(context.configuration.bug)
      return .records(records(from: from, through: end, max: max, context.configuration.limits), end: end)
    }
  }

  /// A replica's own records up to its high watermark.
  func ownRecords(_ configuration: Configuration) -> Outcome {
    let end = readableEnd(configuration.bug)
    let own = records(from: log.start, through: end, max: .max, configuration.limits)
    guard own.last.map({ $0.offset + 1 }) ?? log.start == end else { return .tooManyRecords }
    return .records(own, end: end)
  }

  /// Consumers read up to here.
  private func readableEnd(_ bug: MessageQueueBug?) -> Offset { bug == .servesUncommitted ? log.end : highWatermark }

  /// As many as the limits allow.
  private func records(from: Offset, through end: Offset, max count: Int, _ limits: Limits) -> [ConsumedRecord] {
    var found: [ConsumedRecord] = []
    var bytes = 0
    for (position, record) in log.records(from: max(from, log.start), through: end).enumerated() {
      guard found.count < min(count, limits.answerRecordsMax), bytes < limits.answerBytesMax else { break }
      guard case .value(let value) = record.entry else { continue }
      bytes += value.count + 24
      found.append(ConsumedRecord(partition: id.index, offset: max(from, log.start) + Offset(position), value: value))
    }
    return found
  }
}
