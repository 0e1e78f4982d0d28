import Histories

/// The acknowledged messages of a partitioned log that nobody polled, though what is behind them was polled.
///
/// Consumers get the messages of a partition in turn, so what no poll has, although one has a message behind it, is
/// lost. That is certain if one client got what is before and what is behind it, one after the other; or if every poll
/// was completed and consumers begin at the beginning of a partition, as is assumed unless somebody says otherwise: one
/// that begins anywhere, or says where it begins, owes nothing that is before. A poll of unknown outcome may have got any messages, and others may
/// have gone on behind them (consumers of one group do): then the message is perhaps polled, and the verdict `unknown`.
struct LostWrites {
  /// Messages lost for certain, increasing.
  private(set) var lost: [UInt32] = []
  private(set) var perhapsPolled = 0
  /// Acknowledged messages that nobody polled or had to: statistics only.
  private(set) var unseen = 0
  private(set) var acknowledged = 0
  /// By partition: the place of the last slot that was polled.
  private var last: [Int?]
  private let columns: LogColumns

  /// - Parameters:
  ///   - isPassed: by place in the order of slots, as `LogOrderAudit` says.
  ///   - startsAtBeginning: whether consumers begin at the beginning of a partition.
  init(_ columns: LogColumns, isPassed: [Bool], startsAtBeginning: Bool) {
    self.columns = columns
    last = Array(repeating: nil, count: columns.partitions.count)
    for (place, slot) in columns.order.enumerated() where columns.slots[Int(slot)].isPolled {
      last[Int(columns.slots[Int(slot)].partition)] = place
    }
    for number in columns.messages.indices {
      let message = columns.messages[number]
      let isAcknowledged = message.acknowledged != LogColumns.never
      guard message.sender != LogColumns.never, isAcknowledged || columns.calls[Int(message.sender)].outcome == .ok
      else { continue }
      acknowledged += 1
      if message.isPolled { continue }
      guard isAcknowledged, let last = last[Int(message.partition)],
        case let place = columns.place(message.acknowledged), place <= last,
        case let isMissed = isPassed[place] || columns.isReplaced(message), startsAtBeginning || isMissed
      else {
        unseen += 1
        continue
      }
      if isMissed || columns.unknownPolls == 0 {
        lost.append(UInt32(truncatingIfNeeded: number))
      } else {
        perhapsPolled += 1
      }
    }
  }

  func report(to log: inout FindingLog) {
    for number in lost {
      let message = columns.messages[Int(number)]
      log.add(.lostWrite, key: columns.partition(message.partition)) { witnesses in
        let last = last[Int(message.partition)].map { columns.order[$0] } ?? message.acknowledged
        let calls = [message.acknowledger] + [poller(of: last)].compactMap { $0 }
        let somebody = calls.count > 1 ? columns.name(calls[1], witnesses) : "somebody"
        return (
          "\(columns.name(message.acknowledger, witnesses)) was acknowledged with "
            + "\(columns.text(number, message.acknowledged)), "
            + "which nobody polled, though "
            + "\(somebody) got what is at offset \(columns.slots[Int(last)].offset)",
          columns.invocations(calls), columns.events(calls)
        )
      }
    }
  }

  /// A call that polled the slot; for sentences, as it looks through all.
  private func poller(of slot: UInt32) -> UInt32? {
    columns.calls.indices.first { call in columns.steps(of: call).contains { !$0.isSend && $0.slot == slot } }
      .map { UInt32(truncatingIfNeeded: $0) }
  }
}

extension LogColumns {
  /// Whether a poll that asked for the message's place got another one there.
  fileprivate func isReplaced(_ message: Message) -> Bool {
    hasPositions && slots[Int(message.acknowledged)].isPolled
  }
}
