import Histories

/// Decides whether two transactions both inserted, though each inserts only if the other's row is not there: G2.
///
/// `insert` of `[key, [a, b]]`, one of a and b null, reads the rows of the key in two tables and inserts into the one
/// of its number only if both are empty (the G2 workload of Jepsen, after Adya, "Weak consistency", 1999). In every serial
/// order the second of two inserts of a key finds the row of the first and gives up, so that two acknowledged ones are
/// an anti-dependency cycle; those of unknown outcome prove nothing.
public enum InsertPairChecker {
  public static let name = "adya-g2"
  /// Recorded in the result.
  public static let algorithm = "one insert a key"

  /// - Throws: `PairingError`; `MalformedHistory` for the first operation that is no such insert.
  public static func report(_ history: History) throws -> InvariantReport {
    let rows = try Operations(history)
    var log = FindingLog(history)
    var keys = InsertKeys(history)
    // By key: the position of the acknowledged insert, plus one.
    var inserted: [UInt32] = []
    var tally = (acknowledged: 0, unknown: 0)
    for position in 0..<rows.count {
      let key = try keys.id(rows, position)
      try history.values.withLists { lists throws(MalformedHistory) in try rows.requireEcho(position, lists) }
      while inserted.count <= key { inserted.append(0) }
      switch rows.outcome(position) {
      case .ok:
        tally.acknowledged += 1
        if inserted[key] == 0 {
          inserted[key] = UInt32(truncatingIfNeeded: position + 1)
        } else {
          add(Int(inserted[key]) - 1, position, rows, keys.value(key), &log)
        }
      case .fail: break
      case .info, .invoke: tally.unknown += 1
      }
    }
    return log.report(
      checker: name, algorithm: algorithm, unknown: tally.acknowledged == 0 ? "no insert was acknowledged" : nil,
      statistics: [
        ("keys", .int(Int64(inserted.count))), ("keys-inserted", .int(Int64(inserted.count { $0 > 0 }))),
        ("inserts-ok", .int(Int64(tally.acknowledged))), ("inserts-unknown", .int(Int64(tally.unknown))),
      ])
  }

  private static func add(
    _ first: Int, _ second: Int, _ rows: Operations, _ key: Value, _ log: inout FindingLog
  ) {
    log.add(.doubleInsert, key: key) { witnesses in
      let begins = [first, second].map { Int(rows.invocations[$0]) }
      let ends = [first, second].compactMap { rows.completion($0) }
      let names = [first, second].map { witnesses.name(Int(rows.invocations[$0]), rows.completion($0)) }
      return (
        "\(names[0]) and \(names[1]) both inserted, though each does so only if it finds no row of the key", begins,
        begins + ends
      )
    }
  }
}

/// The keys of the inserts, whether or not the history was split by them.
private struct InsertKeys {
  private let history: History
  private var words: [ValueWord] = []
  private var ids = WordTable(tagBits: 3, directTag: ValueWord.intTag)

  init(_ history: History) { self.history = history }

  /// The dense id of the operation's key.
  mutating func id(_ rows: Operations, _ position: Int) throws(MalformedHistory) -> Int {
    let values = history.values
    guard rows.function(position) == "insert" else { throw malformed(rows, position) }
    if history.keyed {
      guard let key = rows.keyID(position), isRow(rows.input(position)) else { throw malformed(rows, position) }
      try rows.requireSameKey(position)
      return Int(key)
    }
    guard let (key, row) = values.list(rows.input(position)).flatMap({ $0.count == 2 ? ($0[0], $0[1]) : nil }),
      key.isScalar, isRow(row)
    else { throw malformed(rows, position) }
    let id = ids.intern(key.rawValue, next: UInt32(words.count))
    if id == words.count { words.append(key) }
    return Int(id)
  }

  func value(_ id: Int) -> Value { history.keyed ? history.keys[UInt32(id)] : history.values.value(words[id]) }

  /// One of two ids is null.
  private func isRow(_ word: ValueWord) -> Bool {
    guard let pair = history.values.list(word), pair.count == 2 else { return false }
    return pair[0].isNull != pair[1].isNull
  }

  private func malformed(_ rows: Operations, _ position: Int) -> MalformedHistory {
    let event = Int(rows.invocations[position])
    return MalformedHistory(
      index: event,
      message: "expected 'insert' of [key, [a, null]] or [key, [null, b]], not '\(rows.function(position))' of "
        + "\(history[event].value)")
  }
}
