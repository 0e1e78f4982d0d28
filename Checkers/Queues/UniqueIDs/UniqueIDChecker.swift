import Histories

/// Decides whether ids that were given out are all different (the unique-ids workload of Jepsen).
///
/// `generate` returns an id: any value but null. Only acknowledged ones count: what an operation of unknown outcome was
/// given nobody knows, and a second one of the same id stays one whatever that was.
public enum UniqueIDChecker {
  public static let name = "unique-ids"
  /// The only claim.
  public static let promise = "unique-ids"
  /// Recorded in the result.
  public static let algorithm = "ids given out once"

  /// Statistics tell the range of ids that are integers, which says how dense they are. O(n).
  ///
  /// - Throws: `PairingError`; `MalformedHistory` for the first operation that is no `generate`, or that returns null.
  public static func report(_ history: History) throws -> InvariantReport {
    try history.requireWhole("a source of ids")
    let rows = try Operations(history)
    var log = FindingLog(history)
    var ids = GivenIDs(history)
    var attempted = 0
    for position in 0..<rows.count {
      guard rows.function(position) == "generate" else {
        throw MalformedHistory(
          index: Int(rows.invocations[position]),
          message: "expected the operation 'generate', not '\(rows.function(position))'")
      }
      attempted += 1
      guard rows.outcome(position) == .ok, let completion = rows.completion(position) else { continue }
      try ids.add(rows.output(position), UInt32(truncatingIfNeeded: position), completion)
    }
    ids.report(rows, &log)
    return log.report(
      checker: name, algorithm: algorithm, unknown: ids.given == 0 ? "no id was given out" : nil,
      statistics: [("attempted", .int(Int64(attempted)))] + ids.statistics)
  }
}

/// The ids of a history, each with who got it.
private struct GivenIDs {
  private let history: History
  private var scalars = WordTable(tagBits: 3, directTag: ValueWord.intTag)
  /// Lists and maps have a word each, whether they are equal or not.
  private var others: [Value: UInt32] = [:]
  /// By id: its value, and the position of the first operation that got it.
  private var ids: [(word: ValueWord, first: UInt32)] = []
  /// Ids with each further operation that got them.
  private var again: [(id: UInt32, position: UInt32)] = []
  private var range: ClosedRange<Int64>?

  /// How many were given out, the same ones included.
  var given: Int { ids.count + again.count }

  init(_ history: History) { self.history = history }

  mutating func add(_ word: ValueWord, _ position: UInt32, _ completion: Int) throws(MalformedHistory) {
    if word.isNull { throw MalformedHistory(index: completion, message: "expected an id, not null") }
    let next = UInt32(truncatingIfNeeded: ids.count)
    let id: UInt32
    if word.isScalar {
      id = scalars.intern(word.rawValue, next: next)
    } else {
      let value = history.values.value(word)
      id = others[value] ?? next
      others[value] = id
    }
    if id < next { return again.append((id, position)) }
    ids.append((word, position))
    if let number = history.values.int(word) {
      range = range.map { min($0.lowerBound, number)...max($0.upperBound, number) } ?? number...number
    }
  }

  /// One finding for each id that was given out more than once.
  func report(_ rows: Operations, _ log: inout FindingLog) {
    var counts = [UInt32](repeating: 0, count: ids.count)
    for (id, position) in again {
      counts[Int(id)] += 1
      if counts[Int(id)] == 1 { report(id, position, rows, &log) }
    }
  }

  private func report(_ id: UInt32, _ position: UInt32, _ rows: Operations, _ log: inout FindingLog) {
    log.add(.duplicateID) { witnesses in
      let (word, first) = ids[Int(id)]
      let both = [Int(first), Int(position)]
      let names = both.map { witnesses.name(Int(rows.invocations[$0]), rows.completion($0)) }
      let times = again.count { $0.id == id } + 1
      return (
        "\(names[0]) and \(names[1]) both got \(history.values.value(word))\(times > 2 ? ", \(times) in all did" : "")",
        both.map { Int(rows.invocations[$0]) },
        both.flatMap { [Int(rows.invocations[$0]), rows.completion($0)].compactMap { $0 } }
      )
    }
  }

  var statistics: [(name: String, value: Value)] {
    let doubled = Set(again.map(\.id)).count
    let counts: [(name: String, value: Value)] = [
      ("acknowledged", .int(Int64(given))), ("different", .int(Int64(ids.count))), ("duplicated", .int(Int64(doubled))),
    ]
    return counts
      + (range.map { [("smallest", .int($0.lowerBound)), ("greatest", .int($0.upperBound))] } ?? [])
  }
}
