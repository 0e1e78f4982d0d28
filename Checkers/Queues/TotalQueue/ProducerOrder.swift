import Histories

/// Decides whether the messages of each producer of a queue first came out in the order in which it put them in.
///
/// This is what queues and logs that scale by partitions promise (Kafka by partition, SQS FIFO queues by message
/// group): weaker than the FIFO order of a linearizable queue (`FIFORule`), as nothing is said of two producers.
/// *Exactly*: let a process enqueue v, which is acknowledged, then w, which does not fail, into one queue, and let both
/// come out. Then it must be possible that the first delivery of v was before that of w: every delivery lies at some
/// moment between its invocation and completion, the deliveries of one drain in the order of its list. Later deliveries
/// of v, after w, are allowed: whoever redelivers (consumers that go back to their last commit, say) repeats what came
/// before. A v that never came out breaks nothing.
///
/// A delivery of v can be before all deliveries of the later messages of its producer iff none of these certainly was
/// before it: none completed before it began, none is before it in the list of the same drain. (Let it come as early as
/// it can: only what certainly was before it precedes it.) Taking such a delivery of each message in turn gives an
/// order for the whole producer, so that messages are decided one by one, each against the first completion of all
/// later ones: O(deliveries).
///
/// A dequeue of unknown outcome may have been the first delivery of a message in trouble, if it began before that
/// completion; one such helps one message only, whatever its producer (`UnknownTakers`). Whether it did is not known.
struct ProducerOrder {
  private let object: QueueObject
  /// By message: the first completion of a delivery of a later message of its producer.
  private var deadlines: [UInt32]
  /// By message: that later message.
  private var overtakers: [UInt32]

  init(_ object: QueueObject) {
    self.object = object
    deadlines = Array(repeating: QueueObject.never, count: object.messages.count)
    overtakers = Array(repeating: QueueObject.never, count: object.messages.count)
    findDeadlines()
  }

  private mutating func findDeadlines() {
    var producers = ProducerTable()
    var earliest: [(completion: UInt32, message: UInt32)] = []
    for number in enqueued.reversed() {
      let message = object.messages[Int(number)]
      let producer = producers.id(message.producer)
      if producer == earliest.count { earliest.append((QueueObject.never, QueueObject.never)) }
      (deadlines[Int(number)], overtakers[Int(number)]) = earliest[producer]
      if message.firstReturn < earliest[producer].completion { earliest[producer] = (message.firstReturn, number) }
    }
  }

  /// The messages that were put in, in the order in which that began.
  private var enqueued: [UInt32] {
    let all = object.messages.indices.filter { object.messages[$0].enqueued != QueueObject.never }
    let numbers = all.map { UInt32(truncatingIfNeeded: $0) }
    func begin(_ number: UInt32) -> UInt32 { object.messages[Int(number)].enqueued }
    let isSorted = zip(numbers, numbers.dropFirst()).allSatisfy { begin($0) < begin($1) }
    return isSorted ? numbers : numbers.sorted { begin($0) < begin($1) }
  }

  /// Reports every message that came out too late for certain.
  ///
  /// - Returns: how many others came out too late unless an operation of unknown outcome got them first.
  func report(to log: inout FindingLog) -> Int {
    var isInTime = object.messages.map { $0.deliveries == 0 || !$0.isAcknowledged }
    var listed = DrainScan()
    for delivery in object.deliveries {
      let message = object.messages[Int(delivery.message)]
      let isLate = delivery.place > 0 && message.enqueued != QueueObject.never && listed.isLate(delivery, message)
      if delivery.invocation < deadlines[Int(delivery.message)], !isLate { isInTime[Int(delivery.message)] = true }
    }
    let late = isInTime.indices.filter { !isInTime[$0] }
    let needs = late.map { (deadline: deadlines[$0], message: UInt32(truncatingIfNeeded: $0)) }
    let certain = object.takers.unexplained(needs)
    for message in certain { report(message, &log) }
    return late.count - certain.count
  }

  private func report(_ number: UInt32, _ log: inout FindingLog) {
    log.add(.outOfOrderDelivery, key: object.key) { witnesses in
      let later = overtakers[Int(number)]
      guard later != QueueObject.never, let delivery = object.deliveries(of: number).first,
        let early = object.deliveries(of: later).min(by: { $0.completion < $1.completion })
      else { return ("", [], []) }
      let messages = [number, later].map { object.messages[Int($0)] }
      let puts = messages.map { message in
        witnesses.name(Int(message.enqueued), message.isAcknowledged ? Int(message.acknowledged) : nil)
      }
      let isInOneDrain = early.invocation == delivery.invocation
      return (
        "\(puts[0]) put in \(object.value(number)) before \(puts[1]) put in \(object.value(later)), which "
          + (isInOneDrain
            ? "\(object.name(early, witnesses)) lists before it"
            : "\(object.name(early, witnesses)) got before \(object.name(delivery, witnesses)) got the other"),
        messages.map { Int($0.enqueued) } + [Int(early.invocation)] + (isInOneDrain ? [] : [Int(delivery.invocation)]),
        messages.map { Int($0.enqueued) }
          + [early, delivery].flatMap { [Int($0.invocation), Int($0.completion)] }
      )
    }
  }
}

/// Finds the messages that a drain lists after a later one of the same producer.
private struct DrainScan {
  private var producers = ProducerTable()
  /// By producer: the drain that listed it last, by its invocation, and when the latest of its messages that the drain
  /// has listed so far was put in.
  private var latest: [(drain: UInt32, enqueued: UInt32)] = []

  mutating func isLate(_ delivery: QueueObject.Delivery, _ message: QueueObject.Message) -> Bool {
    let producer = producers.id(message.producer)
    if producer == latest.count { latest.append((QueueObject.never, 0)) }
    guard latest[producer].drain == delivery.invocation else {
      latest[producer] = (delivery.invocation, message.enqueued)
      return false
    }
    if message.enqueued < latest[producer].enqueued { return true }
    latest[producer].enqueued = message.enqueued
    return false
  }
}

/// Process numbers to dense ids, in order of first use.
struct ProducerTable {
  private var ids = WordTable(tagBits: 0, directTag: 0)
  private(set) var count = 0

  mutating func id(_ process: Int32) -> Int {
    let id = Int(ids.intern(UInt64(UInt32(bitPattern: process)), next: UInt32(truncatingIfNeeded: count)))
    if id == count { count += 1 }
    return id
  }
}
