import ProtocolKit

/// "A Merkle tree is a hash tree where leaves are hashes of the values of individual keys. Parent nodes higher in the tree
/// are hashes of their respective children" (§4.7). Here a leaf stands for the keys of which the hash ends alike, so that
/// the tree keeps its shape; each node has sixteen children.
public struct MerkleTree: Sendable {
  /// Children of an inner node.
  static let fanOut = 16
  /// Levels below the root.
  static let depth = 2
  /// Leaves of a tree.
  static let leafCount = 256

  /// By level from the root: the hashes of its nodes; zero for a node without keys.
  private var levels: [[UInt64]] = (0...MerkleTree.depth).map { level in
    Array(repeating: 0, count: level == 0 ? 1 : level == 1 ? MerkleTree.fanOut : MerkleTree.leafCount)
  }
  /// By leaf: its keys, in the order in which they came.
  private(set) var keys: [[Key]] = Array(repeating: [], count: MerkleTree.leafCount)

  /// Covers no key.
  public init() {}

  /// Equal if and, but for a collision of hashes, only if the keys and objects are.
  public var root: UInt64 { levels[0][0] }

  /// The leaf that stands for a key.
  static func leaf(of key: Key) -> Int { Int(key.position & UInt64(leafCount - 1)) }

  /// The hash of one node.
  func hash(level: Int, index: Int) -> UInt64 { levels[level][index] }

  /// How many nodes a level has.
  static func width(of level: Int) -> Int { level == 0 ? 1 : level == 1 ? fanOut : leafCount }

  /// The children of a node that is not a leaf.
  static func children(of index: Int) -> Range<Int> { index * fanOut..<(index + 1) * fanOut }

  /// An object changed from one hash to another; `old` is nil for a new key.
  public mutating func replace(_ key: Key, old: UInt64?, new: UInt64) {
    let leaf = Self.leaf(of: key)
    if old == nil { keys[leaf].append(key) }
    let place = key.position
    // Keys of one leaf are added up, as they have no order.
    if let old { levels[Self.depth][leaf] &-= mix64(place ^ mix64(old)) }
    levels[Self.depth][leaf] &+= mix64(place ^ mix64(new))
    var index = leaf
    for level in (0..<Self.depth).reversed() {
      index /= Self.fanOut
      levels[level][index] = Self.children(of: index).reduce(0) { mix64($0 &+ levels[level + 1][$1]) }
    }
  }
}
