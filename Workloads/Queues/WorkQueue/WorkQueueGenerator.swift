import Generators
import Histories

/// Messages for work queues, and receivers of every kind: prompt ones, late ones, and some that never come back.
///
/// - Few queues, all threads on all of them, and more receivers than messages: a queue is empty nearly always, so that a
///   message that comes back, too early or after its ack, is handed out at once, mostly through another node.
/// - Threads are idempotent producers: a message of unknown outcome is sent again, through any node; now and then one that
///   was answered is. Stored twice, it comes back after its ack.
/// - What becomes of a delivery is drawn (`Holdings.Fate`). Late words come around the end of the timeout: some of them
///   when somebody else holds the message, whose hold they must not touch.
/// - An ack or nack of unknown outcome is said again.
struct WorkQueueGenerator: Generator {
  /// In the order of the weights.
  static let functions = ["enqueue", Producers.resend, "receive"]

  private var queues: RotatingKeys
  private let nodes: [String]
  private let weights: WeightedChoice
  private var stream: RandomStream
  private var producers: Producers
  private var holdings: Holdings
  private let visibilityMilliseconds: Int64
  private var lastValue: Int64 = 0

  /// - Parameter visibilityMilliseconds: how long a receiver asks to have a message to itself.
  init(
    queues: RotatingKeys, nodes: [String], producers: Producers, holdings: Holdings, visibilityMilliseconds: Int64,
    weights: [Double], stream: RandomStream
  ) {
    (self.queues, self.nodes, self.stream) = (queues, nodes, stream)
    (self.producers, self.holdings, self.visibilityMilliseconds) = (producers, holdings, visibilityMilliseconds)
    self.weights = WeightedChoice(weights)
  }

  mutating func next(_ context: Context) -> Next {
    guard let thread = context.nextFree else { return .pending(until: nil) }
    if let message = producers.unknown(of: thread) { return resend(message).offered(in: context) }
    if let duty = holdings.due(on: thread, at: context.time) { return duty.operation.offered(in: context) }
    guard let choice = weights.draw(&stream) else { return .exhausted }
    let operation =
      switch Self.functions[choice] {
      case "enqueue": enqueue(by: thread)
      case Producers.resend: producers.answered(of: thread).map { resend($0) } ?? enqueue(by: thread)
      default: receive(by: thread)
      }
    return operation.offered(in: context)
  }

  mutating func update(_ context: Context, _ event: ThreadEvent) {
    producers.update(event)
    holdings.update(context, event)
  }

  private mutating func enqueue(by thread: ThreadID) -> GeneratedOperation {
    lastValue += 1
    let queue = queues.take(queues.drawSlot(&stream))
    return producers.message(lastValue, to: queue, by: thread).operation("enqueue")
  }

  private mutating func resend(_ message: Producers.Message) -> GeneratedOperation {
    message.operation(Producers.resend, node: nodes[stream.below(nodes.count)])
  }

  private mutating func receive(by thread: ThreadID) -> GeneratedOperation {
    let queue = queues.take(queues.drawSlot(&stream))
    let receiver: Value = [
      "receiver": .string("c\(thread.rawValue)"), "visibilityMs": .int(visibilityMilliseconds),
    ]
    return GeneratedOperation("receive", .keyed(.int(Int64(queue)), receiver))
  }
}
