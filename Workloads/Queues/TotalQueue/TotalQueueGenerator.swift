import Generators
import Histories

/// Messages for queues, and members of one group of consumers on each that take them.
///
/// - Few queues, each with consumers of its own: the threads whose number falls to its slot. A consumer takes one message
///   at a time, so that there are many commits for a fault to fall between.
/// - More dequeues than messages: a queue is empty nearly always, and what comes in is taken soon.
/// - A consumer whose dequeue was not answered, or refused, goes on as another member: what it may have been handed it
///   never saw, and by asking again under its name it would say that it did. The member that it was times out, and its
///   partitions go to others.
struct TotalQueueGenerator: Generator {
  /// In the order of the weights.
  static let functions = ["enqueue", "dequeue"]

  private var queues: RotatingKeys
  private let weights: WeightedChoice
  private var stream: RandomStream
  private var lastValue: Int64 = 0
  /// By number of the thread: how often it became another member.
  private var members: [Int]

  init(queues: RotatingKeys, threads: Int, weights: [Double], stream: RandomStream) {
    (self.queues, self.weights, self.stream) = (queues, WeightedChoice(weights), stream)
    members = Array(repeating: 1, count: threads)
  }

  mutating func next(_ context: Context) -> Next {
    guard let thread = context.nextFree else { return .pending(until: nil) }
    guard let choice = weights.draw(&stream) else { return .exhausted }
    let operation = Self.functions[choice] == "enqueue" ? enqueue() : dequeue(on: thread.rawValue)
    return operation.offered(in: context)
  }

  mutating func update(_ context: Context, _ event: ThreadEvent) {
    guard event.event.function == "dequeue", event.event.type == .fail || event.event.type == .info else { return }
    members[event.thread.rawValue] += 1
  }

  private mutating func enqueue() -> GeneratedOperation {
    lastValue += 1
    let queue = queues.take(queues.drawSlot(&stream))
    return GeneratedOperation("enqueue", .keyed(.int(Int64(queue)), .int(lastValue)))
  }

  private mutating func dequeue(on thread: Int) -> GeneratedOperation {
    let queue = queues.take(thread % queues.live)
    return GeneratedOperation("dequeue", .keyed(.int(Int64(queue)), .string("c\(thread).\(members[thread])")))
  }
}
