import MessageQueue
import SimulationKit

/// What the committed records of the queue mean, computed apart from the brokers and without clever structures. Clients must
/// be told the same.
struct QueueModel {
  private struct Message {
    var id: Offset
    var value: Bytes
    var attempts: UInt32 = 0
    var deadline: Nanoseconds?
    var isDead = false
  }

  private var messages: [Message] = []
  private var deliveries: [DeliveryID: Bytes] = [:]
  private var over: [DeliveryID: Ending] = [:]
  private var drains: [[Bytes]] = []
  private var handedOut: Set<DeliveryID> = []
  private(set) var redeliveries = 0
  private(set) var deadLetters = 0

  private enum Ending { case acked, nacked }

  mutating func apply(_ record: Record, at offset: Offset) {
    switch record.entry {
    case .value(let value): messages.append(Message(id: offset, value: value))
    case .queue(let command):
      for position in messages.indices where messages[position].deadline ?? .max <= record.time { fail(position) }
      apply(command, record.time)
    case .group: break
    }
  }

  private mutating func apply(_ command: QueueCommand, _ time: Nanoseconds) {
    switch command {
    case .receive(let visibility, _):
      guard let free = messages.firstIndex(where: { $0.deadline == nil && !$0.isDead }) else { return }
      messages[free].attempts += 1
      messages[free].deadline = time + visibility
      if messages[free].attempts > 1 { redeliveries += 1 }
      deliveries[DeliveryID(message: messages[free].id, attempt: messages[free].attempts)] = messages[free].value
    case .ack(let id):
      guard let held = position(of: id) else { return }
      messages.remove(at: held)
      over[id] = .acked
    case .nack(let id):
      guard let held = position(of: id) else { return }
      fail(held)
      over[id] = .nacked
    case .expire: break
    case .drain:
      drains.append(messages.map(\.value).sorted { $0.lexicographicallyPrecedes($1) })
      messages = []
    }
  }

  private func position(of id: DeliveryID) -> Int? {
    messages.firstIndex { $0.id == id.message && $0.attempts == id.attempt && $0.deadline != nil }
  }

  private mutating func fail(_ position: Int) {
    messages[position].deadline = nil
    guard messages[position].attempts >= deliveriesMax else { return }
    messages[position].isDead = true
    deadLetters += 1
  }

  // MARK: What clients are told

  /// A message is lent: nobody else holds it, or was lent the same.
  mutating func delivered(_ delivery: Delivery) throws {
    guard deliveries[delivery.id] == delivery.value else {
      throw Violation("Exclusive Delivery", "\(delivery.id) was never due")
    }
    guard handedOut.insert(delivery.id).inserted else { throw Violation("Exclusive Delivery", "\(delivery.id) twice") }
  }

  func acknowledged(_ id: DeliveryID) throws {
    guard over[id] == .acked else { throw Violation("Acknowledged Is Gone", "\(id)") }
  }

  func returned(_ id: DeliveryID) throws {
    guard over[id] == .nacked else { throw Violation("Returned Is Free", "\(id)") }
  }

  func drained(_ values: [Bytes]) throws {
    let sorted = values.sorted { $0.lexicographicallyPrecedes($1) }
    guard drains.contains(sorted) else {
      throw Violation("No Message Is Lost", "drained \(values.count), due were \(drains.map(\.count))")
    }
  }
}
