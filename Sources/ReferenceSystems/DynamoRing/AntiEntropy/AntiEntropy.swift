import ProtocolKit

// Handling permanent failures (§4.7): "two nodes exchange the root of the Merkle tree corresponding to the key ranges that
// they host in common. Subsequently, using this tree traversal scheme the nodes determine if they have any differences and
// perform the appropriate synchronization action". Nobody remembers an exchange: each message says all that its receiver
// needs, and what is lost is found by the next exchange.
extension DynamoNode {
  /// Sends some peer the roots of all ranges that both keep.
  mutating func beginExchange() {
    nextExchange = now + configuration.antiEntropyInterval
    let peers = others.filter { isAlive($0) && !(sharedRanges[$0] ?? []).isEmpty }
    guard let peer = random.pick(peers) else { return }
    exchanges += 1
    let roots = (sharedRanges[peer] ?? []).map { treeHash(range: $0, level: 0, index: 0) }
    send(.hashes(roots), to: peer)
  }

  private func treeHash(range: RangeID, level: Int, index: Int) -> TreeHash {
    TreeHash(
      range: UInt32(range), level: UInt8(level), index: UInt16(index),
      hash: store.trees[range].hash(level: level, index: index))
  }

  /// Goes one level down where the trees differ; at the leaves, says which keys there are.
  mutating func compare(_ hashes: [TreeHash], with node: NodeID) {
    var below: [TreeHash] = []
    var leaves: [LeafKeys] = []
    for theirs in hashes where isShared(range: theirs.range, with: node) && theirs.isInTree {
      let (range, level, index) = (RangeID(theirs.range), Int(theirs.level), Int(theirs.index))
      guard store.trees[range].hash(level: level, index: index) != theirs.hash else { continue }
      if level < MerkleTree.depth {
        below += MerkleTree.children(of: index).map { treeHash(range: range, level: level + 1, index: $0) }
      } else if leaves.count < configuration.limits.exchangedObjectsMax {
        leaves.append(leafKeys(range: range, leaf: index))
      }
    }
    if !below.isEmpty { send(.hashes(below), to: node) }
    if !leaves.isEmpty { send(.leaves(leaves), to: node) }
  }

  private func isShared(range: UInt32, with node: NodeID) -> Bool {
    range < ring.rangeCount && ring.isReplica(node, of: RangeID(range))
      && ring.isReplica(configuration.id, of: RangeID(range))
  }

  private func leafKeys(range: RangeID, leaf: Int) -> LeafKeys {
    let items = store.trees[range].keys[leaf].map { LeafKeys.Item(key: $0, hash: store[$0]?.hash ?? 0) }
    return LeafKeys(range: UInt32(range), leaf: UInt16(leaf), items: items)
  }

  /// Sends what the other lacks something of, and asks for what this node may lack something of.
  mutating func compare(_ leaves: [LeafKeys], with node: NodeID) {
    var wanted: [Key] = []
    var offered: [Key] = []
    for theirs in leaves where isShared(range: theirs.range, with: node) && Int(theirs.leaf) < MerkleTree.leafCount {
      let hashes = Dictionary(theirs.items.map { ($0.key, $0.hash) }, uniquingKeysWith: { a, _ in a })
      wanted += theirs.items.filter { store[$0.key]?.hash != $0.hash }.map(\.key)
      offered += store.trees[RangeID(theirs.range)].keys[Int(theirs.leaf)].filter { store[$0]?.hash != hashes[$0] }
    }
    if !wanted.isEmpty { send(.wanted(Array(wanted.prefix(configuration.limits.exchangedObjectsMax))), to: node) }
    exchange(offered, with: node)
  }

  /// Sends these objects, within the limits of one step.
  mutating func exchange(_ keys: [Key], with node: NodeID) {
    var bytes = 0
    for key in keys.prefix(configuration.limits.exchangedObjectsMax) {
      guard let entry = store[key], ring.isReplica(node, of: ring.range(of: key)) else { continue }
      guard bytes < configuration.limits.exchangedBytesMax else { return }
      bytes += entry.object.byteCount
      whenDurable(entry.batch, .send(.exchange(key, entry.object), to: node))
    }
  }
}

extension TreeHash {
  /// Whether a tree has such a node.
  fileprivate var isInTree: Bool { level <= MerkleTree.depth && index < MerkleTree.width(of: Int(level)) }
}
