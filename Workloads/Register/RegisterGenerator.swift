import Generators
import Histories

/// Reads, writes and compare-and-sets that leave a broken register little room to hide.
///
/// - Few keys, all threads on all of them: with threads on every node, a stale or diverging replica is asked for a key
///   soon after another replica changed it.
/// - *Chasing reads*: half of the reads go to the key whose write completed last, from another thread than the
///   writer's, and so mostly through another node. A stale read is only stale until the next write arrives, and a lost
///   write is only noticed before it is overwritten: both windows are short, and a random read seldom falls into them.
/// - A write that ended unknown is chased as well: whether it happened is what the claim must explain.
/// - *Readers*: some threads only read, so that somebody still asks a node that cannot write any more.
/// - Unique values make every wrong read certain: a value of a small range may be right by accident.
/// - A compare-and-set expects what was last seen on its key, so that a fair share succeeds; now and then it expects
///   the value before that one, which no correct register can still hold if values are unique.
struct RegisterGenerator: Generator {
  /// In the order of the weights.
  static let functions = ["read", "write", "cas"]
  /// Share of the reads that chase a write, if there is one to chase.
  static let chasingShare = 0.5
  /// Share of the compare-and-sets that expect an overwritten value on purpose (or, of a small range, any).
  static let unlikelyShare = 0.125

  enum Values: Hashable, Sendable {
    /// 1, 2, 3, … over all keys: a value of another key in the wrong place is told apart too.
    case unique
    /// 0..<count, count at least 2.
    case small(count: Int)
  }

  private var keys: RotatingKeys
  private let values: Values
  private let weights: WeightedChoice
  private let readers: ReaderThreads
  private var stream: RandomStream
  private var lastUnique: Int64 = 0
  private var sightings: RegisterSightings

  init(keys: RotatingKeys, values: Values, weights: [Double], readers: ReaderThreads, stream: RandomStream) {
    self.keys = keys
    self.values = values
    self.weights = WeightedChoice(weights)
    self.readers = readers
    self.stream = stream
    sightings = RegisterSightings(slots: keys.live)
  }

  mutating func next(_ context: Context) -> Next {
    guard let thread = context.nextFree else { return .pending(until: nil) }
    if readers.contains(thread) { return read(on: thread).offered(in: context) }
    guard let choice = weights.draw(&stream) else { return .exhausted }
    let operation =
      switch Self.functions[choice] {
      case "read": read(on: thread)
      case "write": write(in: keys.drawSlot(&stream))
      default: compareAndSet(in: keys.drawSlot(&stream))
      }
    return operation.offered(in: context)
  }

  mutating func update(_ context: Context, _ event: ThreadEvent) {
    guard event.event.type != .invoke, let (object, value) = event.event.value.keyedPair else { return }
    guard let key = object.int.flatMap({ Int(exactly: $0) }), key >= 0 else { return }
    sightings.note(event, key: key, slot: keys.slot(of: key), value: value)
  }

  private mutating func read(on thread: ThreadID) -> GeneratedOperation {
    if stream.unit() < Self.chasingShare {
      let keys = self.keys
      if let key = sightings.takeChased(by: thread, where: { keys.isLive($0) }) {
        return GeneratedOperation("read", .keyed(.int(Int64(self.keys.take(keys.slot(of: key)))), .null))
      }
    }
    let key = keys.take(keys.drawSlot(&stream))
    return GeneratedOperation("read", .keyed(.int(Int64(key)), .null))
  }

  private mutating func write(in slot: Int) -> GeneratedOperation {
    let key = keys.take(slot)
    return GeneratedOperation("write", .keyed(.int(Int64(key)), .int(newValue(besides: nil))))
  }

  /// A write instead while nothing was seen of the key: there is nothing to expect.
  private mutating func compareAndSet(in slot: Int) -> GeneratedOperation {
    let isUnlikely = stream.unit() < Self.unlikelyShare
    guard let from = expectation(in: slot, isUnlikely: isUnlikely) else { return write(in: slot) }
    let key = keys.take(slot)
    let to = newValue(besides: from)
    return GeneratedOperation("cas", .keyed(.int(Int64(key)), .list([.int(from), .int(to)])))
  }

  private mutating func expectation(in slot: Int, isUnlikely: Bool) -> Int64? {
    let seen = sightings.of(keys.key(in: slot), slot: slot)
    switch values {
    case .unique: return isUnlikely ? seen?.previous ?? seen?.latest : seen?.latest
    case .small(let count): return isUnlikely || seen == nil ? Int64(stream.below(count)) : seen?.latest
    }
  }

  /// - Parameter besides: for a small range, the value not to take: a compare-and-set to the same value would tell
  ///   nothing.
  private mutating func newValue(besides: Int64?) -> Int64 {
    switch values {
    case .unique:
      lastUnique += 1
      return lastUnique
    case .small(let count):
      guard let besides, 0..<Int64(count) ~= besides else { return Int64(stream.below(count)) }
      let drawn = Int64(stream.below(count - 1))
      return drawn < besides ? drawn : drawn + 1
    }
  }
}
