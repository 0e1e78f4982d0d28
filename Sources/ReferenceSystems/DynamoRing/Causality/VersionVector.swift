/// The name of one update: the replica that coordinated it and the how manyeth of that replica's updates of the key it
/// was. "Dotted Version Vectors" (Preguiça, Baquero, Almeida, Fonte, Gonçalves, 2010), §4.
public struct Dot: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// No update is named beyond this, and no client's context may claim one. A client's context cannot be held against
  /// what was really named, as a coordinator may not know the others' latest updates; so the bound is one that honest
  /// counting never reaches, that JSON numbers hold exactly, and that is far below what the coding of counters refuses.
  public static let counterMax: UInt64 = 1 << 53

  /// The coordinator.
  public var node: NodeID
  /// From 1 to ``counterMax``.
  public var counter: UInt64

  /// An update of a node.
  public init(node: NodeID, counter: UInt64) {
    self.node = node
    self.counter = counter
  }

  /// By node, then by counter.
  public static func < (a: Dot, b: Dot) -> Bool { a.node != b.node ? a.node < b.node : a.counter < b.counter }

  /// `node:counter`
  public var description: String { "\(node):\(counter)" }
}

/// For each node how many of its updates are covered: all from the first on. "A vector clock is effectively a list of
/// (node, counter) pairs" (§4.4 of the Dynamo paper). Never truncated, which the paper does at ten entries: there are as
/// many entries as replicas.
public struct VersionVector: Hashable, Sendable {
  /// The last covered update of each node that has one, ascending by node.
  public private(set) var last: [Dot] = []

  /// Covers nothing.
  public init() {}

  /// How many updates of a node are covered.
  public subscript(node: NodeID) -> UInt64 { last.first { $0.node == node }?.counter ?? 0 }

  /// Whether a dot is among those covered.
  public func contains(_ dot: Dot) -> Bool { dot.counter <= self[dot.node] }

  /// Covers all updates of the dot's node up to it.
  public mutating func cover(through dot: Dot) {
    if let position = last.firstIndex(where: { $0.node >= dot.node }) {
      if last[position].node == dot.node {
        last[position].counter = max(last[position].counter, dot.counter)
      } else {
        last.insert(dot, at: position)
      }
    } else {
      last.append(dot)
    }
  }

  /// Covers what either covers.
  public mutating func merge(_ other: VersionVector) {
    for dot in other.last { cover(through: dot) }
  }
}
