import Generators
import Histories

/// Transactions in couples: both read the same two keys, then one appends to the first key and one to the second.
///
/// Snapshot isolation lets both commit though neither saw the other's append: write skew (Berenson et al., *A Critique
/// of ANSI SQL Isolation Levels*, 1995, A5B). The two are issued one right after the other, on different threads, as
/// only transactions that overlap can do it. Values are 1, 2, 3, … over all keys.
struct WriteSkewGenerator: Generator {
  /// Of pairs: pair p has the keys 2p and 2p + 1.
  private var pairs: RotatingKeys
  private var stream: RandomStream
  private var lastValue: Int64 = 0
  /// What completes the couple.
  private var partner: Partner?

  private struct Partner: Sendable {
    var pair: Int
    /// The key to append to.
    var key: Int
    /// The thread of the first transaction: the second goes to another, if there is one.
    var thread: ThreadID
  }

  init(pairs: RotatingKeys, stream: RandomStream) { (self.pairs, self.stream) = (pairs, stream) }

  mutating func next(_ context: Context) -> Next {
    guard let thread = freeThread(context) else { return .pending(until: nil) }
    if let partner {
      self.partner = nil
      return transaction(on: partner.pair, appendingTo: partner.key, thread).offered(in: context)
    }
    let pair = pairs.take(pairs.drawSlot(&stream))
    let key = 2 * pair + stream.below(2)
    partner = Partner(pair: pair, key: key ^ 1, thread: thread)
    return transaction(on: pair, appendingTo: key, thread).offered(in: context)
  }

  private func freeThread(_ context: Context) -> ThreadID? {
    guard let partner, context.all.count > 1 else { return context.nextFree }
    return context.free.subtracting(ThreadSet(partner.thread)).first(from: context.cursor)
  }

  private mutating func transaction(on pair: Int, appendingTo key: Int, _ thread: ThreadID) -> GeneratedOperation {
    lastValue += 1
    let first = 2 * pair + stream.below(2)
    var operation = GeneratedOperation(
      transaction: [.read(first), .read(first ^ 1), MicroOperation("append", key, .int(lastValue))])
    operation.thread = thread
    return operation
  }
}
