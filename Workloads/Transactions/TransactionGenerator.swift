import Generators
import Histories

/// Random transactions that leave a broken isolation little room to hide.
///
/// - Few keys, all threads on all of them: transactions under way at the same time touch the same keys, which is what
///   every anomaly of isolation needs. Keys retire after so many uses, so that reads of lists stay short.
/// - Several micro-operations, reads and writes mixed, one key more than once in a transaction now and then: a state
///   between two writes of one transaction shows only if it writes a key twice.
/// - *Chasing reads*: half of the transactions begin with a read of a key that another thread wrote just now (see
///   `RecentWrites`), so that lost and late writes are noticed.
/// - Values are 1, 2, 3, … over all keys: every read tells whose write it saw.
struct TransactionGenerator: Generator {
  /// Share of the transactions that chase a write, if there is one to chase.
  static let chasingShare = 0.5
  /// The parameter `mix`: in the order of the weights.
  static let steps = ["read", "write"]

  private var keys: RotatingKeys
  /// What a write is called: `append` or `w`.
  private let write: String
  private let lengthMax: Int
  private let weights: WeightedChoice
  private var stream: RandomStream
  private var lastValue: Int64 = 0
  private var recent = RecentWrites()

  /// - Parameters:
  ///   - lengthMax: most micro-operations in a transaction; every number from 1 is as likely.
  ///   - weights: of reads and of writes.
  init(keys: RotatingKeys, write: String, lengthMax: Int, weights: [Double], stream: RandomStream) {
    self.keys = keys
    self.write = write
    self.lengthMax = lengthMax
    self.weights = WeightedChoice(weights)
    self.stream = stream
  }

  mutating func next(_ context: Context) -> Next {
    guard let thread = context.nextFree else { return .pending(until: nil) }
    let length = 1 + stream.below(lengthMax)
    var steps = chasingRead(on: thread).map { [$0] } ?? []
    while steps.count < length {
      guard let choice = weights.draw(&stream) else { return .exhausted }
      let key = keys.take(keys.drawSlot(&stream))
      steps.append(Self.steps[choice] == "read" ? .read(key) : MicroOperation(write, key, newValue()))
    }
    return GeneratedOperation(transaction: steps).offered(in: context)
  }

  mutating func update(_ context: Context, _ event: ThreadEvent) {
    // A write that ended unknown is chased too: whether it happened is what the levels must explain.
    guard event.event.type == .ok || event.event.type == .info else { return }
    for step in event.event.transactionSteps where !step.isRead {
      recent.remember(key: step.key, writer: event.thread)
    }
  }

  private mutating func chasingRead(on thread: ThreadID) -> MicroOperation? {
    guard stream.unit() < Self.chasingShare else { return nil }
    let keys = self.keys
    guard let key = recent.take(by: thread, where: { keys.isLive($0) }) else { return nil }
    return .read(self.keys.take(keys.slot(of: key)))
  }

  private mutating func newValue() -> Value {
    lastValue += 1
    return .int(lastValue)
  }
}

extension GeneratedOperation {
  /// A transaction of these steps: function `txn`.
  init(transaction steps: [MicroOperation]) { self.init("txn", .list(steps.map(\.listed))) }
}

extension Event {
  /// The steps of a transaction; empty for any other event.
  var transactionSteps: [MicroOperation] {
    function == "txn" ? (value.list ?? []).compactMap { MicroOperation($0) } : []
  }
}
