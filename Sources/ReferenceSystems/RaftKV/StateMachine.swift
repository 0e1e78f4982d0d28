import ProtocolKit

/// The replicated key-value map, and what clients did to it last. The same commands in the same order give the same map on every server.
public struct StateMachine: Sendable {
  private(set) var cells: [Bytes: Cell] = [:]
  /// What named commands are compared with.
  private(set) var sessions: Sessions
  private var cellsHash: UInt64 = 0

  init(_ limits: SessionLimits = SessionLimits()) { sessions = Sessions(limits) }

  /// The state that a snapshot holds.
  init(cells: [Bytes: Cell], sessions: Sessions) {
    self.cells = cells
    self.sessions = sessions
    cellsHash = cells.values.reduce(0) { $0 ^ $1.hash }
  }

  /// With ``RaftBug/snapshotLosesSessions`` only.
  var withoutSessions: StateMachine { StateMachine(cells: cells, sessions: Sessions(sessions.limits)) }

  /// Digest of the whole state, kept up to date in constant time: the exclusive or of a hash of each pair and session. It
  /// does not depend on the dictionary's order, so equal states have equal hashes on all servers.
  public var stateHash: UInt64 { cellsHash ^ sessions.hash }

  /// Keys that are present.
  public var count: Int { cells.count }

  /// What `key` holds; nil when it is absent.
  public func value(of key: Bytes) -> StoredValue? { cells[key]?.value }

  /// The answer to a read of `key`.
  func read(_ key: Bytes) -> Outcome {
    switch value(of: key) {
    case .register(let value): .value(value)
    case .list(let elements): .list(elements)
    case nil: .notFound
    }
  }

  /// The answer to what changes nothing.
  func answer(to query: Query) -> Outcome {
    switch query {
    case .key(let key): read(key)
    case .transaction(let transaction): evaluate(transaction, at: 0).outcome
    }
  }

  /// Applies the command of entry `index` unless it is a repetition, and gives its answer: "if it receives a command whose
  /// serial number has already been executed, it responds immediately without re-executing the request" (§8).
  mutating func apply(_ command: Command, id: CommandID?, at index: LogIndex) -> Outcome {
    guard let id else { return apply(command, at: index) }
    switch sessions.lookup(id) {
    case .done(let outcome): return outcome
    case .forgotten: return .forgotten
    case .new:
      let outcome = apply(command, at: index)
      sessions.record(id, outcome, at: index)
      return outcome
    }
  }

  /// Applies the command of entry `index`, whatever was applied before.
  mutating func apply(_ command: Command, at index: LogIndex) -> Outcome {
    switch command {
    case .put(let key, let value):
      set(key, to: Cell(key: key, register: value, at: index))
      return .written
    case .cas(let key, let from, let to):
      let current = value(of: key)
      if current == nil, from != nil { return .notFound }
      guard current == from.map(StoredValue.register) else { return .compareFailed }
      set(key, to: Cell(key: key, register: to, at: index))
      return .written
    case .transaction(let transaction):
      let evaluation = evaluate(transaction, at: index)
      // Their order does not matter: the keys differ.
      for (key, cell) in evaluation.changes { set(key, to: cell) }
      return evaluation.outcome
    }
  }

  private mutating func set(_ key: Bytes, to cell: Cell) {
    if let old = cells.updateValue(cell, forKey: key) { cellsHash ^= old.hash }
    cellsHash ^= cell.hash
  }
}

/// What the map keeps of one key.
struct Cell: Sendable {
  private(set) var value: StoredValue
  /// The entry that gave the key its value.
  private(set) var modifiedAt: LogIndex
  /// Bytes of the value.
  private(set) var byteCount: Int
  /// FNV-1a over the length-prefixed key and the value. It can be continued, so an append costs only its element.
  private var digest: UInt64

  init(key: Bytes, register value: Bytes, at index: LogIndex) {
    self.value = .register(value)
    modifiedAt = index
    byteCount = value.count
    digest = Self.digest(of: key, kind: 0)
    fold(value)
  }

  /// A list with its first element.
  init(key: Bytes, first element: Bytes, at index: LogIndex) {
    value = .list([])
    modifiedAt = index
    byteCount = 0
    digest = Self.digest(of: key, kind: 1 << 63)
    append(element, to: [], at: index)
  }

  /// As it was before it was written down; nil for an empty list, which no key holds.
  init?(key: Bytes, _ value: StoredValue, at index: LogIndex) {
    switch value {
    case .register(let bytes): self.init(key: key, register: bytes, at: index)
    case .list(let elements):
      guard let first = elements.first else { return nil }
      self.init(key: key, first: first, at: index)
      for element in elements.dropFirst() {
        fold(element: element)
        byteCount += element.count
      }
      self.value = value
    }
  }

  /// This list with one more element; nil when the value is no list.
  func appending(_ element: Bytes, at index: LogIndex) -> Cell? {
    guard case .list(let elements) = value else { return nil }
    var longer = self
    longer.append(element, to: elements, at: index)
    return longer
  }

  /// Whether this is a list longer than allowed.
  var exceedsListLimits: Bool {
    guard case .list(let elements) = value else { return false }
    return elements.count > ListLimits.elementsMax || byteCount > ListLimits.bytesMax
  }

  /// Finished with a mixer, because the exclusive or of hashes needs independent bits.
  var hash: UInt64 { mix64(digest) }

  private mutating func append(_ element: Bytes, to elements: [Bytes], at index: LogIndex) {
    value = .list(elements + [element])
    modifiedAt = index
    byteCount += element.count
    fold(element: element)
  }

  /// The length keeps [1,2] apart from [12].
  private mutating func fold(element: Bytes) {
    digest = (digest ^ UInt64(element.count)) &* Self.prime
    fold(element)
  }

  private static let prime: UInt64 = 0x100_0000_01B3

  private static func digest(of key: Bytes, kind: UInt64) -> UInt64 {
    var digest: UInt64 = 0xCBF2_9CE4_8422_2325 ^ UInt64(key.count) ^ kind
    for byte in key { digest = (digest ^ UInt64(byte)) &* prime }
    return digest
  }

  private mutating func fold(_ bytes: Bytes) {
    for byte in bytes { digest = (digest ^ UInt64(byte)) &* Self.prime }
  }
}
