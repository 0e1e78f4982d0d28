/// A history in memory: events in columns, in chunks of a fixed number of events.
///
/// Names (functions, nodes, errors, keys) are interned once for the whole history; values are words of its
/// `ValueStore`, some 40 bytes an event in all. A chunk never changes once it is full, so that a later form of this type
/// can keep full chunks on disk.
public struct History: Sendable {
  /// Events in one chunk.
  static let chunkEvents = 1 << 16
  /// "No such symbol" in the columns of optional names.
  static let none = UInt32.max

  /// Whether values are `[key, value]` pairs: one history of many independent objects.
  public let keyed: Bool
  public private(set) var count = 0
  /// The largest process number; -1 where there is no client.
  private(set) var processMax: Int32 = -1
  private(set) var chunks: [Chunk] = []
  /// What the words of values stand for.
  public private(set) var values = ValueStore()
  private(set) var functions = SymbolTable<String>()
  private(set) var nodes = SymbolTable<String>()
  private(set) var errors = SymbolTable<String>()
  /// The keys, where `keyed`: dense ids in order of first appearance.
  public private(set) var keys = SymbolTable<Value>()

  /// An empty history.
  ///
  /// - Parameter keyed: split the values that are lists of two into key and rest; other values are kept without a key.
  public init(keyed: Bool = false) { self.keyed = keyed }

  public init(keyed: Bool = false, _ events: some Sequence<Event>) {
    self.init(keyed: keyed)
    for event in events { append(event) }
  }

  /// The columns of up to `chunkEvents` events.
  struct Chunk: Sendable {
    var times: [Int64] = []
    var processes: [Int32] = []
    var types: [UInt8] = []
    var functions: [UInt32] = []
    var nodes: [UInt32] = []
    var errors: [UInt32] = []
    var keys: [UInt32] = []
    var values: [UInt64] = []
  }

  /// Appends an event; its `index` becomes the next of this history, whatever it was.
  public mutating func append(_ event: Event) {
    if count % Self.chunkEvents == 0 { chunks.append(Chunk()) }
    var key = Self.none
    var payload = event.value
    if keyed, !event.process.isNemesis, let pair = event.value.keyedPair {
      key = keys.intern(pair.key)
      payload = pair.value
    }
    let function = functions.intern(event.function)
    let node = event.node.map { nodes.intern($0) } ?? Self.none
    let error = event.error.map { errors.intern($0) } ?? Self.none
    chunks[chunks.count - 1].append(event, function, node, error, key, values.word(payload).rawValue)
    count += 1
    processMax = max(processMax, event.process.rawValue)
  }

  /// The event at `index`, decoded.
  public subscript(index: Int) -> Event {
    let (chunk, row) = (index / Self.chunkEvents, index % Self.chunkEvents)
    // Column by column: a copy of the chunk would retain every one of its arrays for each event.
    let key = chunks[chunk].keys[row]
    let node = chunks[chunk].nodes[row]
    let error = chunks[chunk].errors[row]
    let payload = values.value(ValueWord(rawValue: chunks[chunk].values[row]))
    return Event(
      index: index, time: chunks[chunk].times[row], process: ProcessID(chunks[chunk].processes[row]),
      type: type(at: index), function: functions[chunks[chunk].functions[row]],
      value: key == Self.none ? payload : .keyed(keys[key], payload),
      node: node == Self.none ? nil : nodes[node], error: error == Self.none ? nil : errors[error])
  }
}

extension History {
  public func type(at index: Int) -> EventType {
    EventType(rawValue: chunks[index / Self.chunkEvents].types[index % Self.chunkEvents]) ?? .info
  }

  /// Nanoseconds since the run's start.
  public func time(at index: Int) -> Int64 { chunks[index / Self.chunkEvents].times[index % Self.chunkEvents] }

  public func process(at index: Int) -> ProcessID {
    ProcessID(chunks[index / Self.chunkEvents].processes[index % Self.chunkEvents])
  }

  func hasSameFunction(_ first: Int, _ second: Int) -> Bool {
    chunks[first / Self.chunkEvents].functions[first % Self.chunkEvents]
      == chunks[second / Self.chunkEvents].functions[second % Self.chunkEvents]
  }

  public func function(at index: Int) -> String {
    functions[chunks[index / Self.chunkEvents].functions[index % Self.chunkEvents]]
  }

  /// The value without its key.
  public func payload(at index: Int) -> Value { values.value(word(at: index)) }

  /// The value without its key, as a word of `values`.
  public func word(at index: Int) -> ValueWord {
    ValueWord(rawValue: chunks[index / Self.chunkEvents].values[index % Self.chunkEvents])
  }

  /// The id of the event's key in `keys`; nil where it has none.
  public func keyID(at index: Int) -> UInt32? {
    let key = chunks[index / Self.chunkEvents].keys[index % Self.chunkEvents]
    return key == Self.none ? nil : key
  }

  /// All events, decoded one by one.
  public var events: some Sequence<Event> { (0..<count).lazy.map { self[$0] } }
}

extension History.Chunk {
  fileprivate mutating func append(
    _ event: Event, _ function: UInt32, _ node: UInt32, _ error: UInt32, _ key: UInt32, _ value: UInt64
  ) {
    times.append(event.time)
    processes.append(event.process.rawValue)
    types.append(event.type.rawValue)
    functions.append(function)
    nodes.append(node)
    errors.append(error)
    keys.append(key)
    values.append(value)
  }
}
