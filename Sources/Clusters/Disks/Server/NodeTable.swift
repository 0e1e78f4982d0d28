/// The inodes that the kernel knows of, by the numbers that it was told, with the names that lead to them.
///
/// A number stands for an inode beneath, whatever its names: hard links share one, so they share the kernel's cache.
struct NodeTable {
  static let root: UInt64 = 1

  struct Name: Hashable {
    var directory: UInt64
    var name: FileName
  }

  private struct Entry {
    var key: BackingFile.Key
    var names: [Name]
    /// How often the kernel was told the number; it forgets as many.
    var lookups: UInt64
  }

  private var entries: [UInt64: Entry]
  private var numbers: [BackingFile.Key: UInt64]
  private var children: [Name: UInt64] = [:]
  private var last = root

  init(root key: BackingFile.Key) {
    entries = [Self.root: Entry(key: key, names: [], lookups: 1)]
    numbers = [key: Self.root]
  }

  func key(_ number: UInt64) -> BackingFile.Key? { entries[number]?.key }

  /// How to get to an inode; nil when it is unlinked, or unknown.
  func path(_ number: UInt64) -> BackingPath? {
    var names: [FileName] = []
    var current = number
    while current != Self.root {
      guard let name = entries[current]?.names.last else { return nil }
      names.append(name.name)
      current = name.directory
    }
    return names.reversed().reduce(into: BackingPath()) { $0.append($1) }
  }

  func path(_ key: BackingFile.Key) -> BackingPath? { numbers[key].flatMap(path) }

  /// The kernel is told of the inode behind a name. Returns the number.
  mutating func remember(_ name: Name, _ key: BackingFile.Key) -> UInt64 {
    let number = numbers[key] ?? last + 1
    if children[name] != number { remove(name) }
    if entries[number] == nil {
      last = number
      numbers[key] = number
      entries[number] = Entry(key: key, names: [], lookups: 0)
    }
    if children[name] == nil {
      children[name] = number
      entries[number]?.names.append(name)
    }
    entries[number]?.lookups += 1
    return number
  }

  mutating func forget(_ number: UInt64, _ count: UInt64) {
    guard number != Self.root, let entry = entries[number] else { return }
    entries[number]?.lookups -= min(count, entry.lookups)
    guard count >= entry.lookups else { return }
    for name in entry.names { children[name] = nil }
    if numbers[entry.key] == number { numbers[entry.key] = nil }
    entries[number] = nil
  }

  /// A name is gone. An inode without a name keeps its number until the kernel forgets it, but the number beneath may be
  /// given to another one.
  mutating func remove(_ name: Name) {
    guard let number = children.removeValue(forKey: name), let entry = entries[number] else { return }
    let rest = entry.names.filter { $0 != name }
    entries[number]?.names = rest
    if rest.isEmpty && numbers[entry.key] == number { numbers[entry.key] = nil }
  }

  mutating func rename(_ from: Name, to: Name, exchanges: Bool) {
    let (moved, other) = (children[from], children[to])
    guard moved != other || moved == nil else { return }
    if let moved { entries[moved]?.names.removeAll { $0 == from } }
    if exchanges {
      if let other { entries[other]?.names.removeAll { $0 == to } }
      children[to] = nil
    } else {
      remove(to)
    }
    children[from] = nil
    if let moved { place(moved, to) }
    if let other, exchanges { place(other, from) }
  }

  private mutating func place(_ number: UInt64, _ name: Name) {
    children[name] = number
    entries[number]?.names.append(name)
  }
}
