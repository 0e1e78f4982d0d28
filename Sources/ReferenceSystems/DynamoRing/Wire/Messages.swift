/// Names what a coordinator waits for: never used twice by a node, over all its lives.
public typealias CallID = UInt64

/// What nodes say to each other.
public enum Message: Hashable, Sendable {
  /// Coordinator to replica: take in this object (§4.5, put). Answered ``done(_:)`` when it is on disk.
  case store(CallID, Key, Object)
  /// Coordinator to a node behind the preference list: keep this object for `target` (§4.6). Answered ``done(_:)`` when it
  /// is on disk.
  case hint(CallID, Key, Object, target: NodeID)
  /// Coordinator to a replica whose answer to a read lacked something: take in this object. Answered ``done(_:)``.
  case repair(CallID, Key, Object)
  /// The object that came under this number is on disk.
  case done(CallID)
  /// Coordinator to replica: what do you hold (§4.5, get)?
  case fetch(CallID, Key)
  /// A replica's answer, of what is on its disk; nil if it holds nothing.
  case fetched(CallID, Object?)
  /// An object that was kept for the receiver while it did not answer (§4.6).
  case handoff(Key, Object)
  /// The object of this hash that was kept for the sender is on its disk.
  case handedOff(Key, hash: UInt64)
  /// Nodes of one level of hash trees (§4.7); the receiver answers where its own differ.
  case hashes([TreeHash])
  /// The keys of leaves that differ, with the hashes of their objects, for the receiver to compare.
  case leaves([LeafKeys])
  /// An object that the receiver lacks something of.
  case exchange(Key, Object)
  /// The sender lacks something of these objects.
  case wanted([Key])
  /// The latest heartbeats that the sender knows, its own first (§4.8.1).
  case gossip([Heartbeat])
  /// A node that is no replica of the key passes on what its client asked for, to this life of the receiver, and the latest
  /// time it knows.
  case forward(CallID, Operation, life: UInt32, clock: Timestamp)
  /// What became of it, and the latest time that the coordinator knows.
  case forwarded(CallID, Outcome, clock: Timestamp)
}

/// The hash of one node of the tree of a range.
public struct TreeHash: Hashable, Sendable {
  /// Which tree.
  public var range: UInt32
  /// Levels below the root.
  public var level: UInt8
  /// Place within the level.
  public var index: UInt16
  /// Zero if it covers no key.
  public var hash: UInt64
}

/// What a node holds under one leaf.
public struct LeafKeys: Hashable, Sendable {
  /// A key and the hash of its object.
  public struct Item: Hashable, Sendable {
    var key: Key
    var hash: UInt64
  }

  /// Which tree.
  public var range: UInt32
  /// Which of its leaves.
  public var leaf: UInt16
  /// In any order.
  public var items: [Item]
}
