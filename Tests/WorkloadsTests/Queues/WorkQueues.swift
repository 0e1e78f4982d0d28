import Generators
import Histories

@testable import Workloads

/// Queues that lend a message for as long as the receiver asks, unless something is wrong.
struct WorkQueues: SimulatedSystem {
  enum Fault {
    case none
    /// Every twentieth message is acknowledged to its producer and forgotten.
    case losesMessages
    /// A hold ends after a third of its time.
    case earlyExpiry
    /// Every twentieth ack is answered and forgotten.
    case forgetsAcks
    /// What is sent again is stored again.
    case forgetsProducers
    /// A message that is handed out again is forgotten.
    case forgetsLent
    /// Whoever held a message before may give it back for its holder, though the answer is that it does not hold it.
    case strangersGiveBack
  }

  private struct Message {
    var number: Int
    var value: Value
    var attempt = 0
    /// Nobody gets it before then.
    var hiddenUntil: Int64 = 0
  }

  private var stream: RandomStream
  private let fault: Fault
  private let lost: Double
  private var queues: [Value: [Message]] = [:]
  private var stored: Set<[Value]> = []
  private var lastNumber = 0
  private var acks = 0

  init(seed: UInt64, lost: Double = 0, fault: Fault = .none) {
    stream = RandomStreams(seed: seed).stream("work-queues")
    (self.lost, self.fault) = (lost, fault)
  }

  mutating func answer(_ invocation: Invocation) -> (after: Int64, completion: Completion) {
    let after = Int64(stream.below(5_000_000)) + 100_000
    let (event, isLost) = (invocation.event, stream.unit() < lost)
    guard let (queue, value) = event.value.keyedPair else { return (after, Completion(.fail)) }
    let completion =
      switch event.function {
      case "enqueue", "resend": enqueue(value, queue)
      case "receive": Completion(.ok, value: .keyed(queue, receive(value, queue, event.time)))
      case "ack", "nack": release(value, queue, isAck: event.function == "ack", event.time)
      default: Completion(.ok, value: .keyed(queue, drain(queue)))
      }
    return (after, isLost ? Completion(.info, error: "timeout") : completion)
  }

  private mutating func enqueue(_ payload: Value, _ queue: Value) -> Completion {
    let message = payload.map ?? [:]
    let number = [queue, message["producer"] ?? .null, message["sequence"] ?? .null]
    if fault != .forgetsProducers, !stored.insert(number).inserted { return Completion(.ok) }
    lastNumber += 1
    if fault != .losesMessages || !lastNumber.isMultiple(of: 20) {
      queues[queue, default: []].append(Message(number: lastNumber, value: message["value"] ?? .null))
    }
    return Completion(.ok)
  }

  private mutating func receive(_ request: Value, _ queue: Value, _ time: Int64) -> Value {
    guard let place = queues[queue]?.firstIndex(where: { $0.hiddenUntil <= time }), var message = queues[queue]?[place]
    else { return .null }
    let visibility = (request.map?["visibilityMs"]?.int ?? 0) * 1_000_000
    message.attempt += 1
    message.hiddenUntil = time + (fault == .earlyExpiry ? visibility / 3 : visibility)
    queues[queue]?[place] = message
    if fault == .forgetsLent, message.attempt > 1 { queues[queue]?.remove(at: place) }
    return ["id": .string("\(message.number)-\(message.attempt)"), "value": message.value, "attempt": 1]
  }

  private mutating func release(_ id: Value, _ queue: Value, isAck: Bool, _ time: Int64) -> Completion {
    let parts = (id.string ?? "").split(separator: "-").compactMap { Int($0) }
    let refused = Completion(.fail, error: "not-held")
    guard let place = queues[queue]?.firstIndex(where: { $0.number == parts.first }),
      let message = queues[queue]?[place]
    else { return refused }
    if message.attempt != parts.last || message.hiddenUntil <= time {
      if fault == .strangersGiveBack, !isAck { queues[queue]?[place].hiddenUntil = time }
      return refused
    }
    if !isAck {
      queues[queue]?[place].hiddenUntil = time
      return Completion(.ok)
    }
    acks += 1
    if fault != .forgetsAcks || !acks.isMultiple(of: 20) { queues[queue]?.remove(at: place) }
    return Completion(.ok)
  }

  private mutating func drain(_ queue: Value) -> Value {
    defer { queues[queue] = [] }
    return .list((queues[queue] ?? []).map(\.value))
  }
}
