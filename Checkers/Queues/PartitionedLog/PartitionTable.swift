import Histories

/// The partitions of a log: by number or by name, which is one, as maps of a history have texts for keys.
struct PartitionTable {
  private var words = WordTable(tagBits: 3, directTag: ValueWord.intTag)
  /// By word, in order of first use: its partition.
  private var partitions: [UInt32] = []
  private var byName: [String: UInt32] = [:]
  private(set) var names: [String] = []

  var count: Int { names.count }

  /// The partition's dense id; nil if the word names none.
  mutating func id(_ word: ValueWord, _ values: ValueStore) -> UInt32? {
    guard word.isScalar, !word.isNull else { return nil }
    let known = Int(words.intern(word.rawValue, next: UInt32(truncatingIfNeeded: partitions.count)))
    if known < partitions.count { return partitions[known] == EventIndex.never ? nil : partitions[known] }
    let name = values.int(word).map { "\($0)" } ?? values.string(word)
    partitions.append(name.map { id(named: $0) } ?? EventIndex.never)
    return name == nil ? nil : partitions[known]
  }

  private mutating func id(named name: String) -> UInt32 {
    if let known = byName[name] { return known }
    let new = UInt32(truncatingIfNeeded: names.count)
    byName[name] = new
    names.append(name)
    return new
  }
}
