/// A counter that goes up and down: each replica counts what it was told itself, in two numbers that only grow (Shapiro,
/// Preguiça, Baquero, Zawirski: "A comprehensive study of Convergent and Commutative Replicated Data Types", 2011, §3.1.3).
public struct PNCounter: Hashable, Sendable {
  /// What one replica counted.
  public struct Entry: Hashable, Sendable {
    /// Nobody else changes it.
    public var node: NodeID
    /// The sum of what was added.
    public var added: UInt64
    /// The sum of what was subtracted.
    public var subtracted: UInt64
  }

  /// The greatest sum that an entry may reach.
  public static let sumMax: UInt64 = 1 << 53

  /// Ascending by node.
  public internal(set) var entries: [Entry] = []

  /// Nothing was counted.
  public init() {}

  /// What was added, less what was subtracted.
  public var value: Int64 { entries.reduce(0) { $0 &+ Int64($1.added) &- Int64($1.subtracted) } }

  /// The entry of a node; zero if it has none.
  subscript(node: NodeID) -> Entry {
    get { entries.first { $0.node == node } ?? Entry(node: node, added: 0, subtracted: 0) }
    set {
      let position = entries.firstIndex { $0.node >= node } ?? entries.count
      if position < entries.count, entries[position].node == node {
        entries[position] = newValue
      } else {
        entries.insert(newValue, at: position)
      }
    }
  }

  /// Of each entry the greater: the later, as its node only adds to it.
  mutating func merge(_ other: PNCounter) {
    for theirs in other.entries {
      var entry = self[theirs.node]
      entry.added = max(entry.added, theirs.added)
      entry.subtracted = max(entry.subtracted, theirs.subtracted)
      self[theirs.node] = entry
    }
  }
}
