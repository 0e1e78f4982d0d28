/// A queue of messages that are lent, acknowledged, and delivered again when they were not: the state machine over the
/// records of a queue's partition. All replicas apply the same records, so all know who holds what until when.
///
/// Time is that of the records. A lease ends with the first record behind its deadline, whoever wrote that.
struct WorkQueue: Hashable, Sendable {
  struct Message: Hashable, Sendable {
    var value: Bytes
    /// How often it was delivered.
    var attempts: UInt32 = 0
    /// Present while it is lent.
    var lease: Lease?
  }

  struct Lease: Hashable, Sendable {
    var deadline: Nanoseconds
    /// Whether the message is dead when this delivery fails.
    var isLast: Bool
  }

  /// All that is left but the dead, by the offset that put it in.
  private(set) var messages: [Offset: Message] = [:]
  /// Free messages that were never lent, ascending; some may be gone.
  private(set) var fresh: [Offset] = []
  private(set) var freshHead = 0
  /// Free messages that were lent before, ascending.
  private(set) var returned: [Offset] = []
  /// Lent messages, ascending.
  private(set) var lent: [Offset] = []
  /// Messages that failed too often, in the order of their last failure.
  private(set) var dead: [(id: Offset, letter: DeadLetter)] = []

  /// Puts a message in.
  mutating func enqueue(_ value: Bytes, at offset: Offset) {
    messages[offset] = Message(value: value)
    fresh.append(offset)
  }

  mutating func apply(_ command: QueueCommand, at time: Nanoseconds, _ bug: MessageQueueBug?) -> Outcome {
    expireLeases(at: time)
    switch command {
    case .receive(let visibility, let deliveriesMax):
      return .delivery(lend(until: time &+ visibility, deliveriesMax: deliveriesMax))
    case .ack(let id):
      if bug == .expiredAckAccepted, !isHeld(id), messages[id.message] != nil { return .done }
      guard isHeld(id) else { return .notHeld }
      remove(id.message)
      return .done
    case .nack(let id):
      guard isHeld(id) else { return .notHeld }
      if bug == .nackEndsOtherLeases { for other in lent where other > id.message { fail(other, bug) } }
      fail(id.message, bug)
      return .done
    case .expire: return .dead(dead.map(\.letter))
    case .drain: return .values(drain())
    }
  }

  /// Whether a message could be lent at a time.
  func hasFreeMessage(at time: Nanoseconds) -> Bool {
    nextFree != nil || lent.contains { messages[$0]?.lease.map { $0.deadline <= time } ?? false }
  }

  private var nextFree: Offset? {
    let first = freshHead < fresh.count ? fresh[freshHead] : nil
    guard let again = returned.first else { return first }
    return first.map { min($0, again) } ?? again
  }

  /// The oldest free message first, lent before or not.
  private mutating func lend(until deadline: Nanoseconds, deliveriesMax: UInt32) -> Delivery? {
    guard let id = nextFree, var message = messages[id] else { return nil }
    if returned.first == id { returned.removeFirst() } else { popFresh() }
    message.attempts += 1
    message.lease = Lease(deadline: deadline, isLast: deliveriesMax > 0 && message.attempts >= deliveriesMax)
    messages[id] = message
    lent.insert(id, at: lent.position(of: id))
    return Delivery(id: DeliveryID(message: id, attempt: message.attempts), value: message.value)
  }

  private mutating func popFresh() {
    freshHead += 1
    guard freshHead >= 64, freshHead * 2 > fresh.count else { return }
    fresh.removeFirst(freshHead)
    freshHead = 0
  }

  /// Whether this very delivery is not over.
  private func isHeld(_ id: DeliveryID) -> Bool {
    guard let message = messages[id.message] else { return false }
    return message.lease != nil && message.attempts == id.attempt
  }

  private mutating func expireLeases(at time: Nanoseconds) {
    for id in lent {
      if let lease = messages[id]?.lease, lease.deadline <= time { fail(id, nil) }
    }
  }

  /// A delivery came to nothing.
  private mutating func fail(_ id: Offset, _ bug: MessageQueueBug?) {
    guard var message = messages[id], let lease = message.lease else { return }
    lent.remove(at: lent.position(of: id))
    guard lease.isLast else {
      message.lease = nil
      messages[id] = message
      returned.insert(id, at: returned.position(of: id))
      return
    }
    messages[id] = nil
    if bug != .deadLetterDropped { dead.append((id, DeadLetter(value: message.value, attempts: message.attempts))) }
  }

  private mutating func remove(_ id: Offset) {
    messages[id] = nil
    lent.remove(at: lent.position(of: id))
  }

  private mutating func drain() -> [Bytes] {
    let left = messages.keys.sorted().compactMap { messages[$0]?.value } + dead.map(\.letter.value)
    self = WorkQueue()
    return left
  }

  /// With ``MessageQueueBug/leasesForgotten`` only.
  mutating func forgetLeases() { for id in lent { fail(id, nil) } }

  /// With ``MessageQueueBug/leasedMessagesLost`` only.
  mutating func loseLentMessages() { for id in lent { remove(id) } }
}

extension WorkQueue {
  /// As a snapshot has it.
  init(_ messages: [Offset: Message], _ dead: [(id: Offset, letter: DeadLetter)]) {
    self.messages = messages
    self.dead = dead
    for (id, message) in messages.sorted(by: { $0.key < $1.key }) {
      if message.lease != nil {
        lent.append(id)
      } else if message.attempts > 0 {
        returned.append(id)
      } else {
        fresh.append(id)
      }
    }
  }

  static func == (a: WorkQueue, b: WorkQueue) -> Bool {
    a.messages == b.messages && a.dead.map(\.id) == b.dead.map(\.id) && a.dead.map(\.letter) == b.dead.map(\.letter)
  }

  func hash(into hasher: inout Hasher) { hasher.combine(messages) }
}

extension Array where Element: Comparable {
  /// Where an element is, or belongs, in an ascending array.
  func position(of element: Element) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if self[middle] < element { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
