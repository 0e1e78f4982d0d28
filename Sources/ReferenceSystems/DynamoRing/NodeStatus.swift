// What can be seen of a node from outside: for status pages and tests.
extension DynamoNode {
  /// What the node thinks of a member.
  public struct MemberStatus: Sendable {
    /// Which member.
    public let id: NodeID
    /// Whether messages to it are thought worth sending.
    public let isAlive: Bool
    /// The failure detector's φ; 0 for the node itself.
    public let suspicion: Double
  }

  /// All members, ascending.
  public func members(at now: Nanoseconds) -> [MemberStatus] {
    configuration.members.sorted().map {
      MemberStatus(id: $0, isAlive: detector.isAlive($0, at: now), suspicion: detector.suspicion(of: $0, at: now))
    }
  }

  /// Whether its life is on disk, so that it may take part.
  public var isReady: Bool { durability.persisted > 0 }
  /// Keys of its own ranges, deleted ones included.
  public var keyCount: Int { store.count }
  /// Objects that it keeps for others.
  public var hintCount: Int { hints.count }
  /// Requests under way.
  public var callCount: Int { calls.count }
  /// Equal for nodes that keep the same ranges and hold the same in them.
  public var stateHash: UInt64 { store.trees.reduce(0) { ($0 &* 31) &+ $1.root } }
  /// All keys of its own ranges, ascending.
  public var keys: [Key] { store.keys.sorted() }
  /// The tree of a range; without keys if the node does not keep it.
  public func tree(of range: RangeID) -> MerkleTree { store.trees[range] }
  /// What it holds under a key; nil before the key's first update arrived.
  public func object(at key: Key) -> Object? { store[key]?.object }
}
