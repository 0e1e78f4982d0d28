import Histories

extension LogColumns {
  /// Reports offsets that hold two messages, messages with two offsets, and messages from nowhere.
  func reportMessages(_ log: inout FindingLog) {
    for (number, slot) in slots.enumerated() where slot.isShared {
      reportInconsistent(UInt32(truncatingIfNeeded: number), &log)
    }
    for (number, message) in messages.enumerated() {
      let number = UInt32(truncatingIfNeeded: number)
      if message.otherSlot != Self.never { reportDuplicate(number, &log) }
      guard message.isPolled else { continue }
      let polled = calls[Int(message.poller)].completion
      let begun = message.sender == Self.never ? Self.never : calls[Int(message.sender)].invocation
      if polled < begun { reportUnsent(number, later: begun, polled, &log) }
    }
  }

  private func reportInconsistent(_ number: UInt32, _ log: inout FindingLog) {
    let slot = slots[Int(number)]
    log.add(.inconsistentOffsets, key: partition(slot.partition)) { witnesses in
      guard let other = others[number] else { return ("", [], []) }
      let calls = [slot.call, other.call]
      return (
        "offset \(slot.offset) holds \(value(slot.message)) for \(name(slot.call, witnesses)) and "
          + "\(value(other.message)) for \(name(other.call, witnesses))",
        invocations(calls), events(calls)
      )
    }
  }

  private func reportDuplicate(_ number: UInt32, _ log: inout FindingLog) {
    let message = messages[Int(number)]
    log.add(.duplicateOffset, key: partition(message.partition)) { witnesses in
      let places = [message.slot, message.otherSlot].map { slots[Int($0)] }
      let calls = [message.slot, message.otherSlot].map { caller(of: number, at: $0) }
      return (
        "\(value(number)) is at offset \(places[0].offset) for \(name(calls[0], witnesses)) and at offset "
          + "\(places[1].offset) for \(name(calls[1], witnesses))",
        invocations(calls), events(calls)
      )
    }
  }

  /// The first call that met the message at the slot; for sentences, as it looks through all.
  private func caller(of message: UInt32, at slot: UInt32) -> UInt32 {
    for call in calls.indices where steps(of: call).contains(where: { $0.message == message && $0.slot == slot }) {
      return UInt32(truncatingIfNeeded: call)
    }
    return slots[Int(slot)].call
  }

  private func reportUnsent(_ number: UInt32, later: UInt32, _ polled: UInt32, _ log: inout FindingLog) {
    let message = messages[Int(number)]
    let isAborted = message.failed < polled
    log.add(isAborted ? .abortedRead : .thinAirRead, key: partition(message.partition)) { witnesses in
      let other = [isAborted ? message.failed : later].filter { $0 != Self.never }.map { Int($0) }
      let why =
        if isAborted {
          "which only \(witnesses.name(other[0], nil)) sent, and that failed"
        } else if let later = other.first {
          "which nobody had begun to send: \(witnesses.name(later, nil)) did so later"
        } else { "which nobody sent" }
      return (
        "\(name(message.poller, witnesses)) got \(value(number)), \(why)", invocations([message.poller]) + other,
        events([message.poller]) + other
      )
    }
  }
}
