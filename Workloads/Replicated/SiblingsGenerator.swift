import Generators
import Histories

/// Gets and puts that leave a store with siblings little room to hide what it loses or brings back.
///
/// - *Chains*: a thread gets a key and puts with the context that it got, which overwrites what it saw; another thread
///   does the same with another node. Where both saw the same, both values stay, and the next get covers them both.
/// - Half of the puts go to the key that was put last, by the next thread, and so through another node at the same time.
/// - Some contexts are *stale*: one that the thread has used before, or got earlier. What was put since must stay.
/// - Some puts have no context and stand beside all there is; some delete what their context covers, and it must stay away.
/// - *Replica reads* go to one node, any but those that have said that they hold no copy of the key. What they return is
///   used like the answers of gets: it is staler.
/// - Every value is put once. Keys retire.
struct SiblingsGenerator: Generator {
  /// In the order of the weights.
  static let functions = ["get", "put", "local-get"]
  static let (burstShare, chasingShare) = (0.5, 0.5)
  /// Shares of the puts: without context, and with one that is not the thread's newest, or not fresh.
  static let (blindShare, staleShare) = (0.1, 0.2)
  /// Share of the puts with a context that delete.
  static let deletionShare = 0.15
  /// Contexts remembered of a key, by each thread.
  private static let contextsMax = 4

  /// What a thread got of one key.
  private struct Memory: Sendable {
    var key: Int
    /// The newest last.
    var contexts: [Value]
    /// Whether the newest was used in no put yet.
    var isFresh: Bool
  }

  private var keys: RotatingKeys
  private let weights: WeightedChoice
  private var stream: RandomStream
  /// By thread and slot, of the newest key that the thread got.
  private var memories: [ThreadID: [Int: Memory]] = [:]
  private var replicas: KnownReplicas
  private var recent = RecentWrites()
  private var lastSlot: Int?
  private var lastValue = 0

  /// - Parameter nodes: whose replicas are read; at least one.
  init(keys: RotatingKeys, nodes: [String], weights: [Double], stream: RandomStream) {
    self.keys = keys
    replicas = KnownReplicas(nodes, slots: keys.live)
    self.weights = WeightedChoice(weights)
    self.stream = stream
  }

  mutating func next(_ context: Context) -> Next {
    guard let thread = context.nextFree else { return .pending(until: nil) }
    guard let choice = weights.draw(&stream) else { return .exhausted }
    let operation =
      switch Self.functions[choice] {
      case "get": get(on: thread)
      case "put": put(on: thread)
      default: getReplica()
      }
    return operation.offered(in: context)
  }

  mutating func update(_ context: Context, _ event: ThreadEvent) {
    let completion = event.event
    guard completion.type != .invoke, let (object, value) = completion.value.keyedPair,
      let key = object.int.flatMap({ Int(exactly: $0) }), key >= 0
    else { return }
    if completion.function == "local-get" { replicas.note(completion, key: key, slot: keys.slot(of: key)) }
    if completion.function == "put" {
      if completion.type != .fail { recent.remember(key: key, writer: event.thread) }
    } else if completion.type == .ok, let context = value.map?["context"], !context.isNull {
      remember(context, of: key, on: event.thread)
    }
  }

  private mutating func remember(_ context: Value, of key: Int, on thread: ThreadID) {
    let slot = keys.slot(of: key)
    var memory = memories[thread]?[slot] ?? Memory(key: key, contexts: [], isFresh: true)
    if memory.key > key { return }
    if memory.key < key { memory = Memory(key: key, contexts: [], isFresh: true) }
    if memory.contexts.count == Self.contextsMax { memory.contexts.removeFirst() }
    memory.contexts.append(context)
    memory.isFresh = true
    memories[thread, default: [:]][slot] = memory
  }

  private mutating func get(on thread: ThreadID) -> GeneratedOperation {
    let keys = self.keys
    let chased = stream.unit() < Self.chasingShare ? recent.take(by: thread, where: { keys.isLive($0) }) : nil
    return get(in: chased.map { keys.slot(of: $0) } ?? keys.drawSlot(&stream))
  }

  private mutating func get(in slot: Int) -> GeneratedOperation {
    GeneratedOperation("get", .keyed(.int(Int64(keys.take(slot))), .null))
  }

  private mutating func getReplica() -> GeneratedOperation {
    let slot = keys.drawSlot(&stream)
    let key = keys.take(slot)
    return GeneratedOperation(
      "local-get", .keyed(.int(Int64(key)), .null), node: replicas.draw(key: key, slot: slot, &stream))
  }

  /// A get instead where the thread has no context to use.
  private mutating func put(on thread: ThreadID) -> GeneratedOperation {
    let slot = lastSlot.flatMap { stream.unit() < Self.burstShare ? $0 : nil } ?? keys.drawSlot(&stream)
    lastSlot = slot
    let isBlind = stream.unit() < Self.blindShare
    guard let context = isBlind ? .null : takeContext(in: slot, on: thread) else { return get(in: slot) }
    let isDeletion = !isBlind && stream.unit() < Self.deletionShare
    let key = keys.take(slot)
    return GeneratedOperation(
      "put", .keyed(.int(Int64(key)), ["value": isDeletion ? .null : newValue(), "context": context]))
  }

  private mutating func takeContext(in slot: Int, on thread: ThreadID) -> Value? {
    guard let memory = memories[thread]?[slot], memory.key == keys.key(in: slot) else { return nil }
    if stream.unit() < Self.staleShare { return memory.contexts[stream.below(memory.contexts.count)] }
    guard memory.isFresh else { return nil }
    memories[thread]?[slot]?.isFresh = false
    return memory.contexts.last
  }

  private mutating func newValue() -> Value {
    lastValue += 1
    return .string("v\(lastValue)")
  }
}
