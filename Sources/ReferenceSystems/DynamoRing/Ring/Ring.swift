import ProtocolKit

/// A part of the ring: the keys from after one token up to the next. Numbered clockwise, the same on all nodes.
public typealias RangeID = Int

/// Consistent hashing with virtual nodes (§4.2): each node stands at several places of the ring, its tokens, and a key
/// belongs to the first nodes met on the way clockwise from the key's own place.
///
/// Tokens follow from the node's number and are not drawn at random, so that nodes that know the same members have the
/// same ring.
public struct Ring: Sendable {
  /// How many nodes have a copy of each key: the paper's N.
  public let replicas: Int
  /// Where the ranges end, ascending.
  let tokens: [UInt64]
  /// By range: all nodes in the order in which they are met, each once. The first ``replicas`` are the preference list.
  private let walks: [[NodeID]]

  /// The ring of these members, each at `virtualNodes` places.
  public init(members: [NodeID], virtualNodes: Int, replicas: Int) {
    var places: [(token: UInt64, node: NodeID)] = []
    for node in members {
      for virtual in 0..<UInt64(virtualNodes) { places.append((mix64(UInt64(node) << 32 | virtual), node)) }
    }
    places.sort { $0.token < $1.token }
    tokens = places.map(\.token)
    self.replicas = min(replicas, members.count)
    walks = places.indices.map { start in
      var met: [NodeID] = []
      for step in places.indices where met.count < members.count {
        let node = places[(start + step) % places.count].node
        if !met.contains(node) { met.append(node) }
      }
      return met
    }
  }

  /// How many ranges there are.
  public var rangeCount: Int { tokens.count }

  /// The range that a place of the ring is in: that of the first token from there on, round the end.
  public func range(at position: UInt64) -> RangeID {
    var low = 0
    var high = tokens.count
    while low < high {
      let middle = (low + high) / 2
      if tokens[middle] < position { low = middle + 1 } else { high = middle }
    }
    return low == tokens.count ? 0 : low
  }

  /// The range of a key.
  public func range(of key: Key) -> RangeID { range(at: key.position) }

  /// "The list of nodes that is responsible for storing a particular key" (§4.3).
  public func preferenceList(of range: RangeID) -> ArraySlice<NodeID> { walks[range].prefix(replicas) }

  /// The nodes behind the preference list, in the order in which they stand in for its members (§4.6).
  public func fallbacks(of range: RangeID) -> ArraySlice<NodeID> { walks[range].dropFirst(replicas) }

  /// Whether a node keeps the keys of a range.
  public func isReplica(_ node: NodeID, of range: RangeID) -> Bool { preferenceList(of: range).contains(node) }

  /// The ranges that two nodes both keep.
  public func ranges(sharedBy a: NodeID, _ b: NodeID) -> [RangeID] {
    walks.indices.filter { isReplica(a, of: $0) && isReplica(b, of: $0) }
  }
}
