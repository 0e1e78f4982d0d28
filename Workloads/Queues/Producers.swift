import Generators
import Histories

/// Client threads as idempotent producers (KIP-98, *Exactly once delivery and transactional messaging*): each numbers the
/// messages that it puts into an object, so that the system knows again what it is sent a second time.
///
/// A message of unknown outcome is sent again under its number (`resend`), through any node, until it is answered or has
/// had its attempts. Then nobody can say whether its number was used, and the thread goes on as another producer, as
/// Kafka's clients do. Numbers have no gaps: one that certainly was not used is given to the next message.
struct Producers: Sendable {
  /// The function that says a message once more.
  static let resend = "resend"

  /// What is put into a queue or a partition.
  struct Message: Hashable, Sendable {
    /// The queue, or the partition.
    var object: Int
    var value: Int64
    /// From 1.
    var producer: Int64
    /// From 1, for each object of a producer.
    var sequence: Int64

    /// `{"value": v, "producer": n, "sequence": m}`.
    var payload: Value { ["value": .int(value), "producer": .int(producer), "sequence": .int(sequence)] }
  }

  private struct Producer: Sendable {
    var id: Int64
    /// By object: the last number that was answered.
    var answered: [Int: Int64] = [:]
    /// What is under way.
    var sending: Message?
    /// What nobody knows to be put in, and how often it was sent again.
    var unknown: Message?
    var attempts = 0
    /// What was answered last.
    var last: Message?
  }

  /// By number of the thread.
  private var producers: [Producer]
  private var lastID: Int64
  /// The function that puts a message in.
  private let put: String
  /// How often a message of unknown outcome is sent again.
  private let attemptsMax: Int

  init(threads: Int, put: String, attemptsMax: Int) {
    producers = (0..<threads).map { Producer(id: Int64($0) + 1) }
    lastID = Int64(threads)
    (self.put, self.attemptsMax) = (put, attemptsMax)
  }

  /// The thread's next message to this object.
  func message(_ value: Int64, to object: Int, by thread: ThreadID) -> Message {
    let producer = producers[thread.rawValue]
    return Message(object: object, value: value, producer: producer.id, sequence: (producer.answered[object] ?? 0) + 1)
  }

  /// What the thread has to send again before all else.
  func unknown(of thread: ThreadID) -> Message? { producers[thread.rawValue].unknown }

  /// What the thread may send again although it was answered: its last message, the only one that every system remembers.
  func answered(of thread: ThreadID) -> Message? { producers[thread.rawValue].last }

  mutating func update(_ event: ThreadEvent) {
    let (thread, event) = (event.thread.rawValue, event.event)
    guard event.function == put || event.function == Self.resend else { return }
    guard event.type != .invoke else {
      producers[thread].sending = Message(event.value)
      return
    }
    guard let message = producers[thread].sending else { return }
    producers[thread].sending = nil
    if event.type == .ok {
      note(message, answeredTo: thread)
    } else if message == producers[thread].unknown {
      producers[thread].attempts += 1
      if producers[thread].attempts >= attemptsMax { renew(thread) }
    } else if event.type == .info, event.function == put {
      (producers[thread].unknown, producers[thread].attempts) = (message, 0)
      if attemptsMax == 0 { renew(thread) }
    }
  }

  private mutating func note(_ message: Message, answeredTo thread: Int) {
    producers[thread].answered[message.object] = message.sequence
    producers[thread].last = message
    if message == producers[thread].unknown { producers[thread].unknown = nil }
  }

  private mutating func renew(_ thread: Int) {
    lastID += 1
    producers[thread] = Producer(id: lastID)
  }
}

extension Producers.Message {
  /// The message of an invocation `[object, {"value": v, "producer": n, "sequence": m}]`; nil where it is none.
  init?(_ invoked: Value) {
    guard let (object, payload) = invoked.keyedPair, let number = object.int.flatMap({ Int(exactly: $0) }),
      let entries = payload.map, let value = entries["value"]?.int, let producer = entries["producer"]?.int,
      let sequence = entries["sequence"]?.int
    else { return nil }
    self.init(object: number, value: value, producer: producer, sequence: sequence)
  }

  /// The operation that puts it in, or says it once more.
  func operation(_ function: String, node: String? = nil) -> GeneratedOperation {
    GeneratedOperation(function, .keyed(.int(Int64(object)), payload), node: node)
  }
}
