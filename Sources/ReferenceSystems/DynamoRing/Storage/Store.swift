/// The objects of this node's ranges, in memory, and a hash tree over each range.
struct Store: Sendable {
  /// An object as this node holds it.
  struct Entry: Sendable {
    /// The merge of all that came.
    var object: Object
    /// Equal for equal objects.
    var hash: UInt64
    /// The batch after which the disk has it.
    var batch: PersistSequence
  }

  private var entries: [Key: Entry] = [:]
  /// What all objects would take on disk, nearly.
  private(set) var byteCount = 0
  /// By range; those that are not this node's stay empty.
  private(set) var trees: [MerkleTree]

  /// Holds nothing yet.
  init(ranges: Int) { trees = Array(repeating: MerkleTree(), count: ranges) }

  /// How many keys it holds, deleted ones included.
  var count: Int { entries.count }

  /// nil before the key's first update arrived here.
  subscript(key: Key) -> Entry? { entries[key] }

  /// All keys, in no order.
  var keys: Dictionary<Key, Entry>.Keys { entries.keys }

  /// Puts an object in the place of the one before.
  mutating func set(_ key: Key, _ entry: Entry, in range: RangeID) {
    let old = entries.updateValue(entry, forKey: key)
    byteCount += entry.object.byteCount - (old?.object.byteCount ?? -key.name.count)
    guard old?.hash != entry.hash else { return }
    trees[range].replace(key, old: old?.hash, new: entry.hash)
  }
}

extension Object {
  /// A hash of what the object holds.
  public var hash: UInt64 { digest(of: encoded(), seed: 0) }
}
