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
  public internal(set) var values = ValueStore()
  var functions = NameTable()
  var nodes = NameTable()
  var errors = NameTable()
  private var keyTable = KeyTable()

  /// An empty history.
  ///
  /// - Parameter keyed: split the values that are lists of two into key and rest; other values are kept without a key.
  public init(keyed: Bool = false) { self.keyed = keyed }

  public init(keyed: Bool = false, _ events: some Sequence<Event>) {
    self.init(keyed: keyed)
    for event in events { append(event) }
  }

  /// The keys, where `keyed`: dense ids in order of first appearance.
  public var keys: SymbolTable<Value> { keyTable.keys }

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

  /// One event as the columns hold it: names and values are those of this history's tables.
  struct Row {
    var time: Int64 = 0
    var process: Int32 = 0
    var type = EventType.info
    var function: UInt32 = 0
    var node = History.none
    var error = History.none
    var value = ValueWord.null
  }

  /// Appends an event; its `index` becomes the next of this history, whatever it was.
  public mutating func append(_ event: Event) {
    append(
      Row(
        time: event.time, process: event.process.rawValue, type: event.type,
        function: functions.intern(event.function), node: event.node.map { nodes.intern($0) } ?? Self.none,
        error: event.error.map { errors.intern($0) } ?? Self.none, value: values.word(event.value)))
  }

  /// Appends an event whose names and value are already in the tables of this history: no allocation, no decoding.
  mutating func append(_ row: Row) {
    if count % Self.chunkEvents == 0 { chunks.append(Chunk()) }
    var row = row
    var key = Self.none
    if keyed { key = split(&row) }
    chunks[chunks.count - 1].append(row, key)
    count += 1
    processMax = max(processMax, row.process)
  }

  /// Takes the key off the row's value; none for the nemesis and for values that are not lists of two.
  private mutating func split(_ row: inout Row) -> UInt32 {
    guard row.process != ProcessID.nemesis.rawValue, let (key, payload) = values.pair(row.value) else {
      return Self.none
    }
    row.value = payload
    return keyTable.id(of: key) ?? keyTable.intern(key, values.value(key))
  }

  /// The same history with the values that are lists of two split into key and rest.
  ///
  /// Values and names are shared with this history, nothing is decoded but each key once: O(events).
  public func splittingKeys() -> History {
    guard !keyed else { return self }
    var split = History(keyed: true)
    split.values = values
    (split.functions, split.nodes, split.errors) = (functions, nodes, errors)
    for index in 0..<count { split.append(row(at: index)) }
    return split
  }

  private func row(at index: Int) -> Row {
    let (chunk, row) = (index / Self.chunkEvents, index % Self.chunkEvents)
    return Row(
      time: chunks[chunk].times[row], process: chunks[chunk].processes[row], type: type(at: index),
      function: chunks[chunk].functions[row], node: chunks[chunk].nodes[row], error: chunks[chunk].errors[row],
      value: word(at: index))
  }

  /// Gives every process the number that `renumber` says.
  mutating func renumberProcesses(_ renumber: (Int32) -> Int32) {
    processMax = -1
    for chunk in chunks.indices {
      for row in chunks[chunk].processes.indices {
        let number = renumber(chunks[chunk].processes[row])
        chunks[chunk].processes[row] = number
        processMax = max(processMax, number)
      }
    }
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
      value: key == Self.none ? payload : .keyed(keyTable.keys[key], payload),
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

  func functionID(at index: Int) -> UInt32 {
    chunks[index / Self.chunkEvents].functions[index % Self.chunkEvents]
  }

  public func function(at index: Int) -> String {
    functions[chunks[index / Self.chunkEvents].functions[index % Self.chunkEvents]]
  }

  /// The node that the event names, if it does.
  public func node(at index: Int) -> String? {
    let node = chunks[index / Self.chunkEvents].nodes[index % Self.chunkEvents]
    return node == Self.none ? nil : nodes[node]
  }

  /// What the event says went wrong, if it does.
  public func error(at index: Int) -> String? {
    let error = chunks[index / Self.chunkEvents].errors[index % Self.chunkEvents]
    return error == Self.none ? nil : errors[error]
  }

  /// The id of the node that the event names; nil where it names none.
  public func nodeID(at index: Int) -> UInt32? {
    let node = chunks[index / Self.chunkEvents].nodes[index % Self.chunkEvents]
    return node == Self.none ? nil : node
  }

  /// The nodes' names by id, in order of first appearance.
  public var nodeNames: [String] { (0..<nodes.count).map { nodes[UInt32($0)] } }

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

  /// The functions' names by id.
  var functionNames: [String] { (0..<functions.count).map { functions[UInt32($0)] } }

  /// Columns of one chunk, for loops over all events that read a few of them.
  struct ChunkColumns {
    var count: Int
    var processes: UnsafeBufferPointer<Int32>
    var types: UnsafeBufferPointer<UInt8>
    var functions: UnsafeBufferPointer<UInt32>
    var keys: UnsafeBufferPointer<UInt32>
    var values: UnsafeBufferPointer<UInt64>
  }

  /// Calls `body` with each chunk and the index of its first event. The columns live as long as the call.
  func forEachChunk(_ body: (ChunkColumns, _ base: Int) -> Void) {
    for (number, chunk) in chunks.enumerated() {
      chunk.processes.withUnsafeBufferPointer { processes in
        chunk.types.withUnsafeBufferPointer { types in
          chunk.functions.withUnsafeBufferPointer { functions in
            chunk.keys.withUnsafeBufferPointer { keys in
              chunk.values.withUnsafeBufferPointer { values in
                let columns = ChunkColumns(
                  count: types.count, processes: processes, types: types, functions: functions, keys: keys,
                  values: values)
                body(columns, number * Self.chunkEvents)
              }
            }
          }
        }
      }
    }
  }

  /// All events, decoded one by one.
  public var events: some Sequence<Event> { (0..<count).lazy.map { self[$0] } }
}

extension History.Chunk {
  fileprivate mutating func append(_ row: History.Row, _ key: UInt32) {
    times.append(row.time)
    processes.append(row.process)
    types.append(row.type.rawValue)
    functions.append(row.function)
    nodes.append(row.node)
    errors.append(row.error)
    keys.append(key)
    values.append(row.value.rawValue)
  }
}
