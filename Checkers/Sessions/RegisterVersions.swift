import Histories

/// One register by its versions: what wrote each, what read each. Every value is written once at most, so that a read
/// tells which version it saw.
struct RegisterVersions {
  /// A value that the register was given; the first is the one that it held before.
  struct Version {
    /// Of the write's invocation; -1 for the first version.
    var began: Int64
    /// The event from which on it was certainly written: the earliest completion of its write and of the reads that saw
    /// it. `never` where nothing tells.
    var known: Int64
    /// The event in which the latest read of it began; -1 where there is none.
    var lastRead: Int64 = -1
    /// Whether its write failed.
    var isFailed = false
  }

  /// A completed read, or the comparison of a compare-and-set.
  struct Read {
    var invocation: Int64
    var completion: Int64
    var version: UInt32
  }

  /// After every event.
  static let never = Int64.max

  let history: History
  /// The object; nil where the history holds one only.
  let key: Value?
  private(set) var versions: [Version] = []
  /// In order of invocation.
  private(set) var reads: [Read] = []
  /// Reads of a value that nobody had begun to write before they completed, or that only a failed write wrote; the
  /// value's number is then none of `versions`, or that of a failed one.
  private(set) var unwritten: [(read: Operations.Record, version: UInt32)] = []
  private var values: ValueTable

  /// Calls the body with each register of the history in turn, in the order of their first operations.
  ///
  /// - Parameter initial: what each holds at first.
  /// - Throws: `PairingError`; `MalformedHistory` for the first operation that is none of a register, and for a value
  ///   that is written twice; what the body throws.
  static func forEach(
    _ history: History, initial: Value, _ body: (RegisterVersions) throws(MalformedHistory) -> Void
  ) throws {
    let rows = try Operations(history)
    try history.values.withLists { lists throws(MalformedHistory) in
      guard history.keyed else {
        return try body(RegisterVersions(rows, 0..<rows.count, key: nil, initial, lists))
      }
      for key in 0..<UInt32(history.keys.count) {
        let positions = rows.positions(key: key).lazy.map { Int($0) }
        try body(RegisterVersions(rows, positions, key: history.keys[key], initial, lists))
      }
    }
  }

  private init(
    _ rows: Operations, _ positions: some Collection<Int>, key: Value?, _ initial: Value, _ lists: ListWords
  ) throws(MalformedHistory) {
    history = rows.history
    self.key = key
    values = ValueTable(rows.history.values)
    _ = values.intern(initial)
    versions.append(Version(began: -1, known: -1))
    for position in positions { try appendWrite(rows, position, lists) }
    for position in positions { try appendRead(rows, position, lists) }
  }

  private mutating func appendWrite(
    _ rows: Operations, _ position: Int, _ lists: ListWords
  ) throws(MalformedHistory) {
    guard let value = try RegisterAccess(rows, position, lists).written else { return }
    let record = rows.record(position)
    let id = Int(values.intern(value))
    let isFailed = record.outcome == .fail
    if id < versions.count {
      if isFailed { return }
      guard versions[id].isFailed else { throw repeated(id, record) }
    } else {
      versions.append(Version(began: 0, known: 0))
    }
    let acknowledged = record.outcome == .ok ? record.completion.map { Int64($0) } ?? Self.never : Self.never
    versions[id] = Version(began: Int64(record.invocation), known: acknowledged, isFailed: isFailed)
  }

  private func repeated(_ id: Int, _ record: Operations.Record) -> MalformedHistory {
    let before = id == 0 ? "it is the first value" : "first at event \(versions[id].began)"
    return MalformedHistory(
      index: Int(record.invocation),
      message: "\(value(UInt32(id))) is written again (\(before)): what a read saw is only known if every write has a "
        + "value of its own")
  }

  private mutating func appendRead(
    _ rows: Operations, _ position: Int, _ lists: ListWords
  ) throws(MalformedHistory) {
    let record = rows.record(position)
    guard record.outcome == .ok, let completion = record.completion.map({ Int64($0) }),
      let value = try RegisterAccess(rows, position, lists).seen
    else { return }
    let id = Int(values.intern(value))
    guard id < versions.count, !versions[id].isFailed, versions[id].began < completion else {
      unwritten.append((record, UInt32(id)))
      return
    }
    versions[id].known = min(versions[id].known, completion)
    versions[id].lastRead = max(versions[id].lastRead, Int64(record.invocation))
    reads.append(Read(invocation: Int64(record.invocation), completion: completion, version: UInt32(id)))
  }

  /// The version's value.
  func value(_ version: UInt32) -> Value { values[version] }
}
