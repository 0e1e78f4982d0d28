import Generators
import Histories

/// What clients do to one type of replicated object.
protocol ReplicatedUpdates: Sendable {
  /// The names of the operations that change it.
  static var functions: [String] { get }

  /// An update of the key; it may be of another function where this one would change nothing.
  mutating func next(
    _ function: String, of key: Int, in slot: Int, _ stream: inout RandomStream
  ) -> (function: String, value: Value)

  /// Takes in how an update ended.
  ///
  /// - Parameter value: what was asked for, without its key.
  mutating func note(_ completion: EventType, _ function: String, _ value: Value, of key: Int, in slot: Int)
}

extension ReplicatedUpdates {
  mutating func note(_ completion: EventType, _ function: String, _ value: Value, of key: Int, in slot: Int) {}
}

/// Updates of replicated objects, reads of them through whoever answers, and reads of single replicas.
///
/// - Few objects, all threads on all of them, each retired after some hundred operations: whatever replicas lose shows
///   when they are compared at the end, and what is small is compared quickly.
/// - *Bursts*: half of the updates go to the object that was updated last. Threads take turns, so they come from
///   another client, through another node, while the one before is under way: only concurrent updates have to be merged.
/// - *Chasing reads*: half of the reads go to an object that somebody else has just updated. They are what makes
///   replicas repair one another.
/// - *Replica reads* go to one node, any but those that have said that they hold no copy of the object.
struct ReplicatedGenerator<Updates: ReplicatedUpdates>: Generator {
  /// In the order of the weights.
  static var functions: [String] { Updates.functions + ["read", "local-read"] }
  private static var burstShare: Double { 0.5 }
  private static var chasingShare: Double { 0.5 }

  private var keys: RotatingKeys
  private var updates: Updates
  private let weights: WeightedChoice
  private var stream: RandomStream
  private var replicas: KnownReplicas
  private var recent = RecentWrites()
  private var lastSlot: Int?
  /// Updates under way: completions need not repeat what was asked for.
  private var running: [ThreadID: Value] = [:]

  /// - Parameter nodes: whose replicas are read; at least one.
  init(keys: RotatingKeys, updates: Updates, nodes: [String], weights: [Double], stream: RandomStream) {
    (self.keys, self.updates, self.stream) = (keys, updates, stream)
    self.weights = WeightedChoice(weights)
    replicas = KnownReplicas(nodes, slots: keys.live)
  }

  mutating func next(_ context: Context) -> Next {
    guard let thread = context.nextFree else { return .pending(until: nil) }
    guard let choice = weights.draw(&stream) else { return .exhausted }
    let operation =
      switch Self.functions[choice] {
      case "read": read(on: thread)
      case "local-read": readReplica()
      case let function: update(function)
      }
    return operation.offered(in: context)
  }

  mutating func update(_ context: Context, _ event: ThreadEvent) {
    let (type, function) = (event.event.type, event.event.function)
    guard let (object, value) = event.event.value.keyedPair, let key = object.int.flatMap({ Int(exactly: $0) }),
      key >= 0
    else { return }
    let slot = keys.slot(of: key)
    switch (function, type) {
    case ("read", _), ("local-read", .invoke): break
    case ("local-read", _): replicas.note(event.event, key: key, slot: slot)
    case (_, .invoke): running[event.thread] = value
    default:
      if type != .fail { recent.remember(key: key, writer: event.thread) }
      let asked = running.removeValue(forKey: event.thread) ?? .null
      updates.note(type, function, asked, of: key, in: slot)
    }
  }

  private mutating func update(_ function: String) -> GeneratedOperation {
    let slot = lastSlot.flatMap { stream.unit() < Self.burstShare ? $0 : nil } ?? keys.drawSlot(&stream)
    lastSlot = slot
    let key = keys.take(slot)
    let (function, value) = updates.next(function, of: key, in: slot, &stream)
    return GeneratedOperation(function, .keyed(.int(Int64(key)), value))
  }

  private mutating func read(on thread: ThreadID) -> GeneratedOperation {
    let keys = self.keys
    let chased =
      stream.unit() < Self.chasingShare ? recent.take(by: thread, where: { keys.isLive($0) }) : nil
    let slot = chased.map { keys.slot(of: $0) } ?? keys.drawSlot(&stream)
    return GeneratedOperation("read", .keyed(.int(Int64(self.keys.take(slot))), .null))
  }

  private mutating func readReplica() -> GeneratedOperation {
    let slot = keys.drawSlot(&stream)
    let key = keys.take(slot)
    let node = replicas.draw(key: key, slot: slot, &stream)
    return GeneratedOperation("local-read", .keyed(.int(Int64(key)), .null), node: node)
  }
}
