import ProtocolKit

/// A sign of life: the greatest wins when two nodes compare what they heard.
public struct Heartbeat: Hashable, Sendable {
  /// Whose it is.
  public var node: NodeID
  /// How often the node was started on its data.
  public var life: UInt32
  /// Grows with every round of gossip in this life.
  public var count: UInt64

  /// One sign of life.
  public init(node: NodeID, life: UInt32, count: UInt64) {
    self.node = node
    self.life = life
    self.count = count
  }

  /// Whether the other is news to whoever knows this one.
  func isBefore(_ other: Heartbeat) -> Bool { life != other.life ? life < other.life : count < other.count }
}

/// Gossip (§4.8.1): "each node contacts a peer chosen at random every second and the two nodes efficiently reconcile".
extension DynamoNode {
  /// A round: this node's next heartbeat and all that it heard of, to one peer, suspected or not: who comes back must be
  /// found out.
  mutating func gossip() {
    heartbeats += 1
    nextGossip = now + configuration.gossipInterval
    guard let peer = random.pick(others) else { return }
    let heard = others.compactMap { detector.peers[$0]?.heartbeat }.filter { $0.count > 0 }
    send(.gossip([ownHeartbeat] + heard), to: peer)
  }

  var ownHeartbeat: Heartbeat { Heartbeat(node: configuration.id, life: life, count: heartbeats) }

  /// What a peer has heard.
  mutating func received(_ heartbeats: [Heartbeat]) {
    for heartbeat in heartbeats { detector.heard(heartbeat, at: now) }
  }
}
