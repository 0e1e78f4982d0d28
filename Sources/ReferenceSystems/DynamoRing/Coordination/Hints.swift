/// Whose object under which key.
struct HintID: Hashable, Comparable, Sendable {
  var target: NodeID
  var key: Key

  static func < (a: HintID, b: HintID) -> Bool { a.target != b.target ? a.target < b.target : a.key < b.key }
}

/// "Nodes that receive hinted replicas will keep them in a separate local database that is scanned periodically" (§4.6).
struct Hints: Sendable {
  struct Entry: Sendable {
    var object: Object
    var hash: UInt64
    /// The batch after which the disk has it.
    var batch: PersistSequence
  }

  private var entries: [HintID: Entry] = [:]
  /// By target: keys in the order in which their next try is due; some may be gone.
  private var order: [NodeID: [Key]] = [:]

  var count: Int { entries.count }
  var identifiers: [HintID] { entries.keys.sorted() }

  subscript(id: HintID) -> Entry? { entries[id] }

  mutating func set(_ id: HintID, _ entry: Entry) {
    if entries.updateValue(entry, forKey: id) == nil { order[id.target, default: []].append(id.key) }
  }

  mutating func remove(_ id: HintID) { entries[id] = nil }

  /// The next keys to try, at most so many; they go to the end of the line.
  mutating func next(for target: NodeID, max count: Int) -> [Key] {
    guard var line = order[target], !line.isEmpty else { return [] }
    let keys = line.prefix(count).filter { entries[HintID(target: target, key: $0)] != nil }
    line = Array(line.dropFirst(count)) + keys
    order[target] = line
    return keys
  }

  /// All that is kept under a key, for whomever, and the batch after which the disk has it.
  func merged(_ key: Key) -> (Object, PersistSequence)? {
    let found = order.keys.sorted().compactMap { entries[HintID(target: $0, key: key)] }
    guard var object = found.first?.object else { return nil }
    for entry in found.dropFirst() { object.merge(entry.object) }
    return (object, found.reduce(0) { max($0, $1.batch) })
  }
}
