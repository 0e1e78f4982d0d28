/// An invocation with its completion.
public struct Operation: Hashable, Sendable {
  /// Index of the invocation in the history.
  public var invocation: Int
  /// Index of the completion; nil where none was recorded.
  public var completion: Int?
  /// How it ended; `info` too where no completion was recorded.
  public var outcome: EventType
  public var process: ProcessID
  public var function: String
  /// The object's key, where the history is keyed.
  public var key: Value?
  /// The invocation's value, without its key.
  public var input: Value
  /// The completion's value, without its key; null where there is none.
  public var output: Value
  public var node: String?
  public var error: String?
  /// Nanoseconds since the run's start.
  public var invokeTime: Int64
  public var completeTime: Int64?
}

/// What makes a sequence of events no history.
public struct PairingError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Index of the offending event.
  public let index: Int
  public let message: String

  public var description: String { "event \(index): \(message)" }
}

/// The client operations of a history, paired; in order of invocation.
///
/// Nemesis events are left out. An operation without a completion counts as `info`. What checkers read of every
/// operation is copied out of the history's columns once, into one row each.
public struct Operations: Sendable {
  static let none = UInt32.max

  /// One operation, 40 bytes: words and ids are those of the history's tables.
  struct Row: Sendable {
    var input: UInt64
    /// Null as long as there is no completion.
    var output: UInt64 = 0
    /// Event index of the invocation.
    var invocation: UInt32
    /// Event index of the completion, or none.
    var completion = Operations.none
    var function: UInt32
    var key: UInt32
    var process: Int32
    var outcome = EventType.info.rawValue
    /// Whether there is a completion that carries another key, or none.
    var changesKey = false
  }

  /// What is recorded of one operation, by itself.
  public struct Record: Sendable {
    let row: Row

    /// Event index of the invocation.
    public var invocation: UInt32 { row.invocation }
    /// Event index of the completion; nil where there is none.
    public var completion: UInt32? { row.completion == Operations.none ? nil : row.completion }
    /// How it ended; `info` too where no completion was recorded.
    public var outcome: EventType { EventType(rawValue: row.outcome) ?? .info }
    public var process: ProcessID { ProcessID(row.process) }
    /// The invocation's value, without its key.
    public var input: ValueWord { ValueWord(rawValue: row.input) }
    /// The completion's value, without its key; null where there is none.
    public var output: ValueWord { ValueWord(rawValue: row.output) }
    /// Whether there is a completion that carries another key than the invocation, or none.
    public var changesKey: Bool { row.changesKey }
  }

  public let history: History
  /// Event index of each operation's invocation.
  public private(set) var invocations: [UInt32] = []
  private(set) var rows: [Row] = []
  private let functionNames: [String]
  /// Positions by key id, in the order of compressed rows: the operations of key k are `byKey[starts[k]..<starts[k+1]]`.
  private var byKey: [UInt32] = []
  private var keyStarts: [UInt32] = []

  /// Pairs invocations and completions.
  ///
  /// - Throws: `PairingError` when a completion has no invocation, a process invokes while another of its operations is
  ///   open, or a completion names another function than its invocation.
  public init(_ history: History) throws(PairingError) {
    self.history = history
    functionNames = history.functionNames
    invocations.reserveCapacity(history.count / 2 + 1)
    rows.reserveCapacity(history.count / 2 + 1)
    var open = OpenOperations(history)
    var problem: PairingError?
    history.forEachChunk { chunk, base in
      for row in 0..<chunk.count where problem == nil && chunk.processes[row] != ProcessID.nemesis.rawValue {
        problem =
          chunk.types[row] == EventType.invoke.rawValue
          ? invoke(chunk, row, base + row, &open) : complete(chunk, row, base + row, &open)
      }
    }
    if let problem { throw problem }
    indexKeys()
  }

  @inline(__always)
  private mutating func invoke(
    _ chunk: History.ChunkColumns, _ row: Int, _ index: Int, _ open: inout OpenOperations
  ) -> PairingError? {
    let process = ProcessID(chunk.processes[row])
    guard open.invoke(process, UInt32(truncatingIfNeeded: rows.count)) else {
      return PairingError(index: index, message: "process \(process) invokes while its last operation is open")
    }
    invocations.append(UInt32(truncatingIfNeeded: index))
    rows.append(
      Row(
        input: chunk.values[row], invocation: UInt32(truncatingIfNeeded: index), function: chunk.functions[row],
        key: chunk.keys[row], process: chunk.processes[row]))
    return nil
  }

  @inline(__always)
  private mutating func complete(
    _ chunk: History.ChunkColumns, _ row: Int, _ index: Int, _ open: inout OpenOperations
  ) -> PairingError? {
    let process = ProcessID(chunk.processes[row])
    guard let position = open.complete(process).map({ Int($0) }) else {
      return PairingError(index: index, message: "process \(process) completes an operation that it never invoked")
    }
    guard rows[position].function == chunk.functions[row] else {
      return PairingError(
        index: index,
        message: "completes '\(functionNames[Int(chunk.functions[row])])', but the open operation is another")
    }
    rows[position].completion = UInt32(truncatingIfNeeded: index)
    rows[position].changesKey = chunk.keys[row] != rows[position].key
    rows[position].output = chunk.values[row]
    rows[position].outcome = chunk.types[row]
    return nil
  }

  public var count: Int { invocations.count }

  /// Event index of the completion, if there is one.
  public func completion(_ position: Int) -> Int? {
    rows[position].completion == Self.none ? nil : Int(rows[position].completion)
  }

  /// How it ended; `info` too where no completion was recorded.
  public func outcome(_ position: Int) -> EventType { EventType(rawValue: rows[position].outcome) ?? .info }

  public func function(_ position: Int) -> String { functionNames[Int(rows[position].function)] }
  public func function(_ record: Record) -> String { functionNames[Int(record.row.function)] }
  public func process(_ position: Int) -> ProcessID { ProcessID(rows[position].process) }
  /// The invocation's value, without its key.
  public func input(_ position: Int) -> ValueWord { ValueWord(rawValue: rows[position].input) }
  /// The completion's value, without its key; null where there is none.
  public func output(_ position: Int) -> ValueWord { ValueWord(rawValue: rows[position].output) }

  /// The id of its key in the history's `keys`; nil where it has none.
  public func keyID(_ position: Int) -> UInt32? {
    rows[position].key == Self.none ? nil : rows[position].key
  }

  /// The id of the key that its completion carries; nil where there is none.
  public func completionKeyID(_ position: Int) -> UInt32? {
    completion(position).flatMap { history.keyID(at: $0) }
  }

  /// Appends the operations at these positions, which one loop over scattered memory brings together.
  ///
  /// Nothing in that loop waits for what it loads, so that the processor fetches many rows at once: several times as
  /// fast as loading each where it is used, if other objects' operations lie between.
  @inlinable public func gather(_ positions: some Sequence<UInt32>, into records: inout [Record]) {
    for position in positions { records.append(record(Int(position))) }
  }

  public func record(_ position: Int) -> Record { Record(row: rows[position]) }

  public subscript(position: Int) -> Operation {
    let invocation = history[Int(invocations[position])]
    let completion = completion(position).map { history[$0] }
    let key = history.keyID(at: invocation.index).map { history.keys[$0] }
    return Operation(
      invocation: invocation.index, completion: completion?.index, outcome: completion?.type ?? .info,
      process: invocation.process, function: invocation.function, key: key,
      input: history.payload(at: invocation.index),
      output: completion.map { history.payload(at: $0.index) } ?? .null,
      node: completion?.node ?? invocation.node, error: completion?.error, invokeTime: invocation.time,
      completeTime: completion?.time)
  }

  /// Positions of the operations on the key with this id, in order of invocation.
  public func positions(key id: UInt32) -> ArraySlice<UInt32> {
    byKey[Int(keyStarts[Int(id)])..<Int(keyStarts[Int(id) + 1])]
  }

  /// Counting sort of the positions by key; operations without a key come under none.
  private mutating func indexKeys() {
    guard history.keyed else { return }
    keyStarts = [UInt32](repeating: 0, count: history.keys.count + 1)
    for row in rows where row.key != Self.none { keyStarts[Int(row.key) + 1] += 1 }
    for key in 0..<history.keys.count { keyStarts[key + 1] += keyStarts[key] }
    var next = keyStarts
    byKey = [UInt32](repeating: 0, count: Int(keyStarts.last ?? 0))
    for (position, row) in rows.enumerated() where row.key != Self.none {
      byKey[Int(next[Int(row.key)])] = UInt32(position)
      next[Int(row.key)] += 1
    }
  }
}

/// The open operation of each process: by position where process numbers are dense, as they nearly always are.
private struct OpenOperations {
  /// Processes below this are found by position.
  private let directEnd: Int
  private var direct: [UInt32]
  private var others: [ProcessID: UInt32] = [:]

  init(_ history: History) {
    directEnd = min(Int(history.processMax) + 1, 2 * history.count + 1024)
    direct = Array(repeating: Operations.none, count: max(directEnd, 0))
  }

  /// False if the process has an open operation.
  mutating func invoke(_ process: ProcessID, _ position: UInt32) -> Bool {
    let number = Int(process.rawValue)
    guard number < directEnd else { return others.updateValue(position, forKey: process) == nil }
    defer { direct[number] = position }
    return direct[number] == Operations.none
  }

  mutating func complete(_ process: ProcessID) -> UInt32? {
    let number = Int(process.rawValue)
    guard number < directEnd else { return others.removeValue(forKey: process) }
    defer { direct[number] = Operations.none }
    return direct[number] == Operations.none ? nil : direct[number]
  }
}
